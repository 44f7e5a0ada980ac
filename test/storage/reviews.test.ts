import assert from 'node:assert/strict'
import { it } from 'node:test'

import { canonicalDigest } from '../../src/core/canonical-json.ts'
import type { Decision } from '../../src/decisions/decision.ts'
import type { Review, ReviewClosing } from '../../src/decisions/reviews/review.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { assertIntactLog } from './intact-log.ts'
import { AT, decisionToRecord, draft } from './samples.ts'

const ANN = { id: 'ann', name: 'ann', owners: ['ann'] }

const OPEN: Review = {
  ...{ state: 'open', kind: 'break-glass', openedAt: AT, openedBy: { id: 'ci', name: 'ci', owners: ['ci'] } },
  ...{ outcome: null, comment: null, closedAt: null, closedBy: null },
}

async function keep(storage: Storage, over: Partial<Decision> = {}): Promise<Decision & { logIndex: number }> {
  const { decision, logIndex } = await storage.decisions.record(decisionToRecord({ review: OPEN, ...over }))
  return { ...decision, logIndex }
}

function closingOf({ id }: Decision, over: Partial<ReviewClosing> = {}): { closing: ReviewClosing; entry: ReturnType<typeof draft> } {
  const closing: ReviewClosing = { decision: id, outcome: 'justified', comment: 'ok', closedAt: AT, closedBy: ANN, ...over }
  return { closing, entry: draft('review.closed', closing) }
}

await forEachEngine('Reviews', ({ open }) => {
  it('stay open with their decision until they are closed, once', async () => {
    await using storage = await open()
    const decision = await keep(storage)
    assert.deepEqual((await storage.decisions.find(decision.id))?.review, OPEN)
    const closings = Array.from({ length: 10 }, (_, at) => closingOf(decision, { comment: `the ${at}th` }))
    const answers = await Promise.all(closings.map((closing) => storage.reviews.close(closing)))
    const [winner, ...others] = answers.filter(({ recorded }) => recorded)
    assert.deepEqual(others, [])
    const review = (await storage.decisions.find(decision.id))?.review
    assert.deepEqual(review, winner?.review)
    assert.deepEqual([review?.state, review?.closedBy, review?.openedBy], ['closed', ANN, OPEN.openedBy])
    for (const answer of answers) assert.deepEqual(answer.review, review)
    const leaves = (await assertIntactLog(storage)).map((leaf) => JSON.parse(leaf) as { type: string; body: { digest: string } })
    assert.deepEqual(
      leaves.slice(2).map(({ type }) => type),
      ['review.closed'],
    )
    const closing = closings.find(({ closing: { comment } }) => comment === review?.comment)?.closing
    assert.equal(leaves[2]?.body.digest, canonicalDigest(closing))
  })

  it('are found by their state among all decisions, and counted', async () => {
    await using storage = await open()
    const [first, second] = [await keep(storage, { stage: 'staging' }), await keep(storage, { repository: 'code.example/acme/till' })]
    await keep(storage, { review: null })
    assert.deepEqual(await storage.reviews.tally(), { open: 2, oldestAt: Date.parse(AT) })
    await storage.reviews.close(closingOf(first))
    const listed = async (filter: object): Promise<[string, string | undefined][]> =>
      (await storage.decisions.list(filter, { limit: 10 })).items.map(({ id, review }) => [id, review?.state])
    assert.deepEqual(await listed({ review: 'open' }), [[second.id, 'open']])
    assert.deepEqual(await listed({ review: 'closed' }), [[first.id, 'closed']])
    assert.deepEqual(await listed({ review: 'closed', stage: 'staging', subject: first.subject }), [[first.id, 'closed']])
    assert.deepEqual(await listed({ review: 'closed', stage: 'production' }), [])
    assert.deepEqual(await listed({ review: 'open', visibleTo: { repositories: ['code.example/acme/shop'] } }), [])
    assert.deepEqual(await listed({ review: 'open', owned: ['code.example/acme/t*'] }), [[second.id, 'open']])
    assert.equal((await listed({})).length, 3)
    await storage.reviews.close(closingOf(second))
    assert.deepEqual(await storage.reviews.tally(), { open: 0, oldestAt: null })
  })
})
