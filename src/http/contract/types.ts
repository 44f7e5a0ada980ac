import type { OperationId } from './document.ts'
import type { operations } from './openapi.d.ts'

type Given<Value> = [NonNullable<Value>] extends [never] ? Record<string, never> : NonNullable<Value>

/** The query of an operation after validation: as the contract types it. */
export type QueryOf<Id extends OperationId> = Given<operations[Id]['parameters']['query']>

/** The path parameters of an operation. */
export type PathOf<Id extends OperationId> = Given<operations[Id]['parameters']['path']>

type Sent<Content> = Content extends { 'application/json': infer Json } ? Json : Uint8Array

/** The body of an operation: the JSON document of the contract, the bytes of a report, or nothing. */
export type BodyOf<Id extends OperationId> = operations[Id] extends { requestBody: { content: infer Content } }
  ? Sent<Content>
  : operations[Id] extends { requestBody?: { content: infer Content extends object } }
    ? Sent<Content> | undefined
    : undefined
