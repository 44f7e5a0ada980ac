import { readFileSync } from 'node:fs'

import { SCOPES, type Scope } from '../../core/principal.ts'
import type { operations } from './openapi.d.ts'

/** The operations of `openapi.yaml`. */
export type OperationId = keyof operations

/** A JSON Schema as it stands in the contract. */
export type Schema = boolean | { readonly [keyword: string]: unknown }

export interface ParameterObject {
  name: string
  in: 'query' | 'path' | 'header'
  required?: boolean
  description?: string
  schema: Schema
  example?: unknown
}

export interface MediaObject {
  schema: Schema
  example?: unknown
  examples?: Readonly<Record<string, { summary?: string; value?: unknown; $ref?: string }>>
}

export interface ResponseObject {
  description: string
  headers?: Readonly<Record<string, unknown>>
  content?: Readonly<Record<string, MediaObject>>
}

interface OperationObject {
  operationId: OperationId
  tags: readonly string[]
  summary: string
  description: string
  security?: readonly unknown[]
  'x-scope'?: string
  'x-rate-limit'?: string
  'x-foreign-query'?: boolean
  'x-person'?: boolean
  parameters?: readonly (ParameterObject | Reference)[]
  requestBody?: { required: boolean; description?: string; content: Readonly<Record<string, MediaObject>> }
  responses: Readonly<Record<string, ResponseObject | Reference>>
}

interface Reference {
  $ref: string
}

type PathItem = Readonly<Partial<Record<Method, OperationObject>>> & { readonly parameters?: readonly (ParameterObject | Reference)[] }

/** As much of an OpenAPI 3.1 document as `openapi.yaml` uses; `redocly lint` holds it to the standard. */
export interface OpenApiDocument {
  info: { title: string; version: string; summary: string; description: string }
  tags: readonly { name: string; description: string }[]
  paths: Readonly<Record<string, PathItem>>
  components: { schemas: Readonly<Record<string, Schema>> }
}

export const METHODS = ['get', 'put', 'post', 'delete'] as const
export type Method = (typeof METHODS)[number]

/** `any`: everybody who is known may ask, and the operation shows or changes only what is theirs. */
export type OperationScope = Scope | 'any'

/** One operation with its references resolved, as far as the service needs it. */
export interface Operation {
  id: OperationId
  method: Method
  /** Path template, `/v1/decisions/{id}`. */
  path: string
  tag: string
  summary: string
  description: string
  /** The scope that a token needs; `any` if every valid token will do; undefined if the operation is public. */
  scope: OperationScope | undefined
  /** True where a person who logged in needs no scope: what is asked for is their own, or refused. */
  openToPeople: boolean
  /** False for what must be answered however often it is asked: only those pay whom it doesn't let in. */
  rateLimited: boolean
  parameters: readonly ParameterObject[]
  /** True where others add parameters of their own, which are ignored. */
  foreignQuery: boolean
  /** `policy`: a form of files or an archive. `calendar`: where iCalendar text may stand for the JSON document `{"ics": TEXT}`. */
  body: { kind: 'json' | 'report' | 'policy'; required: boolean; media: MediaObject; calendar: boolean } | undefined
  responses: Readonly<Record<string, ResponseObject>>
}

export interface ContractDocument {
  document: OpenApiDocument
  operations: readonly Operation[]
}

const CONTRACT_FILE = new URL('../../../openapi.yaml', import.meta.url)
/** The same, derived by `scripts/openapi.ts`. */
const JSON_FORM = new URL('openapi.json', import.meta.url)

/** The contract as it is published. */
export function readContractText(): string {
  return readFileSync(CONTRACT_FILE, 'utf8')
}

/** Reads the contract. @throws {Error} if an operation that isn't public names no known scope */
export function readContract(): ContractDocument {
  const document = JSON.parse(readFileSync(JSON_FORM, 'utf8')) as OpenApiDocument
  return { document, operations: Object.entries(document.paths).flatMap(([path, item]) => operationsOf(document, path, item)) }
}

function operationsOf(document: OpenApiDocument, path: string, item: PathItem): Operation[] {
  return METHODS.flatMap((method) => {
    const operation = item[method]
    if (!operation) return []
    const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((each) => resolve<ParameterObject>(document, each))
    return {
      id: operation.operationId,
      method,
      path,
      tag: operation.tags[0] ?? '',
      summary: operation.summary,
      description: operation.description,
      scope: scopeOf(operation),
      openToPeople: operation['x-person'] === true,
      rateLimited: isRateLimited(operation),
      parameters,
      foreignQuery: operation['x-foreign-query'] === true,
      body: bodyOf(operation),
      responses: Object.fromEntries(
        Object.entries(operation.responses).map(([status, response]) => [status, resolve<ResponseObject>(document, response)]),
      ),
    }
  })
}

/** Public only if the contract says so with an empty `security`; a forgotten scope must not open anything. */
function scopeOf(operation: OperationObject): OperationScope | undefined {
  if (operation.security?.length === 0) return undefined
  if (operation['x-scope'] === 'any') return 'any'
  const scope = SCOPES.find((known) => known === operation['x-scope'])
  if (!scope) throw new Error(`openapi.yaml: ${operation.operationId} is not public and names no known x-scope`)
  return scope
}

/** Limited unless the contract says otherwise. */
function isRateLimited(operation: OperationObject): boolean {
  const limit = operation['x-rate-limit']
  if (limit === undefined || limit === 'none') return limit === undefined
  throw new Error(`openapi.yaml: ${operation.operationId} has an x-rate-limit other than none`)
}

function bodyOf({ requestBody }: OperationObject): Operation['body'] {
  const json = requestBody?.content['application/json']
  const required = requestBody?.required === true
  if (json) return { kind: 'json', required, media: json, calendar: requestBody?.content['text/calendar'] !== undefined }
  const policy = requestBody?.content['multipart/form-data']
  if (policy) return { kind: 'policy', required, media: policy, calendar: false }
  const report = requestBody?.content['*/*']
  return report && { kind: 'report', required, media: report, calendar: false }
}

/** Follows a reference within the document, `#/components/…`. */
export function resolve<Target>(document: OpenApiDocument, value: Target | Reference): Target {
  if (!isReference(value)) return value
  let target: unknown = document
  for (const key of value.$ref.slice(2).split('/')) target = (target as Record<string, unknown> | undefined)?.[unescapePointer(key)]
  if (target === undefined) throw new Error(`openapi.yaml: ${value.$ref} leads nowhere`)
  return resolve(document, target as Target | Reference)
}

function isReference(value: unknown): value is Reference {
  return typeof value === 'object' && value !== null && '$ref' in value && typeof value.$ref === 'string'
}

/** One token of a JSON pointer (RFC 6901, section 4). */
export function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}
