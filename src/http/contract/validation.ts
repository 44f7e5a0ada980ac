import { Ajv2020, type ErrorObject, type Options, type ValidateFunction } from 'ajv/dist/2020.js'

import { AppError } from '../../core/app-error.ts'
import { parseInstant } from '../../core/time.ts'
import { unescapePointer, type ContractDocument, type Operation, type OperationId, type Schema } from './document.ts'

export type ContractErrorCode = 'invalid_parameter' | 'invalid_body'

/** What a request has to fit, compiled once. Query and path values become what their schemas say; bodies are left as they are. */
export interface RequestValidator {
  /** @throws {AppError} `invalid_parameter`, naming the parameter; unknown ones are refused */
  query(query: Record<string, unknown>): void
  /** @throws {AppError} `invalid_parameter` */
  path(parameters: Record<string, unknown>): void
  /** @throws {AppError} `invalid_body`, naming the field; unknown ones are refused where the contract closes the object */
  body(body: unknown): void
}

/** Keywords of OpenAPI that say nothing about validity. */
const ANNOTATIONS = ['example', 'x-scope']

/** Ajv as this contract needs it; the contract's schemas are reachable as `openapi#/$defs/…`. */
export function contractAjv(contract: ContractDocument, options: Options): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    strictTypes: false,
    verbose: true,
    useDefaults: true,
    validateSchema: false,
    ...options,
  })
  ajv.addFormat('date-time', (instant) => parseInstant(instant) !== undefined)
  ajv.addVocabulary(ANNOTATIONS)
  const $defs: Record<string, Schema> = {}
  for (const [name, schema] of Object.entries(contract.document.components.schemas)) $defs[name] = anchored(schema)
  ajv.addSchema({ $id: 'openapi', $defs })
  return ajv
}

/**
 * The validators of every operation, by operation id. Each is compiled when it is first used, since compiling all of them takes longer
 * than the rest of the start; `compileAtOnce` names those whose first request shall not wait.
 */
export function requestValidators(
  contract: ContractDocument,
  compileAtOnce: readonly OperationId[],
): ReadonlyMap<string, RequestValidator> {
  const strings = contractAjv(contract, { coerceTypes: true })
  const values = contractAjv(contract, { coerceTypes: false })
  return new Map(
    contract.operations.map((operation) => {
      const { query, path, body } = schemasOf(operation)
      const validators = [new Check(strings, query), new Check(strings, path), new Check(values, body)] as const
      if (compileAtOnce.includes(operation.id)) for (const each of validators) each.compile()
      return [operation.id, validatorOf(operation, validators)]
    }),
  )
}

/** One schema, compiled once. */
class Check {
  readonly #ajv: Ajv2020
  readonly #schema: Schema
  #validate: ValidateFunction | undefined

  constructor(ajv: Ajv2020, schema: Schema) {
    this.#ajv = ajv
    this.#schema = schema
  }

  compile(): ValidateFunction {
    return (this.#validate ??= this.#ajv.compile(this.#schema))
  }
}

function schemasOf(operation: Operation): Record<Place, Schema> {
  return {
    query: parametersSchema(operation, 'query'),
    path: parametersSchema(operation, 'path'),
    body: operation.body?.kind === 'json' ? anchored(operation.body.media.schema) : true,
  }
}

function validatorOf(operation: Operation, [query, path, body]: readonly [Check, Check, Check]): RequestValidator {
  return {
    query: (parameters) => {
      requireDigits(parameters, 'query', operation)
      check(query.compile(), parameters, 'query', operation)
    },
    path: (parameters) => {
      requireDigits(parameters, 'path', operation)
      check(path.compile(), parameters, 'path', operation)
    },
    body: (value) => {
      if (value !== undefined || operation.body?.required === true) check(body.compile(), value, 'body', operation)
    },
  }
}

/** Ajv would read `0x10`, `1e2` and ` 5` as numbers too. */
function requireDigits(values: Readonly<Record<string, unknown>>, place: 'query' | 'path', operation: Operation): void {
  for (const { name, schema } of operation.parameters) {
    const value = values[name]
    if (typeof schema !== 'object' || schema['type'] !== 'integer' || typeof value !== 'string' || /^-?\d{1,20}$/.test(value)) continue
    throw new AppError<ContractErrorCode>('invalid_parameter', `${place}.${name}: must be a whole number in decimal digits.`, {
      field: `${place}.${name}`,
      remedy: `See the parameters of ${operation.id} in /docs.`,
    })
  }
}

function parametersSchema(operation: Operation, place: 'query' | 'path'): Exclude<Schema, boolean> {
  const parameters = operation.parameters.filter((parameter) => parameter.in === place)
  return {
    type: 'object',
    additionalProperties: place === 'query' && operation.foreignQuery,
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
    properties: Object.fromEntries(
      parameters.map(({ name, schema, description }) => [name, { description, ...(anchored(schema) as object) }]),
    ),
  }
}

/** References within the contract, made to lead there from a schema that stands alone. */
export function anchored(schema: Schema): Exclude<Schema, boolean> {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace('#/components/schemas/', 'openapi#/$defs/') : value,
  ) as Exclude<Schema, boolean>
}

type Place = 'query' | 'path' | 'body'

function check(validate: ValidateFunction, value: unknown, place: Place, operation: Operation): void {
  if (validate(value)) return
  const [error] = validate.errors ?? []
  throw invalid(place, operation, error)
}

const LONGEST_NAME = 100

function invalid(place: Place, operation: Operation, error: ErrorObject | undefined): AppError<ContractErrorCode> {
  const code = place === 'body' ? 'invalid_body' : 'invalid_parameter'
  const { name, problem } = problemOf(error)
  const field = [place, ...name].join('.').slice(0, 2 * LONGEST_NAME)
  return new AppError(code, `${field}: ${problem}.`, { field, remedy: remedyOf(operation, place, error) })
}

/** Names may be attacker-controlled (unknown ones are): they are cut short. */
function problemOf(error: ErrorObject | undefined): { name: string[]; problem: string } {
  const name = (error?.instancePath ?? '').split('/').slice(1).map(unescapePointer)
  const params: Readonly<Record<string, unknown>> = error?.params ?? {}
  if (error?.keyword === 'additionalProperties')
    return { name: [...name, text(params['additionalProperty'])], problem: 'is not known here' }
  if (error?.keyword === 'required') return { name: [...name, text(params['missingProperty'])], problem: 'is missing' }
  if (error?.keyword === 'enum') return { name, problem: `must be one of ${(params['allowedValues'] as unknown[]).join(', ')}` }
  if (error?.keyword === 'not') return { name, problem: 'is not allowed' }
  return { name, problem: error?.message ?? 'is not valid' }
}

function text(value: unknown): string {
  return String(value).slice(0, LONGEST_NAME)
}

function remedyOf(operation: Operation, place: Place, error: ErrorObject | undefined): string {
  const schema = (error?.parentSchema ?? {}) as { description?: unknown; properties?: object }
  if (error?.keyword === 'additionalProperties') {
    const known = Object.keys(schema.properties ?? {})
    return known.length === 0 ? 'Leave it out: there are none here.' : `Known here: ${known.join(', ')}.`
  }
  if (error?.keyword !== 'required' && typeof schema.description === 'string') return schema.description
  return place === 'body' ? `See the body of ${operation.id} in /docs.` : `See the parameters of ${operation.id} in /docs.`
}
