import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { Access, Principal } from '../../../../src/core/principal.ts'
import type { RecordedDecision } from '../../../../src/decisions/decision.ts'
import type { ReviewStore } from '../../../../src/decisions/reviews/ports.ts'
import { closedReview, openReview, type Review } from '../../../../src/decisions/reviews/review.ts'
import { Reviews } from '../../../../src/decisions/reviews/reviews.ts'
import { accessOf, WORKER } from '../../auth/memory-tokens.ts'

const AT = '2026-11-21T10:00:00.000Z'
const REPORT = { outcome: 'justified', comment: 'It was down.' } as const

function person(name: string, issuerIds: readonly string[] = [name]): Access {
  const base = accessOf([])
  const principal: Principal = { ...base.principal, id: name, name, kind: 'human' }
  return { ...base, principal, issuerIds, person: 'declared' }
}

function reviewsOf(decision: { review: Review | null } | undefined): Reviews {
  let closed: Review | undefined
  const store: ReviewStore = {
    close: async ({ closing }) => {
      const recorded = closed === undefined
      closed ??= decision?.review ? closedReview(decision.review, closing) : undefined
      if (!closed) throw new TypeError('there is none')
      return { review: closed, recorded }
    },
    tally: async () => ({ open: 0, oldestAt: null }),
  }
  const find = async (): Promise<RecordedDecision | undefined> => decision as RecordedDecision
  return new Reviews({ store, decisions: { find }, clock: { now: () => Date.parse(AT) } })
}

const byAnn = { review: openReview('break-glass', person('ann'), AT) }

describe('The review of a decision', () => {
  it('is closed by somebody else', async () => {
    const review = await reviewsOf(byAnn).close(person('ben'), 'd', REPORT, 'r')
    assert.deepEqual([review?.state, review?.outcome, review?.closedBy?.name, review?.openedBy.name], ['closed', 'justified', 'ben', 'ann'])
  })

  it('is closed by nobody who had a hand in it, whatever credential they use', async () => {
    const helpers = [person('ann'), person('ben', ['ann']), { ...person('ann'), credential: { kind: 'session', id: 'x' } as const }]
    for (const access of helpers) {
      await assert.rejects(reviewsOf(byAnn).close(access, 'd', REPORT, 'r'), { code: 'own_review' })
    }
    const byTokenOfBen = { review: openReview('break-glass', person('ann', ['ben']), AT) }
    await assert.rejects(reviewsOf(byTokenOfBen).close(person('ben'), 'd', REPORT, 'r'), { code: 'own_review' })
  })

  it('is closed by no workload', async () => {
    const worker: Access = { ...accessOf([]), principal: WORKER, person: null }
    await assert.rejects(reviewsOf(byAnn).close(worker, 'd', REPORT, 'r'), { code: 'person_required' })
  })

  it('is closed once; to repeat it changes nothing', async () => {
    const reviews = reviewsOf(byAnn)
    const first = await reviews.close(person('ben'), 'd', REPORT, 'r')
    assert.deepEqual(await reviews.close(person('ben'), 'd', REPORT, 'r'), first)
    await assert.rejects(reviews.close(person('cem'), 'd', REPORT, 'r'), { code: 'review_closed' })
  })

  it('needs a comment that says something', async () => {
    for (const comment of ['', ' ', 'a\u0000b', 'x'.repeat(2001)]) {
      await assert.rejects(reviewsOf(byAnn).close(person('ben'), 'd', { ...REPORT, comment }, 'r'), { code: 'review_text_invalid' })
    }
  })

  it('is not there where the decision opened none or is hidden', async () => {
    for (const decision of [undefined, { review: null }]) {
      assert.equal(await reviewsOf(decision).find(person('ben'), 'd'), undefined)
      assert.equal(await reviewsOf(decision).close(person('ben'), 'd', REPORT, 'r'), undefined)
    }
  })
})
