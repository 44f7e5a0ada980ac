import type { ChangeEffect } from '../../core/change-kind.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import type { ChangeState, Participant, StoredChange } from './change.ts'

/** What is asked for, with all that either way of handling it needs. */
export interface ChangeSubmission {
  /** As it would wait, if it has to. */
  change: StoredChange
  /** False if it may be carried out without a second person in any case. */
  guarded: boolean
  effect: ChangeEffect
  /** How it is known that a person asks; null for a workload. */
  person: Participant['person'] | null
  requestId: string
}

/** A decision about a change that waits. */
export interface ChangeDecision {
  id: string
  state: 'approved' | 'rejected' | 'withdrawn'
  by: Participant
  /** RFC 3339. */
  at: string
  comment: string | null
  /** Of an approval: what is to be carried out. */
  effect: ChangeEffect | undefined
  requestId: string
}

export interface ChangeFilter {
  /** As it is at `now`. */
  state?: ChangeState
  kind?: string
  target?: string
  /** Name or id of a principal. */
  proposedBy?: string
}

/** Keeps changes. Reads see every committed write. */
export interface ChangeStore {
  /** Grows with every change of the target; 0 if there was none. */
  revision(target: string): Promise<number>
  /**
   * In one transaction: sees whether a second person is needed now, and carries the change out or lets it wait. One that waits already, the same
   * by the same principal, is the answer.
   * @throws {AppError} `change_outdated`, `second_person_required`, or what carrying it out throws
   */
  submit(submission: ChangeSubmission): Promise<{ applied: unknown } | { pending: StoredChange }>
  /**
   * In one transaction: marks the change and carries it out. Whoever comes second finds it decided.
   * @throws {AppError} `change_decided`, `change_expired`, `change_outdated`, `second_person_required`, or what carrying it out throws
   */
  decide(decision: ChangeDecision): Promise<StoredChange>
  find(id: string): Promise<StoredChange | undefined>
  /** Newest first. @param now RFC 3339, for what has expired */
  list(filter: ChangeFilter, page: PageRequest, now: string): Promise<Page<StoredChange>>
}
