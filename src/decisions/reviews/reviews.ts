import { AppError } from '../../core/app-error.ts'
import { canonicalDigest } from '../../core/canonical-json.ts'
import type { Clock } from '../../core/clock.ts'
import { isFreeText } from '../../core/free-text.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import { requirePerson } from '../../core/person.ts'
import { areIndependent, type Access } from '../../core/principal.ts'
import { formatInstant } from '../../core/time.ts'
import type { Decision } from '../decision.ts'
import type { DecisionStore } from '../ports.ts'
import type { OpenReviews, ReviewStore } from './ports.ts'
import { reviewed, type Review, type ReviewClosing, type ReviewOutcome } from './review.ts'

export type ReviewErrorCode = 'own_review' | 'review_closed' | 'review_text_invalid'

/** What whoever closes a review says. */
export interface ReviewReport {
  outcome: ReviewOutcome
  comment: string
}

const MAX_COMMENT = 2000

/** Reviews of what passed by an exception: each stays open until somebody else closes it. */
export class Reviews {
  readonly #parts: { store: ReviewStore; decisions: Pick<DecisionStore, 'find'>; clock: Clock }

  constructor(parts: { store: ReviewStore; decisions: Pick<DecisionStore, 'find'>; clock: Clock }) {
    this.#parts = parts
  }

  /** @returns undefined if there is no such decision that the asker may see, or it opened no review */
  async find(access: Access, decisionId: string): Promise<Review | undefined> {
    return (await this.#parts.decisions.find(decisionId, access.confinement))?.review ?? undefined
  }

  /**
   * Closes a review. To repeat the same changes nothing.
   * @returns undefined as `find` does
   * @throws {AppError} `person_required`, `own_review` for whoever isn't independent of whom it is about, `review_closed`, `review_text_invalid`
   */
  async close(access: Access, decisionId: string, report: ReviewReport, requestId: string): Promise<Review | undefined> {
    const decision = await this.#parts.decisions.find(decisionId, access.confinement)
    if (!decision?.review) return undefined
    requirePerson(access, 'close a review')
    const { openedBy } = decision.review
    if (!areIndependent(access, { principal: openedBy, issuerIds: openedBy.owners })) throw ownReview()
    const closing: ReviewClosing = {
      decision: decisionId,
      outcome: report.outcome,
      comment: readComment(report.comment),
      closedAt: formatInstant(this.#parts.clock.now()),
      closedBy: reviewed(access),
    }
    const { review, recorded } = await this.#parts.store.close({ closing, entry: closedEntry(closing, decision, requestId) })
    if (!recorded && !isSame(review, closing)) throw closedBefore(review)
    return review
  }

  /** How many are open, and since when. */
  tally(): Promise<OpenReviews> {
    return this.#parts.store.tally()
  }
}

function isSame({ outcome, comment, closedBy }: Review, closing: ReviewClosing): boolean {
  return outcome === closing.outcome && comment === closing.comment && closedBy?.id === closing.closedBy.id
}

/** The comment is free text and lies beside the leaf. */
function closedEntry(closing: ReviewClosing, { subject, stage, environment }: Decision, requestId: string): EntryDraft {
  const { decision, outcome, closedAt, closedBy, comment } = closing
  return {
    type: 'review.closed',
    at: closedAt,
    actor: closedBy.id,
    subject,
    stage,
    environment,
    requestId,
    body: { digest: canonicalDigest(closing), decision, outcome, owners: closedBy.owners },
    detail: { comment },
  }
}

function readComment(comment: string): string {
  if (isFreeText(comment, MAX_COMMENT)) return comment
  throw new AppError<ReviewErrorCode>('review_text_invalid', 'The comment is empty, too long or has control characters.', {
    field: 'body.comment',
    remedy: `Write 1 to ${MAX_COMMENT} characters on one line.`,
  })
}

function ownReview(): AppError<ReviewErrorCode> {
  return new AppError(
    'own_review',
    'A review can’t be closed by whom it is about, nor where one of you, or a third, made or issued the other’s token.',
    {
      field: 'header.Authorization',
      remedy: 'Let somebody close it who logged in, or whose token was made by none of those in openedBy.owners.',
    },
  )
}

function closedBefore({ outcome, closedBy, closedAt }: Review): AppError<ReviewErrorCode> {
  return new AppError('review_closed', `The review was closed as ${outcome} by ${closedBy?.name} at ${closedAt}.`, {
    remedy: 'Read it: GET /v1/decisions/ID/review. The first closing counts.',
  })
}
