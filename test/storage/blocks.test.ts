import assert from 'node:assert/strict'
import { it } from 'node:test'

import { canonicalDigest } from '../../src/core/canonical-json.ts'
import { newId } from '../../src/core/id.ts'
import { blockTarget, type Block, type BlockLift } from '../../src/governance/blocks/block.ts'
import { blockLiftedEntry, blockPlacedEntry } from '../../src/governance/blocks/entries.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { assertIntactLog } from './intact-log.ts'
import { AT, carryOut, CAUSE, decisionToRecord, randomDigest } from './samples.ts'

const LATER = '2026-03-02T12:00:00.000Z'
const MUCH_LATER = '2026-03-05T12:00:00.000Z'

function blockOf(over: Partial<Block> = {}): Block {
  return { id: newId(), subject: randomDigest(), reason: 'No.', placedBy: 'ann', placedAt: LATER, expiresAt: null, ...over }
}

function place(storage: Storage, block: Block) {
  return storage.blocks.place(block, blockPlacedEntry(block, { ...CAUSE, at: block.placedAt }), undefined)
}

function lift(storage: Storage, block: Block): Promise<unknown> {
  const lifted: BlockLift = { block: block.id, liftedAt: MUCH_LATER, liftedBy: 'ben' }
  const args = { lift: lifted, entry: blockLiftedEntry(lifted, block, { ...CAUSE, at: MUCH_LATER }) }
  return carryOut(storage, blockTarget(block.id), { operation: 'liftBlock', args })
}

await forEachEngine('Blocks', ({ open }) => {
  it('are kept with their log entries, and listed by subject and state', async () => {
    await using storage = await open()
    const [first, ending, lifted] = [blockOf(), blockOf({ expiresAt: '2026-03-03T12:00:00.000Z' }), blockOf()]
    const before = await storage.blocks.revision()
    for (const block of [first, ending, lifted]) await place(storage, block)
    assert.equal(await lift(storage, lifted), true)
    await assert.rejects(lift(storage, lifted), { code: 'block_over' })
    assert.notEqual(await storage.blocks.revision(), before)
    const idsOf = async (filter: object, now = LATER) => (await storage.blocks.list(filter, { limit: 10 }, now)).items.map(({ id }) => id)
    assert.deepEqual(await idsOf({}), [lifted.id, ending.id, first.id])
    assert.deepEqual(await idsOf({ subject: first.subject }), [first.id])
    assert.deepEqual([await idsOf({ state: 'active' }), await idsOf({ state: 'ended' })], [[ending.id, first.id], []])
    assert.deepEqual([await idsOf({ state: 'active' }, MUCH_LATER), await idsOf({ state: 'ended' }, MUCH_LATER)], [[first.id], [ending.id]])
    assert.deepEqual(await idsOf({ state: 'lifted' }), [lifted.id])
    assert.deepEqual(await storage.blocks.find(lifted.id), { ...lifted, liftedAt: MUCH_LATER, liftedBy: 'ben' })
    assert.deepEqual(await storage.blocks.placed(MUCH_LATER), { blocks: [first], newest: 3 })
    const page = await storage.blocks.list({}, { limit: 2 }, LATER)
    const rest = await storage.blocks.list({}, { limit: 2, after: page.next ?? '' }, LATER)
    assert.deepEqual([page.items.length, rest.items.map(({ id }) => id), rest.next], [2, [first.id], null])
    const leaves = (await assertIntactLog(storage)).map((leaf) => JSON.parse(leaf) as { type: string; body: { digest: string } })
    assert.deepEqual(
      leaves.slice(1).map(({ type }) => type),
      ['block.placed', 'block.placed', 'block.placed', 'block.lifted'],
    )
    assert.equal(leaves[1]?.body.digest, canonicalDigest(first))
  })

  it('void every allow about the subject that still holds, and nothing else', async () => {
    await using storage = await open()
    const subject = randomDigest()
    const records = [
      decisionToRecord({ subject, stage: 'staging' }),
      decisionToRecord({ subject }),
      decisionToRecord({ subject, verdict: 'deny' }),
      decisionToRecord({ subject, stage: 'build', expiresAt: LATER }),
      decisionToRecord(),
    ]
    for (const record of records) await storage.decisions.record(record)
    await place(storage, blockOf({ subject }))
    const found = await Promise.all(records.map(async ({ decision: { id } }) => (await storage.decisions.find(id))?.voidedAt))
    assert.deepEqual(found, [LATER, LATER, null, null, null])
    const prior = (await storage.facts.priorDecisions([subject])).map(({ stage, verdict }) => `${stage} ${verdict}`)
    assert.deepEqual(prior.sort(), ['build allow', 'production deny'], 'the one for staging is none any more')
  })

  it('are met by whatever was judged before them and is recorded after', async () => {
    await using storage = await open()
    const subject = randomDigest()
    const before = { newestBlock: (await storage.blocks.placed(AT)).newest }
    const block = blockOf({ subject, placedAt: AT })
    await place(storage, block)
    await assert.rejects(storage.decisions.record(decisionToRecord({ subject }, before)), { code: 'block_placed' })
    await storage.decisions.record(decisionToRecord({}, before))
    await storage.decisions.record(decisionToRecord({ subject, verdict: 'deny' }))
    await lift(storage, block)
    await storage.decisions.record(decisionToRecord({ subject }, before))
    await place(storage, blockOf({ subject, placedAt: AT, expiresAt: AT }))
    await storage.decisions.record(decisionToRecord({ subject }, before))
  })

  it('leave no allow standing, however many are recorded as one is placed', async () => {
    await using storage = await open()
    const subject = randomDigest()
    const records = Array.from({ length: 200 }, () => decisionToRecord({ subject }, { newestBlock: 0 }))
    const outcomes = await Promise.allSettled([
      ...records.slice(0, 100).map((record) => storage.decisions.record(record)),
      place(storage, blockOf({ subject })),
      ...records.slice(100).map((record) => storage.decisions.record(record)),
    ])
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [(outcome.reason as { code: string }).code] : []))
    assert.ok(refused.length > 0 && refused.every((code) => code === 'block_placed'), refused.join())
    const { items } = await storage.decisions.list({ subject }, { limit: 200 })
    assert.equal(items.length, 200 - refused.length)
    assert.deepEqual(
      items.filter(({ voidedAt }) => voidedAt === null),
      [],
    )
  })

  it('that are placed twice under one idempotency key are one', async () => {
    await using storage = await open()
    const idempotency = {
      ...{ principalId: 'p', method: 'POST', path: '/v1/blocks', key: 'one', fingerprint: randomDigest() },
      expiresAt: Date.parse('2026-03-09T12:00:00.000Z'),
    }
    const subject = randomDigest()
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => {
        const block = blockOf({ subject })
        return storage.blocks.place(block, blockPlacedEntry(block, { ...CAUSE, at: LATER }), idempotency)
      }),
    )
    assert.equal(new Set(answers.map(({ block: { id } }) => id)).size, 1)
    assert.equal(answers.filter(({ repeated }) => !repeated).length, 1)
    assert.equal((await storage.blocks.placed(LATER)).blocks.length, 1)
  })
})
