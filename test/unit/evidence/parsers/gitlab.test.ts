import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readReport } from '../../../../src/evidence/read-report.ts'
import { byId, counted, fixture, jsonFixture, read, readDocument, refusal, storedText } from '../reading.ts'

describe('the GitLab parsers', () => {
  it('read SAST, exact repeats once', () => {
    const report = read('gitlab-sast/version-15.json')
    assert.deepEqual(report.tool, { name: 'semgrep', version: '1.2.3' })
    assert.deepEqual([report.scanned, report.completeness, report.reportedAt], [['sast'], 'complete', '2026-11-02T10:00:30Z'])
    assert.deepEqual(counted(report), { critical: 1, high: 2, medium: 1, negligible: 1 })
    assert.deepEqual([byId(report, 'js.eval').location, byId(report, 'js.eval').aliases], ['src/app.js:3', []])
    assert.equal(byId(report, '95').severity, 'negligible')
  })

  it('read secrets', () => {
    const report = read('gitlab-secret-detection/leaks.json')
    assert.deepEqual(report.scanned, ['secrets'])
    assert.deepEqual(counted(report), { critical: 1 })
    assert.equal(byId(report, 'AWS').location, 'config.yml:7')
  })

  it('read DAST', () => {
    const report = read('gitlab-dast/version-15.json')
    assert.deepEqual(report.scanned, ['dast'])
    assert.deepEqual(counted(report), { high: 1, low: 1 })
    assert.equal(byId(report, '10062').location, 'GET https://shop.example.com/cart (q)')
  })

  it('read containers with the digest of the image, packages and fixes', () => {
    const report = read('gitlab-container-scanning/version-15.json')
    assert.deepEqual(report.scanned, ['vulnerabilities'])
    assert.deepEqual(report.statedDigests, [`sha256:${'ab'.repeat(32)}`])
    assert.deepEqual(counted(report), { critical: 1, negligible: 1, unknown: 1 })
    const found = byId(report, 'CVE-2026-1001')
    assert.deepEqual([found.package, found.version, found.fixedVersion], ['openssl', '3.0.13', '3.0.14'])
    assert.equal(byId(report, 'CVE-2026-1002').fixedVersion, null)
    assert.deepEqual(byId(report, 'CVE-2026-1003').aliases, ['DSA-1'])
  })

  it('read dependencies', () => {
    const report = read('gitlab-dependency-scanning/version-15.json')
    assert.deepEqual(counted(report), { high: 1, unknown: 1 })
    const found = byId(report, 'CVE-2026-1009')
    assert.deepEqual([found.aliases, found.fixedVersion, found.location], [['7368'], '2.2.3', 'service/go.sum'])
    assert.equal(byId(report, '7369').fixedVersion, null)
  })

  it('recognise reports without a scan by category, by place, or not at all', () => {
    const formatOf = (path: string): string => readReport(fixture(path), 'auto').format
    assert.equal(formatOf('gitlab-sast/version-2.json'), 'gitlab-sast')
    assert.equal(formatOf('gitlab-container-scanning/without-scan.json'), 'gitlab-container-scanning')
    assert.equal(formatOf('gitlab-dependency-scanning/without-scan.json'), 'gitlab-dependency-scanning')
    assert.equal(formatOf('gitlab-dependency-scanning/without-scan-clean.json'), 'gitlab-dependency-scanning')
    assert.equal(formatOf('gitlab-dast/bare.json'), 'gitlab-dast')
    assert.equal(refusal(fixture('gitlab-sast/without-category.json')), 'report_format_ambiguous')
    assert.equal(refusal(fixture('gitlab-sast/without-scan-clean.json')), 'report_format_ambiguous')
    assert.deepEqual(counted(read('gitlab-sast/without-category.json', 'gitlab-secret-detection')), { low: 1 })
  })

  it('are clean only if the report shows that something was examined', () => {
    for (const format of ['sast', 'secret-detection', 'dast', 'container-scanning', 'dependency-scanning'])
      assert.equal(read(`gitlab-${format}/clean.json`).completeness, 'complete', format)
    assert.equal(read('gitlab-sast/without-scan-clean.json', 'gitlab-sast').completeness, 'complete')
    assert.equal(read('gitlab-sast/failed.json').completeness, 'failed')
    assert.equal(read('gitlab-sast/fatal.json').completeness, 'partial')
    assert.equal(read('gitlab-dast/empty.json').completeness, 'empty')
    assert.equal(read('gitlab-dependency-scanning/empty.json').completeness, 'empty')
    assert.equal(readDocument({ vulnerabilities: [] }, 'gitlab-dast').completeness, 'empty')
    const silent = jsonFixture('gitlab-sast/clean.json')
    assert.equal(readDocument({ ...silent, scan: { ...(silent['scan'] as object), status: undefined } }).completeness, 'partial')
  })

  it('keep no code, request or secret, and the stored report counts the same', () => {
    for (const path of ['gitlab-sast/version-15.json', 'gitlab-secret-detection/leaks.json', 'gitlab-dast/version-15.json']) {
      const report = read(path)
      assert.doesNotMatch(storedText(report) + JSON.stringify(report.findings), /hunter2/, path)
      assert.deepEqual(counted(readDocument(storedText(report))), counted(report), path)
    }
    const fatal = jsonFixture('gitlab-sast/fatal.json')
    const stored = storedText(readDocument({ ...fatal, vulnerabilities: jsonFixture('gitlab-sast/version-15.json')['vulnerabilities'] }))
    assert.equal(readDocument(stored).completeness, 'partial')
    assert.doesNotMatch(stored, /hunter2/)
  })

  it('refuse the report of another type of scan, and what is no report', () => {
    assert.equal(refusal(fixture('gitlab-sast/clean.json'), 'gitlab-dast'), 'report_wrong_format')
    assert.equal(refusal(fixture('gitlab-container-scanning/without-scan.json'), 'gitlab-dependency-scanning'), 'report_wrong_format')
    assert.equal(refusal({ bomFormat: 'CycloneDX', vulnerabilities: [] }, 'gitlab-container-scanning'), 'report_wrong_format')
    assert.equal(refusal({ version: '15.0.7', scan: 'sast', vulnerabilities: [] }, 'gitlab-sast'), 'report_malformed')
    assert.equal(refusal({ version: '15.0.7', vulnerabilities: [{ location: {} }] }, 'gitlab-sast'), 'report_malformed')
    assert.equal(refusal({ version: '15.0.7' }, 'gitlab-sast'), 'report_wrong_format')
  })
})
