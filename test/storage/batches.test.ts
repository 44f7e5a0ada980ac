import assert from 'node:assert/strict'
import { it } from 'node:test'

import { forEachEngine } from '../support/storage.ts'
import { assertIntactLog } from './intact-log.ts'
import { CAUSE, decisionToRecord, principal, randomDigest, submission } from './samples.ts'

await forEachEngine('Writes of one batch', ({ open }) => {
  it('fail alone where one refuses halfway, leaving neither rows nor entries of it', async () => {
    await using storage = await open()
    const first = principal({ name: 'ann' })
    await storage.tokens.putPrincipal(first, CAUSE)
    const namesake = principal({ name: 'ann' })
    const wrong = submission()
    const outcomes = await Promise.allSettled([
      storage.decisions.record(decisionToRecord()),
      storage.tokens.putPrincipal(namesake, CAUSE),
      // Refused by its entry, after evidence and observation are written.
      storage.evidence.record({ ...wrong, entry: { ...wrong.entry, body: { digest: randomDigest() } } }),
      storage.decisions.record(decisionToRecord()),
      storage.evidence.record(submission()),
    ])
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : 'kept')),
      ['kept', 'principal_name_taken', 'record_digest_differs', 'kept', 'kept'],
    )
    assert.equal((await storage.evidence.list({}, { limit: 5 })).items.length, 1)
    assert.equal((await assertIntactLog(storage)).length, 5)
  })

  it('fail alone where the database refuses a gathered row', async () => {
    await using storage = await open()
    const { decision } = decisionToRecord()
    const outcomes = await Promise.allSettled([
      storage.decisions.record(decisionToRecord()),
      storage.decisions.record(decisionToRecord(decision)),
      storage.decisions.record(decisionToRecord(decision)),
      storage.decisions.record(decisionToRecord()),
    ])
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    )
    assert.equal((await assertIntactLog(storage)).length, 4)
  })

  it('fail alone where a value has no canonical form', async () => {
    await using storage = await open()
    const bad = decisionToRecord()
    bad.decision.context = { note: '\ud800' }
    const outcomes = await Promise.allSettled([storage.decisions.record(bad), storage.decisions.record(decisionToRecord())])
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'fulfilled'],
    )
  })

  it('take the leaf and its record from the same text', async () => {
    await using storage = await open()
    const record = decisionToRecord()
    const wrong = { ...record.entry, body: { ...record.entry.body, digest: randomDigest() } }
    const { logIndex } = await storage.decisions.record({ ...record, entry: wrong })
    const { body } = JSON.parse((await storage.log.entry(logIndex))?.leaf ?? '{}') as { body: { digest: string } }
    assert.equal(body.digest, record.entry.body.digest)
  })
})
