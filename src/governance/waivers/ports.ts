import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import type { Confinement } from '../../core/principal.ts'
import type { Waiver, WaiverApproval, WaiverEnd, WaiverState } from './waiver.ts'

export interface WaiverFilter {
  /** As it is at `now`. */
  state?: WaiverState
  rule?: string
  repository?: string
  environment?: string
  subject?: string
  vulnerability?: string
  /** Name or id of a principal. */
  requestedBy?: string
  /** RFC 3339 UTC: only those that end before. */
  expiresBefore?: string
  /** What a confined reader may see: what can't be about any of its own places is left out. */
  visibleTo?: Confinement
}

/** How many there are now. */
export interface WaiverCounts {
  states: Readonly<Record<WaiverState, number>>
  /** Approved ones that end within 7 days. */
  expiringSoon: number
}

/** Keeps waivers with their log entries. Reads see every committed write. */
export interface WaiverStore {
  /** Grows with every committed change of what is approved. */
  revision(): Promise<number>
  /**
   * Writes a request. The same that waits already is the answer, as is that of a repeated idempotency key.
   * @throws {AppError} `waivers_too_many` or `idempotency_key_reused`
   */
  request(record: {
    waiver: Waiver
    requestId: string
    idempotency: IdempotencyClaim | undefined
  }): Promise<{ waiver: Waiver; repeated: boolean }>
  /**
   * In one transaction: counts the vote, and with the last one that is needed lets the waiver count.
   * @throws {AppError} `waiver_decided`, `waiver_expired`, `waiver_voted`, `own_waiver`, `waiver_approver_not_proven` or `waiver_requester_disabled`
   */
  approve(vote: { id: string; approval: WaiverApproval; requestId: string }): Promise<Waiver>
  /** @throws {AppError} `waiver_decided` or `waiver_expired` */
  reject(decision: { id: string; end: WaiverEnd; requestId: string }): Promise<Waiver>
  /**
   * In one transaction: ends it and voids every allow that rests on it.
   * @throws {AppError} `waiver_decided`, `waiver_expired` or `waiver_not_approved`
   */
  revoke(decision: { id: string; end: WaiverEnd; requestId: string }): Promise<Waiver>
  find(id: string): Promise<Waiver | undefined>
  /** Newest first. @param now RFC 3339, for what has expired */
  list(filter: WaiverFilter, page: PageRequest, now: string): Promise<Page<Waiver>>
  /** Those that are approved and not ended (RFC 3339 UTC), oldest first. */
  approved(now: string): Promise<Waiver[]>
  /** Those that counted at the instant (RFC 3339 UTC): approved, not revoked and not ended by then. Oldest first. */
  inForce(at: string): Promise<Waiver[]>
  /** Those of these ids that there are, oldest first. */
  byIds(ids: readonly string[]): Promise<Waiver[]>
  /** @param now RFC 3339 UTC. @param soon RFC 3339 UTC: what ends before it ends soon */
  counts(now: string, soon: string): Promise<WaiverCounts>
}
