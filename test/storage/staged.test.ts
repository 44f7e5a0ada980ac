import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'

import type { NewEvidence } from '../../src/evidence/ports.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { keepHouse } from '../../src/storage/housekeeping.ts'
import { eventually } from '../support/eventually.ts'
import { forEachEngine, type Place } from '../support/storage.ts'
import { count, execute } from './raw-database.ts'
import { AT, finding, submission } from './samples.ts'

const HOUR_MS = 3_600_000
const NOW = Date.parse('2026-11-21T10:00:00Z')
const clockAt = (ms: number): { now(): number } => ({ now: () => ms })

/** Large enough to be written ahead in parts. */
const large = (): ReturnType<typeof submission> =>
  submission({ document: { findings: Array.from({ length: 4000 }, (_, n) => finding({ id: `CVE-${n}`, purl: null, package: `p${n}` })) } })

/** Leaves the parts of a report behind whose record fails, as a process would that dies between the two. */
async function stageOnly(storage: Storage): Promise<void> {
  const idempotency = { principalId: 'p', method: 'POST', path: '/v1/evidence', key: 'k', fingerprint: 'f', expiresAt: Date.parse(AT) + 1 }
  await storage.evidence.record(submission({}, { idempotency }))
  const reused = { ...large(), idempotency: { ...idempotency, fingerprint: 'other' } }
  await assert.rejects(storage.evidence.record(reused), { code: 'idempotency_key_reused' })
}

async function rows(where: Place): Promise<number[]> {
  return Promise.all(['evidence', 'evidence_documents', 'findings', 'staged_evidence'].map((table) => count(where, table)))
}

/** Records large reports until the parts of one were removed before it was recorded itself. */
async function removedInTime(where: Place, storage: Storage): Promise<{ given: NewEvidence; recording: Promise<unknown> }> {
  for (;;) {
    const given = large()
    const state = { ended: false }
    const recording = storage.evidence.record(given).finally(() => (state.ended = true))
    recording.catch(() => undefined)
    while (!state.ended && (await count(where, 'staged_evidence')) === 0) await new Promise((resolve) => setImmediate(resolve))
    if ((await execute(where, 'delete from staged_evidence')) > 0) return { given, recording }
  }
}

await forEachEngine('Parts of a report that was never recorded', ({ open, place }) => {
  it('are removed by a start more than an hour later, and nothing else', async () => {
    const where = await place()
    {
      await using storage = await open(where, { clock: clockAt(NOW) })
      await storage.evidence.record(large())
      const whole = await rows(where)
      await stageOnly(storage)
      assert.ok((await count(where, 'findings')) > (whole[2] ?? 0), 'nothing was staged')
      assert.equal(await count(where, 'staged_evidence'), 1)
    }
    const before = await rows(where)
    {
      await using storage = await open(where, { clock: clockAt(NOW + HOUR_MS - 1000) })
      await storage.health()
      assert.deepEqual(await rows(where), before, 'what is younger may still be recorded by another replica')
    }
    await using storage = await open(where, { clock: clockAt(NOW + HOUR_MS + 1000) })
    // The whole report, and the small one that claimed the key.
    await eventually('the others are gone', async () => String(await rows(where)) === String([2, 1 + 4 + 1, 4000, 0]))
    await storage.health()
  })

  it('are not missed by a report that is recorded after they were removed: it is refused, and can be sent again', async () => {
    const where = await place()
    await using storage = await open(where)
    const { given, recording } = await removedInTime(where, storage)
    await assert.rejects(recording, { code: 'storage_unavailable' })
    assert.equal(await storage.evidence.find(given.evidence.id), undefined)
    assert.equal((await storage.evidence.record(given)).created, true)
    assert.equal((await storage.evidence.document(given.evidence.id))?.findings.length, 4000)
  })
})

describe('Housekeeping', () => {
  it('is done at the start and every ten minutes until it is stopped, and goes on after a failure', async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    const asked: string[] = []
    let leftBehind = true
    const session = { all: async () => (leftBehind ? [{ found: 1 }] : []) }
    const writer = {
      submit: async (name: string): Promise<never> => {
        asked.push(name)
        throw new Error('not now')
      },
    }
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
    const stop = keepHouse({ session, writer, clock: clockAt(NOW) })
    await turn()
    assert.deepEqual(asked.splice(0), ['sweepStaged'])
    mock.timers.tick(600_000)
    await turn()
    assert.deepEqual(asked.splice(0).sort(), ['forgetClaims', 'sweepStaged'])
    leftBehind = false
    mock.timers.tick(600_000)
    await turn()
    assert.deepEqual(asked.splice(0), ['forgetClaims'])
    stop()
    mock.timers.tick(600_000)
    await turn()
    assert.deepEqual(asked, [])
    mock.timers.reset()
  })
})
