/** A creating request that carries an Idempotency-Key: kept per principal, method and path for 24 hours. */
export interface IdempotencyClaim {
  /** Whose key it is: the id of a principal, or a digest for one of the workloads that are the same principal. */
  principalId: string
  method: string
  path: string
  key: string
  /** SHA-256 of the request's query and body: the same key with another fingerprint is refused. */
  fingerprint: string
  /** Milliseconds since the epoch. */
  expiresAt: number
  /** What a repeat must get back but the service must not be able to read (encrypted under the caller's own credential). */
  sealed?: string
}

export type IdempotencyErrorCode = 'idempotency_key_reused'

/** What the first request with this key made. */
export interface ClaimedResource {
  resourceId: string
  fingerprint: string
  sealed: string | undefined
}

/** Finds earlier claims. Writing a claim is part of the write that it protects, in the same transaction. */
export interface IdempotencyReader {
  claimed(claim: Pick<IdempotencyClaim, 'principalId' | 'method' | 'path' | 'key'>): Promise<ClaimedResource | undefined>
}
