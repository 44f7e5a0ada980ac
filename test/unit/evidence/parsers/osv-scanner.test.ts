import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, jsonFixture, read, readDocument, refusal } from '../reading.ts'

function scan(item: object): object {
  return {
    results: [{ source: { path: 'a', type: 'lockfile' }, packages: [{ package: { name: 'a', version: '1', ecosystem: 'npm' }, ...item }] }],
  }
}

function severityOf(group: object, ...vulnerabilities: object[]): string | undefined {
  return readDocument(scan({ vulnerabilities, groups: [group] })).findings[0]?.severity
}

describe('the OSV-Scanner parser', () => {
  it('counts groups, so that ids of the same vulnerability are one', () => {
    const report = read('osv-scanner/version-2.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['vulnerabilities', 'licences'])
    assert.deepEqual(counted(report), { critical: 2, high: 1, medium: 1, unknown: 2 })
    const { aliases, score, toolSeverity, purl, fixedVersion, location, title } = byId(report, 'GHSA-aaaa-bbbb-cccc')
    assert.deepEqual(
      { aliases, score, toolSeverity, purl, fixedVersion, location, title },
      {
        aliases: ['CVE-2026-2001'],
        score: 9.8,
        toolSeverity: '9.8',
        purl: 'pkg:npm/parser@2.0.1',
        fixedVersion: '2.0.2, 1.9.9',
        location: '/src/package-lock.json',
        title: 'Flaw GHSA-aaaa-bbbb-cccc',
      },
    )
  })

  it('takes a malicious package for critical, a score that is missing for unknown', () => {
    const report = read('osv-scanner/version-2.json')
    assert.equal(byId(report, 'MAL-2026-1').severity, 'critical')
    assert.equal(byId(report, 'GHSA-gggg-hhhh-jjjj').severity, 'unknown')
    assert.equal(byId(report, 'GHSA-dddd-eeee-ffff').severity, 'medium')
    assert.equal(severityOf({ ids: ['GHSA-1', 'MAL-1'], max_severity: '2.0' }, { id: 'GHSA-1' }), 'critical')
  })

  it('keeps what call analysis or the distribution cleared as suppressed', () => {
    const report = read('osv-scanner/version-2.json')
    const { suppressed, suppressionReason } = byId(report, 'GO-2026-0001')
    assert.deepEqual([suppressed, suppressionReason], [true, 'call analysis: not called'])
    assert.equal(byId(report, 'GO-2026-0002').suppressed, false)
    const unimportant = { ids: ['DSA-1'], experimental_analysis: { 'DSA-1': { called: true, unimportant: true } } }
    assert.equal(readDocument(scan({ groups: [unimportant] })).findings[0]?.suppressionReason, 'unimportant, says the distribution')
  })

  it('lists packages whose licence is not allowed', () => {
    const { class: of, package: name } = byId(read('osv-scanner/version-2.json'), 'GPL-3.0')
    assert.deepEqual([of, name], ['licences', 'stolen'])
  })

  it('reads versions without scores by the words and vectors of the database, the worst of them', () => {
    const report = read('osv-scanner/version-1.json')
    assert.deepEqual(report.scanned, ['vulnerabilities'])
    assert.deepEqual(counted(report), { critical: 1, unknown: 2 })
    assert.deepEqual(byId(report, 'GHSA-kkkk-llll-mmmm').purl, 'pkg:pypi/web-kit@1.0')
    assert.equal(byId(report, 'PYSEC-2026-3').severity, 'unknown')
    assert.equal(severityOf({ ids: ['A'] }, { id: 'A', database_specific: { severity: 'HIGH' } }), 'high')
  })

  it('reads version 1.0, which has no groups', () => {
    assert.deepEqual(counted(read('osv-scanner/version-1.0.json')), { unknown: 1 })
    assert.equal(byId(read('osv-scanner/version-1.0.json'), 'RUSTSEC-2026-0001').purl, 'pkg:cargo/regex@1.5.1')
  })

  it('takes no number out of the range for a score', () => {
    for (const max_severity of ['11', '-1', 'high', '9.8.7', ''])
      assert.equal(severityOf({ ids: ['A'], max_severity }), 'unknown', max_severity)
    assert.equal(severityOf({ ids: ['A'], max_severity: '10' }), 'critical')
  })

  it('reads an entry for one group alone, so that many groups of a long one take no time', () => {
    const vulnerabilities = [{ id: 'A', aliases: Array.from({ length: 50_000 }, (_alias, index) => `B${index}`) }]
    const groups = Array.from({ length: 50_000 }, (_group, index) => ({ ids: [`C${index}`, 'A'] }))
    const { findings } = readDocument(scan({ vulnerabilities, groups }))
    assert.equal(findings.length, 50_000)
    assert.equal(findings[0]?.aliases.length, 50_001)
    assert.deepEqual(findings[1]?.aliases, ['A'])
  })

  it('reads an empty list of results as clean, no list as empty', () => {
    assert.equal(read('osv-scanner/clean.json').completeness, 'complete')
    assert.deepEqual(counted(read('osv-scanner/clean.json')), {})
    assert.equal(readDocument({ results: [] }, 'osv-scanner').completeness, 'complete')
    assert.equal(read('osv-scanner/no-results.json', 'osv-scanner').completeness, 'empty')
  })

  it('does not claim empty results that other tools write too', () => {
    assert.equal(refusal({ results: [] }), 'report_format_unknown')
    assert.equal(refusal({ results: [], errors: [], paths: {} }, 'osv-scanner'), 'report_wrong_format')
    assert.equal(refusal({ results: [{ check_id: 'a' }] }, 'osv-scanner'), 'report_wrong_format')
  })

  it('refuses what it cannot read', () => {
    const clean = jsonFixture('osv-scanner/clean.json')
    for (const results of ['none', {}, [7], [null], [{}], [{ source: {}, packages: 'none' }], [{ source: {}, packages: [{}] }]])
      assert.equal(refusal({ ...clean, results }, 'osv-scanner'), 'report_malformed', JSON.stringify(results))
    for (const item of [{ vulnerabilities: 'none' }, { groups: {} }, { groups: ['a'] }, { license_violations: 'GPL' }])
      assert.equal(refusal(scan(item)), 'report_malformed', JSON.stringify(item))
  })
})
