import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the Istanbul summary parser', () => {
  it('takes the total alone', () => {
    const report = read('istanbul-summary/vitest.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['coverage'])
    assert.deepEqual(report.coverage, {
      lines: { covered: 9, total: 10 },
      branches: { covered: 8, total: 8 },
      functions: { covered: 3, total: 4 },
    })
  })

  it('believes the total only as far as the files bear it out', () => {
    const report = jsonFixture('istanbul-summary/vitest.json')
    const part = (covered: number) => ({ total: 10, covered, skipped: 0, pct: 100 })
    report['total'] = { lines: part(10), statements: part(10), functions: part(10), branches: part(7) }
    assert.deepEqual(readDocument(report).coverage, {
      lines: { covered: 9, total: 10 },
      branches: { covered: 7, total: 10 },
      functions: { covered: 3, total: 4 },
    })
  })

  it('is empty where the percentage is unknown', () => {
    assert.equal(read('istanbul-summary/unknown.json').completeness, 'empty')
  })

  it('refuses a total that cannot be', () => {
    for (const what of ['lines', 'branches', 'functions']) {
      for (const part of [
        { total: 1, covered: 2 },
        { total: 1 },
        { covered: 1 },
        { total: '1', covered: 1 },
        { total: -1, covered: -1 },
        7,
      ]) {
        const report = jsonFixture('istanbul-summary/vitest.json') as { total: Record<string, unknown> }
        report.total[what] = part
        assert.equal(refusal(report, 'istanbul-summary') === 'read', false, `${what} ${JSON.stringify(part)}`)
      }
    }
  })

  it('is no other document', () => {
    assert.equal(refusal({ total: { lines: 7 } }), 'report_format_unknown')
    assert.equal(refusal({ total: { lines: 7 } }, 'istanbul-summary'), 'report_wrong_format')
    assert.equal(refusal('{}', 'istanbul-summary'), 'report_wrong_format')
    assert.equal(refusal('{"total":', 'istanbul-summary'), 'report_malformed')
  })
})
