import type { Request } from 'express'

import type { IdempotencyClaim } from '../core/idempotency.ts'
import type { Access } from '../core/principal.ts'
import type { OperationId } from './contract/document.ts'
import type { BodyOf, PathOf, QueryOf } from './contract/types.ts'
import type { Reply } from './reply.ts'

/** The operations that need no token; a test holds the list equal to openapi.yaml. */
export type PublicOperationId =
  'getHealth' | 'getReadiness' | 'getOpenapi' | 'getDocs' | 'getDocsAsset' | 'getTlogCheckpoint' | 'logIn' | 'completeLogin' | 'logOut'

/** A request that was authenticated, authorised, read and checked against the contract. */
export interface Call<Id extends OperationId> {
  /** Undefined for public operations. */
  access: Id extends PublicOperationId ? undefined : Access
  /** The token that was sent; empty for public operations. */
  credential: string
  requestId: string
  /** Path without the query, as it was sent. */
  path: string
  parameters: PathOf<Id>
  query: QueryOf<Id>
  body: BodyOf<Id>
  /** The claim of a creating request that carries an Idempotency-Key. */
  idempotency: IdempotencyClaim | undefined
  /** For content negotiation. */
  request: Request
}

/** Answers one operation. */
export type Handler<Id extends OperationId> = (call: Call<Id>) => Reply | Promise<Reply>

/** One handler for every operation of the contract: a missing one does not compile. */
export type Handlers = { readonly [Id in OperationId]: Handler<Id> }
