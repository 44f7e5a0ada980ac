import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, fixture, jsonFixture, read, readDocument, refusal, storedText } from '../reading.ts'

describe('the Semgrep parser', () => {
  it('reads the results of its three products with old and new severities', () => {
    const report = read('semgrep/products.json')
    assert.deepEqual(report.tool, { name: 'semgrep', version: '1.140.0' })
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['sast', 'vulnerabilities', 'secrets'])
    assert.deepEqual(counted(report), { high: 3, medium: 1, low: 1 })
    assert.equal(byId(report, 'js.xss').suppressionReason, 'nosemgrep')
    assert.equal(byId(report, 'generic.secrets.aws').class, 'secrets')
    const advisory = byId(report, 'CVE-2026-1000')
    assert.deepEqual(
      [advisory.class, advisory.aliases, advisory.package, advisory.version, advisory.fixedVersion],
      ['vulnerabilities', ['GHSA-aaaa-bbbb-cccc', 'ssc-1234'], 'flask', '2.0.0', '2.3.2'],
    )
  })

  it('reads the findings that the platform exports', () => {
    const report = read('semgrep/platform.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['sast', 'vulnerabilities'])
    assert.deepEqual(counted(report), { critical: 1, high: 1, medium: 1, low: 1 })
    assert.equal(report.findings.find((item) => item.suppressed)?.suppressionReason, 'only in tests')
  })

  it('keeps no code and no message that quotes a secret, and the stored report counts the same', () => {
    for (const path of ['semgrep/products.json', 'semgrep/platform.json']) {
      const report = read(path)
      assert.doesNotMatch(storedText(report) + JSON.stringify(report.findings), /hunter2/, path)
      assert.deepEqual(counted(readDocument(storedText(report))), counted(report), path)
    }
    const partial = { ...jsonFixture('semgrep/partial.json'), results: jsonFixture('semgrep/old.json')['results'] }
    assert.doesNotMatch(storedText(readDocument(partial)), /hunter2/)
  })

  it('is clean only if it names files that it examined and tells of no error', () => {
    assert.equal(read('semgrep/clean.json').completeness, 'complete')
    assert.equal(read('semgrep/old.json').completeness, 'complete')
    assert.equal(read('semgrep/old-empty.json').completeness, 'empty')
    assert.equal(read('semgrep/partial.json').completeness, 'partial')
    assert.equal(read('semgrep/skipped-rules.json').completeness, 'partial')
    assert.equal(read('semgrep/failed.json').completeness, 'failed')
  })

  it('takes a full page of the platform for a part, and a list without open findings for nothing examined', () => {
    const [first] = jsonFixture('semgrep/platform.json')['findings'] as object[]
    const page = Array.from({ length: 100 }, (_, id) => ({ ...first, id, match_based_id: `m${id}` }))
    assert.equal(readDocument({ findings: page }).completeness, 'partial')
    assert.equal(readDocument({ findings: page.slice(1) }).completeness, 'complete')
    assert.equal(read('semgrep/platform-all-fixed.json').completeness, 'empty')
    assert.equal(readDocument({ findings: [] }, 'semgrep').completeness, 'empty')
  })

  it('refuses other documents', () => {
    assert.equal(refusal({ results: [{ check_id: 'a' }], errors: [] }, 'semgrep'), 'report_wrong_format')
    assert.equal(refusal({ results: [], errors: [], metrics: {} }, 'semgrep'), 'report_wrong_format')
    assert.equal(refusal({ findings: [{ id: 1 }] }, 'semgrep'), 'report_wrong_format')
    assert.equal(refusal({ ...jsonFixture('semgrep/clean.json'), paths: { scanned: 'all' } }), 'report_malformed')
    assert.equal(refusal(fixture('bandit/clean.json'), 'semgrep'), 'report_wrong_format')
  })
})
