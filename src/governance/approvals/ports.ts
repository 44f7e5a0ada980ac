import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import type { Approval, ApprovalParty, ApprovalPlace, ApprovalState, HeldApproval } from './approval.ts'

export interface ApprovalFilter {
  state?: ApprovalState
  kind?: Approval['kind']
  subject?: string
  stage?: string
  environment?: string
  repository?: string
  /** Name or id of a principal. */
  by?: string
  /** What a confined reader may see. */
  visibleTo?: { repositories?: readonly string[]; environments?: readonly string[]; stages?: readonly string[] }
}

/** What is on record about the approval of some subjects at one place. */
export interface ApprovalsThere {
  approvals: readonly HeldApproval[]
  /** Those who requested one, whatever became of the request, unless it was revoked. */
  requesters: readonly ApprovalParty[]
}

/** Keeps approvals and requests for them. Reads see every committed write. */
export interface ApprovalStore {
  /**
   * In one transaction: writes it with its entry, unless the same person's word for the same place holds already, or the same is requested: that one
   * is the answer then.
   * @throws {AppError} `approvals_too_many`, or `idempotency_key_reused`
   */
  add(record: {
    approval: Approval
    entry: EntryDraft
    idempotency: IdempotencyClaim | undefined
  }): Promise<{ approval: Approval; created: boolean; repeated: boolean }>
  /** Revokes it in one transaction, and voids the allows that rest on it; what is no longer in force stays as it is. */
  revoke(record: { id: string; by: ApprovalParty; at: string; reason: string; requestId: string }): Promise<Approval>
  /**
   * A verdict had enough at this place: what was requested there is answered.
   * @returns since when it was waited for (RFC 3339); undefined if it wasn't
   */
  settle(place: ApprovalPlace): Promise<string | undefined>
  /** At how many places approvals are waited for since then. @param since RFC 3339 */
  waiting(since: string): Promise<number>
  find(id: string, visibleTo?: ApprovalFilter['visibleTo']): Promise<Approval | undefined>
  /** Newest first. @param now RFC 3339, for what has expired */
  list(filter: ApprovalFilter, page: PageRequest, now: string): Promise<Page<Approval>>
  /** How many enabled people there are in any of the groups; where none is named, in all. */
  peopleIn(groups: readonly string[]): Promise<number>
  /** @param place a `placeKey` */
  at(subjects: readonly string[], place: string): Promise<ApprovalsThere>
}
