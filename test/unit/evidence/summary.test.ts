import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { finding, report } from '../../../src/evidence/parsers/report.ts'
import { percent, summarise } from '../../../src/evidence/summary.ts'
import { read } from './reading.ts'

const ZERO = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 }

describe('the summary of a report', () => {
  it('states all six severities, fixable and suppressed apart, and each class that was examined', () => {
    const summary = summarise(read('grype/dirty.json'))
    assert.deepEqual(summary.counts, { ...ZERO, critical: 1, high: 1, medium: 1, negligible: 1, unknown: 1 })
    assert.deepEqual(summary.fixable, { ...ZERO, critical: 1 })
    assert.equal(
      Object.values(summary.suppressed ?? {}).reduce((a, b) => a + b, 0),
      1,
    )
    assert.deepEqual(summary.classes, { vulnerabilities: summary.counts })
  })

  it('states a class that was examined and clean beside one that was not', () => {
    const found = finding({ class: 'secrets', id: 'a', severity: 'high' })
    const summary = summarise(report({ name: 'x', version: null }, ['vulnerabilities', 'secrets'], { findings: [found] }))
    assert.deepEqual(summary.classes, { vulnerabilities: ZERO, secrets: { ...ZERO, high: 1 } })
  })

  it('has no counts where the format reports no findings', () => {
    const coverage = { lines: { covered: 1, total: 3 }, branches: null, functions: { covered: 0, total: 0 } }
    assert.deepEqual(summarise(report({ name: 'lcov', version: null }, ['coverage'], { coverage })), {
      scanned: ['coverage'],
      lines: 33.33,
      branches: null,
      functions: null,
    })
  })

  it('counts tests, flaky ones too', () => {
    const tests = { total: 4, passed: 2, failed: 1, errored: 0, skipped: 1, passedNames: ['a', 'b'], failing: [], flaky: [] }
    const { total, passed, failed, errored, skipped, flaky } = summarise(report({ name: 'junit', version: null }, ['tests'], { tests }))
    assert.deepEqual(
      { total, passed, failed, errored, skipped, flaky },
      { total: 4, passed: 2, failed: 1, errored: 0, skipped: 1, flaky: 0 },
    )
  })
})

describe('percent', () => {
  it('rounds down, so that a threshold is never reached by rounding', () => {
    assert.equal(percent({ covered: 79_999, total: 100_000 }), 79.99)
    assert.equal(percent({ covered: 799_999_999, total: 1_000_000_000 }), 79.99)
    assert.equal(percent({ covered: 80, total: 100 }), 80)
    assert.equal(percent({ covered: 29, total: 100 }), 29)
    assert.equal(percent({ covered: 3, total: 3 }), 100)
    assert.equal(percent({ covered: 0, total: 5 }), 0)
  })

  it('is null when nothing was coverable', () => {
    assert.equal(percent({ covered: 0, total: 0 }), null)
    assert.equal(percent(null), null)
  })
})
