import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, fixture, jsonFixture, read, readDocument, refusal, storedText } from '../reading.ts'

describe('the Bandit parser', () => {
  it('reads issues, exact repeats once, and takes an undefined severity for unknown', () => {
    const report = read('bandit/issues.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['sast'])
    assert.deepEqual(counted(report), { high: 2, low: 1, unknown: 1 })
    assert.equal(report.reportedAt, '2026-11-02T10:00:00Z')
    assert.equal(byId(report, 'B602').location, 'app/run.py:8')
    assert.equal(byId(report, 'B303').toolSeverity, 'UNDEFINED')
  })

  it('keeps no code and no password, and the stored report counts the same', () => {
    const report = read('bandit/issues.json')
    assert.doesNotMatch(storedText(report) + JSON.stringify(report.findings), /hunter2/)
    assert.equal(byId(report, 'B105').title, 'hardcoded_password_string')
    assert.deepEqual(counted(readDocument(storedText(report))), counted(report))
  })

  it('is clean only if it examined a file and all could be read', () => {
    assert.equal(read('bandit/clean.json').completeness, 'complete')
    assert.equal(read('bandit/empty.json').completeness, 'empty')
    assert.equal(read('bandit/syntax-error.json').completeness, 'partial')
    assert.equal(read('bandit/all-failed.json').completeness, 'failed')
  })

  it('refuses a result without its test, and other documents', () => {
    assert.equal(refusal({ ...jsonFixture('bandit/issues.json'), results: [{}] }), 'report_malformed')
    assert.equal(refusal({ ...jsonFixture('bandit/clean.json'), errors: 'none' }), 'report_malformed')
    assert.equal(refusal(fixture('semgrep/products.json'), 'bandit'), 'report_wrong_format')
  })
})
