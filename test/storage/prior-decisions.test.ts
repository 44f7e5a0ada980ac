import assert from 'node:assert/strict'
import { it } from 'node:test'

import { forEachEngine } from '../support/storage.ts'
import { decisionToRecord, randomDigest } from './samples.ts'

await forEachEngine('Prior decisions', ({ open }) => {
  it('are the newest enforced ones per stage, environment and repository', async () => {
    await using storage = await open()
    const [subject, linked] = [randomDigest(), randomDigest()]
    const wanted = [
      decisionToRecord({ subject, stage: 'staging' }),
      decisionToRecord({ subject: linked, stage: 'build', verdict: 'deny' }),
      decisionToRecord({ subject, stage: 'staging', repository: null }),
    ]
    const records = [
      decisionToRecord({ subject, stage: 'staging', verdict: 'deny' }),
      ...wanted,
      decisionToRecord({ subject, stage: 'staging', enforced: false, verdict: 'deny' }),
      decisionToRecord({ stage: 'staging' }),
    ]
    for (const record of records) await storage.decisions.record(record)
    const read = async () => (await storage.facts.priorDecisions([subject, linked])).map(({ id }) => id)
    const expected = wanted.map(({ decision }) => decision.id).toReversed()
    assert.deepEqual(await read(), expected)
    assert.deepEqual(await read(), expected)
    const newer = decisionToRecord({ subject, stage: 'staging' })
    await storage.decisions.record(newer)
    assert.deepEqual(await read(), [newer.decision.id, expected[0], expected[1]])
    assert.deepEqual(await storage.facts.priorDecisions([randomDigest()]), [])
  })
})
