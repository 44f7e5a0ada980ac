import { ownersOf, type Access } from '../../core/principal.ts'

/** What makes a decision a matter for somebody else to look at afterwards. */
export const REVIEW_KINDS = ['break-glass', 'rollback'] as const
export type ReviewKind = (typeof REVIEW_KINDS)[number]

/** What came of looking: it was right, it was not, or something has to follow. */
export const REVIEW_OUTCOMES = ['justified', 'unjustified', 'follow-up'] as const
export type ReviewOutcome = (typeof REVIEW_OUTCOMES)[number]

/** Who had a hand in it, with everybody through whose hands their credential went (see `ownersOf`). */
export interface Reviewed {
  id: string
  name: string
  owners: readonly string[]
}

/** A review after the fact: it stays open until somebody closes it who is independent of whom it is about. */
export interface Review {
  state: 'open' | 'closed'
  kind: ReviewKind
  openedAt: string
  /** Whose decision it was. */
  openedBy: Reviewed
  outcome: ReviewOutcome | null
  comment: string | null
  closedAt: string | null
  closedBy: Reviewed | null
}

/** How a review was closed: the record that its log entry speaks for. */
export interface ReviewClosing {
  /** Id of the decision. */
  decision: string
  outcome: ReviewOutcome
  comment: string
  closedAt: string
  closedBy: Reviewed
}

/** The review that a decision opens as it is made. @param at RFC 3339 */
export function openReview(kind: ReviewKind, access: Access, at: string): Review {
  return { state: 'open', kind, openedAt: at, openedBy: reviewed(access), outcome: null, comment: null, closedAt: null, closedBy: null }
}

/** The review as it stands once it was closed. */
export function closedReview(review: Review, { outcome, comment, closedAt, closedBy }: ReviewClosing): Review {
  return { ...review, state: 'closed', outcome, comment, closedAt, closedBy }
}

/** Who acts with an access, as reviews name them. */
export function reviewed(access: Access): Reviewed {
  return { id: access.principal.id, name: access.principal.name, owners: ownersOf(access) }
}
