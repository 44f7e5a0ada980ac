import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the Clair parser', () => {
  it('joins vulnerabilities with the packages that have them, and keeps those that no package is named for', () => {
    const report = read('clair/report.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.statedDigests, [`sha256:${'a'.repeat(64)}`])
    assert.deepEqual(counted(report), { critical: 1, high: 2, medium: 1, unknown: 1 })
    const pairs = report.findings.map(({ id, package: name, version }) => [id, name, version])
    assert.deepEqual(pairs, [
      ['CVE-2026-2009', 'openssl', '3.0.13-1'],
      ['CVE-2026-2010', 'openssl', '3.0.13-1'],
      ['CVE-2026-2011', 'openssl', '3.0.13-1'],
      ['CVE-2026-2009', 'libssl3', '3.0.13-1'],
      ['GHSA-aaaa-bbbb-cccc', 'libssl3', '3.0.13-1'],
      ['CVE-2026-2012', 'openssl', null],
    ])
  })

  it('reads fixes as versions or as a query string, and no version as no fix', () => {
    const report = read('clair/report.json')
    assert.equal(byId(report, 'CVE-2026-2009').fixedVersion, '3.0.14-1')
    assert.equal(byId(report, 'CVE-2026-2010').fixedVersion, null)
    assert.equal(byId(report, 'GHSA-aaaa-bbbb-cccc').fixedVersion, '1.2.3')
  })

  it('suppresses what an inverted advisory says not to be affected', () => {
    const { suppressed, suppressionReason } = byId(read('clair/report.json'), 'CVE-2026-2011')
    assert.deepEqual([suppressed, suppressionReason], [true, 'the advisory says that the package is not affected'])
  })

  it('is clean where packages are known, empty without any', () => {
    assert.equal(read('clair/clean.json').completeness, 'complete')
    assert.deepEqual(counted(read('clair/clean.json')), {})
    assert.equal(read('clair/no-packages.json').completeness, 'empty')
  })

  it('reads ids that are numbers, as versions before 4 wrote them', () => {
    const { package_vulnerabilities: _pairs, ...rest } = jsonFixture('clair/report.json')
    assert.equal(readDocument({ ...rest, package_vulnerabilities: { 10: [1] } }).findings[0]?.id, 'CVE-2026-2009')
  })

  it('refuses what it cannot read', () => {
    const whole = jsonFixture('clair/report.json')
    for (const broken of [
      { packages: 'none' },
      { vulnerabilities: [] },
      { vulnerabilities: { 1: 'CVE' } },
      { package_vulnerabilities: [] },
      { package_vulnerabilities: { 10: '1' } },
      { package_vulnerabilities: { 10: ['99'] } },
      { package_vulnerabilities: { 10: ['constructor'] } },
      { package_vulnerabilities: { 10: [{ toString: 1, valueOf: 1 }] } },
      { package_vulnerabilities: { 10: [null] } },
    ])
      assert.equal(refusal({ ...whole, ...broken }), 'report_malformed', JSON.stringify(broken))
    assert.equal(refusal({ code: 'not-found', message: 'no such manifest' }, 'clair'), 'report_wrong_format')
  })
})
