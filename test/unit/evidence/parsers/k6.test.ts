import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { counted, jsonFixture, read, readDocument, refusal, storedText } from '../reading.ts'

describe('the k6 parser', () => {
  it('reads crossed thresholds of the summary of handleSummary, and all figures', () => {
    const report = read('k6/handle-summary.json')
    assert.deepEqual([report.scanned, report.completeness], [['performance'], 'complete'])
    assert.deepEqual(
      report.findings.map((item) => [item.id, item.severity]),
      [
        ['http_req_duration: p(95)<400', 'high'],
        ['http_req_failed: rate<0.01', 'high'],
      ],
    )
    assert.equal(report.measures?.['http_req_duration.p(95)'], 410)
  })

  it('reads the exported summary, where true says that a threshold was crossed', () => {
    const report = read('k6/summary-export.json')
    assert.deepEqual(
      report.findings.map((item) => item.id),
      ['http_req_duration: p(95)<400'],
    )
    assert.equal(report.measures?.['http_req_duration.p(95)'], 410)
  })

  it('reads the machine-readable summary, which has no thresholds', () => {
    const report = read('k6/machine-readable.json')
    assert.deepEqual(report.tool, { name: 'k6', version: '2.0.0' })
    assert.deepEqual([report.reportedAt, counted(report)], ['2026-11-02T10:00:00Z', {}])
    assert.deepEqual([report.measures?.['http_req_duration.p(95)'], report.measures?.['checks_total.count']], [410, 10])
  })

  it('is empty if no iteration was completed', () => {
    assert.equal(read('k6/no-iterations.json').completeness, 'empty')
  })

  it('keeps nothing of what setup returned', () => {
    const stored = storedText(read('k6/handle-summary.json'))
    assert.doesNotMatch(stored, /hunter2/)
    assert.deepEqual(counted(readDocument(stored)), { high: 2 })
  })

  it('refuses thresholds whose outcome it cannot tell, and other documents', () => {
    const whole = jsonFixture('k6/summary-export.json')
    const withThresholds = (thresholds: unknown): unknown => ({ ...whole, metrics: { a: { thresholds } } })
    assert.equal(refusal(withThresholds({ 'avg<1': 'no' })), 'report_malformed')
    assert.equal(refusal(withThresholds(['avg<1'])), 'report_malformed')
    const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`p(${at})`, 1]))
    assert.equal(refusal({ ...whole, metrics: { a: many } }), 'report_malformed')
    assert.equal(refusal({ metrics: {} }, 'k6'), 'report_wrong_format')
    assert.equal(refusal({ metadata: { k6Version: '2' }, results: {} }, 'k6'), 'report_wrong_format')
  })
})
