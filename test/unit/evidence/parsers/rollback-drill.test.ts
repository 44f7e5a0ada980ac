import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the rollback-drill parser', () => {
  const drill = jsonFixture('rollback-drill/succeeded.json')

  it('reads where it was, how it ended and how long it took, and nothing else', () => {
    const { scanned, completeness, reportedAt, examined, document } = read('rollback-drill/succeeded.json')
    assert.deepEqual([scanned, completeness, reportedAt], [['rollback-drill'], 'complete', '2026-11-02T10:04:30.5+01:00'])
    assert.deepEqual(examined, ['environment staging'])
    assert.deepEqual(document, { environment: 'staging', succeeded: true, started: 1_793_610_000, finished: 1_793_610_270.5 })
  })

  it('takes a drill that failed for a complete report of that', () => {
    const { completeness, document } = readDocument({ ...drill, outcome: 'failed' })
    assert.deepEqual([completeness, document?.['succeeded']], ['complete', false])
  })

  it('refuses what does not fit, and a drill that ends before it begins', () => {
    for (const wrong of [
      { outcome: 'aborted' },
      { finishedAt: '2026-11-02T10:04:30' },
      { finishedAt: '2026-11-02T09:59:59+01:00' },
      { environment: '' },
      { minutes: 4 },
    ])
      assert.equal(refusal({ ...drill, ...wrong }), 'report_malformed', JSON.stringify(wrong))
  })
})
