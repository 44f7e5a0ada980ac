import assert from 'node:assert/strict'
import { it } from 'node:test'

import type { DecisionGround } from '../../src/decisions/decision.ts'
import { baselineId } from '../../src/policy/baseline.ts'
import { bindingDeletionRecord, bindingRecord } from '../../src/policy/records.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { AT, binding, CAUSE, decisionToRecord, draft, policyVersion, randomDigest } from './samples.ts'

const LATER = '2026-03-02T12:00:00.000Z'
const SNAPSHOT = { snapshot: AT, owner: 'platform', expires: '2026-06-01T00:00:00.000Z' }
const GROUND: DecisionGround = { kind: 'baseline', id: baselineId('b', { kind: 'snapshot', at: AT }) }

async function put(storage: Storage, baseline: object | 'none', at = AT): Promise<void> {
  const pack = policyVersion('one', { origin: 'shipped' })
  await storage.policies.register([pack], CAUSE)
  const bound = binding({ name: 'b', parameters: { baseline } })
  await storage.bindings.put(bound, pack.version.manifest.digest, draft('binding.changed', bindingRecord(bound), at))
}

async function remove(storage: Storage, at: string): Promise<void> {
  await storage.bindings.remove('b', draft('binding.deleted', bindingDeletionRecord('b'), at))
}

await forEachEngine('What an allow rests on', ({ open }) => {
  it('voids it as it is taken back, and nothing else', async () => {
    await using storage = await open()
    await put(storage, SNAPSHOT)
    const subject = randomDigest()
    const [resting, other, ended] = [
      decisionToRecord({ subject, restsOn: [GROUND] }),
      decisionToRecord({ subject, stage: 'build', restsOn: [{ ...GROUND, kind: 'waiver' }] }),
      decisionToRecord({ subject, stage: 'staging', restsOn: [GROUND], expiresAt: '2026-03-02T12:00:00.000Z' }),
    ]
    for (const record of [resting, other, ended]) await storage.decisions.record(record)
    const found = async () =>
      Promise.all([resting, other, ended].map(async ({ decision: { id } }) => (await storage.decisions.find(id))?.voidedAt))
    assert.deepEqual(await found(), [null, null, null])
    await remove(storage, LATER)
    assert.deepEqual(await found(), [LATER, null, null])

    const listed = await storage.decisions.list({ subject, stage: 'production' }, { limit: 1 })
    assert.deepEqual(listed.items[0]?.voidedAt, LATER)
    const [newest, prior] = [await storage.facts.newestDecisions([subject]), await storage.facts.priorDecisions([subject])]
    assert.deepEqual(
      newest.map(({ stage, voidedAt }) => [stage, voidedAt]),
      [
        ['staging', null],
        ['build', null],
        ['production', LATER],
      ],
    )
    assert.deepEqual(
      prior.map(({ stage }) => stage),
      ['staging', 'build'],
    )
  })

  it('is not among what an earlier allow still stands for: the newest one counts, voided or not', async () => {
    await using storage = await open()
    await put(storage, SNAPSHOT)
    const subject = randomDigest()
    await storage.decisions.record(decisionToRecord({ subject }))
    await storage.decisions.record(decisionToRecord({ subject, restsOn: [GROUND] }))
    await remove(storage, LATER)
    assert.deepEqual(await storage.facts.priorDecisions([subject]), [])
    const again = decisionToRecord({ subject })
    await storage.decisions.record(again)
    assert.deepEqual(
      (await storage.facts.priorDecisions([subject])).map(({ id }) => id),
      [again.decision.id],
    )
  })

  it('lets no allow be recorded that was judged before it was taken back, and tells a repeat what became of the first', async () => {
    await using storage = await open()
    await put(storage, SNAPSHOT)
    const idempotency = {
      ...{ principalId: 'p', method: 'POST', path: '/v1/decisions', key: 'run-1', fingerprint: randomDigest() },
      expiresAt: Date.parse('2026-03-09T12:00:00.000Z'),
    }
    const first = decisionToRecord({ restsOn: [GROUND] }, { idempotency })
    await storage.decisions.record(first)
    await remove(storage, LATER)
    await assert.rejects(storage.decisions.record(decisionToRecord({ restsOn: [GROUND] })), { code: 'ground_revoked' })
    const { decision, voidedAt, repeated } = await storage.decisions.record(first)
    assert.deepEqual([decision.id, voidedAt, repeated], [first.decision.id, LATER, true])
    await put(storage, SNAPSHOT)
    await storage.decisions.record(decisionToRecord({ restsOn: [GROUND] }))
  })

  it('is never recorded after the transaction that takes it back, however many run at once', async () => {
    await using storage = await open()
    await put(storage, SNAPSHOT)
    const records = Array.from({ length: 200 }, () => decisionToRecord({ restsOn: [GROUND] }))
    const outcomes = await Promise.allSettled([
      ...records.slice(0, 100).map((record) => storage.decisions.record(record)),
      remove(storage, LATER),
      ...records.slice(100).map((record) => storage.decisions.record(record)),
    ])
    assert.ok(outcomes.some(({ status }) => status === 'rejected'))
    const standing = await storage.decisions.list({}, { limit: 200 })
    assert.ok(standing.items.length > 0)
    assert.deepEqual(
      standing.items.filter(({ voidedAt }) => voidedAt === null),
      [],
    )
  })

  it('stays as a binding is replaced that keeps its baseline for as long, but not for less', async () => {
    await using storage = await open()
    await put(storage, SNAPSHOT)
    const { decision } = await storage.decisions.record(decisionToRecord({ restsOn: [GROUND] }))
    const voided = async () => (await storage.decisions.find(decision.id))?.voidedAt
    await put(storage, { ...SNAPSHOT, expires: '2026-07-01T00:00:00.000Z', owner: 'shop' }, LATER)
    assert.equal(await voided(), null)
    await put(storage, SNAPSHOT, LATER)
    assert.equal(await voided(), LATER)
    const after = await storage.decisions.record(decisionToRecord({ restsOn: [GROUND] }))
    await put(storage, 'none', LATER)
    assert.equal((await storage.decisions.find(after.decision.id))?.voidedAt, LATER)
  })
})
