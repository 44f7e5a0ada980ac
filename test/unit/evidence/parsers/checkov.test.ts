import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, fixture, jsonFixture, read, readDocument, refusal, storedText } from '../reading.ts'

describe('the Checkov parser', () => {
  it('counts failed checks per resource, skipped ones apart, and takes a missing severity for unknown', () => {
    const report = read('checkov/terraform.json')
    assert.deepEqual(report.tool, { name: 'checkov', version: '3.2.300' })
    assert.deepEqual(report.examined, ['terraform'])
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), { unknown: 2, medium: 1 })
    assert.deepEqual(byId(report, 'CKV_A_1').aliases, ['BC_CKV_A_1'])
    assert.equal(byId(report, 'CKV_A_3').suppressionReason, 'no logs here')
  })

  it('reads a list of frameworks, each for its own class', () => {
    const report = read('checkov/frameworks.json')
    assert.deepEqual(report.scanned, ['misconfigurations', 'vulnerabilities', 'secrets', 'licences'])
    assert.deepEqual(counted(report), { critical: 1, low: 1, unknown: 1 })
    const advisory = byId(report, 'CVE-2026-1000')
    assert.deepEqual(
      [advisory.class, advisory.package, advisory.version, advisory.fixedVersion, advisory.score],
      ['vulnerabilities', 'flask', '2.0.0', '2.3.2', 9.8],
    )
    assert.equal(byId(report, 'BC_LIC_1').class, 'licences')
    assert.equal(byId(report, 'CKV_SECRET_6').location, '/app.env:4')
  })

  it('keeps no code, and the stored report counts the same', () => {
    for (const path of ['checkov/terraform.json', 'checkov/frameworks.json']) {
      const report = read(path)
      assert.doesNotMatch(storedText(report) + JSON.stringify(report.findings), /hunter2/, path)
      assert.deepEqual(counted(readDocument(storedText(report))), counted(report), path)
    }
  })

  it('is clean only if a check passed, and partial if a file could not be parsed', () => {
    assert.equal(read('checkov/clean.json').completeness, 'complete')
    assert.equal(read('checkov/quiet.json').completeness, 'complete')
    assert.equal(read('checkov/nothing.json').completeness, 'empty')
    assert.equal(read('checkov/no-checks.json').completeness, 'empty')
    assert.equal(read('checkov/parsing-error.json').completeness, 'partial')
  })

  it('speaks for no class whose framework applied no check', () => {
    const secrets = { ...jsonFixture('checkov/no-checks.json'), check_type: 'secrets' }
    assert.deepEqual(readDocument([jsonFixture('checkov/clean.json'), secrets]).scanned, ['misconfigurations'])
  })

  it('refuses failures that it counts but does not list, and other documents', () => {
    const clean = jsonFixture('checkov/clean.json')
    assert.equal(refusal({ ...clean, summary: { failed: 3 } }), 'report_malformed')
    assert.equal(refusal({ ...clean, results: { passed_checks: [] } }), 'report_malformed')
    assert.equal(refusal([clean, 'stray'], 'checkov'), 'report_wrong_format')
    assert.equal(refusal([], 'checkov'), 'report_wrong_format')
    assert.equal(refusal(fixture('kics/clean.json'), 'checkov'), 'report_wrong_format')
  })
})
