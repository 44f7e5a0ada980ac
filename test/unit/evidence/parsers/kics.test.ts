import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, fixture, jsonFixture, read, readDocument, refusal, storedText } from '../reading.ts'

describe('the KICS parser', () => {
  it('counts every place that a query found', () => {
    const report = read('kics/queries.json')
    assert.deepEqual(report.tool, { name: 'kics', version: 'v2.1.3' })
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), { critical: 2, high: 1, negligible: 1 })
    assert.equal(byId(report, 'q-1').location, 'main.tf:3')
    assert.equal(report.reportedAt, '2026-11-02T10:00:09.1Z')
  })

  it('keeps no value that it found, and the stored report counts the same', () => {
    const report = read('kics/queries.json')
    assert.doesNotMatch(storedText(report) + JSON.stringify(report.findings), /hunter2/)
    assert.match(storedText(report), /'storage_encrypted' should be set/)
    assert.deepEqual(counted(readDocument(storedText(report))), counted(report))
  })

  it('is clean only if files were parsed and all queries ran', () => {
    assert.equal(read('kics/clean.json').completeness, 'complete')
    assert.equal(read('kics/empty.json').completeness, 'empty')
    assert.equal(read('kics/query-failed.json').completeness, 'partial')
  })

  it('refuses a report that counts more than it lists, and other documents', () => {
    const clean = jsonFixture('kics/clean.json')
    assert.equal(refusal({ ...clean, total_counter: 1 }), 'report_malformed')
    assert.equal(refusal({ ...clean, queries: [{ query_id: 'q', severity: 'HIGH' }] }), 'report_malformed')
    assert.equal(refusal({ ...clean, files_failed_to_scan: 'none' }), 'report_malformed')
    assert.equal(refusal(fixture('checkov/clean.json'), 'kics'), 'report_wrong_format')
  })
})
