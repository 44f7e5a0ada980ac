import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the cargo-audit parser', () => {
  it('scores vulnerabilities by their CVSS vector, and says unknown where it has none that it can score', () => {
    const report = read('cargo-audit/dirty.json')
    assert.equal(report.completeness, 'complete')
    assert.equal(report.databaseAt, '2026-05-03T06:00:00Z')
    const { severity, score, aliases, purl, fixedVersion, toolSeverity } = byId(report, 'RUSTSEC-2026-0001')
    assert.deepEqual(
      { severity, score, aliases, purl, fixedVersion, toolSeverity },
      {
        severity: 'critical',
        score: 9.8,
        aliases: ['CVE-2026-2003'],
        purl: 'pkg:cargo/regex@1.5.1',
        fixedVersion: '>=1.5.5',
        toolSeverity: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
      },
    )
    assert.equal(byId(report, 'RUSTSEC-2026-0002').severity, 'unknown')
    assert.equal(byId(report, 'RUSTSEC-2026-0003').severity, 'unknown')
  })

  it('reads warnings: informational ones are negligible, unsound code is not', () => {
    const report = read('cargo-audit/dirty.json')
    assert.deepEqual(counted(report), { critical: 1, negligible: 2, unknown: 3 })
    assert.equal(byId(report, 'RUSTSEC-2026-0004').toolSeverity, 'unmaintained')
    assert.equal(byId(report, 'RUSTSEC-2026-0005').severity, 'unknown')
    assert.deepEqual([byId(report, 'yanked').package, byId(report, 'yanked').severity], ['gone', 'negligible'])
  })

  it('reads the plain list of warnings of old versions', () => {
    assert.deepEqual(counted(read('cargo-audit/old-warnings.json')), { negligible: 2 })
  })

  it('is clean where crates were examined, empty without any', () => {
    assert.equal(read('cargo-audit/clean.json').completeness, 'complete')
    assert.deepEqual(counted(read('cargo-audit/clean.json')), {})
    assert.equal(read('cargo-audit/no-dependencies.json').completeness, 'empty')
  })

  it('refuses a count that is not that of its list, and what it cannot read', () => {
    const clean = jsonFixture('cargo-audit/clean.json')
    for (const vulnerabilities of [
      { found: true, count: 1, list: [] },
      { found: true, count: 0, list: [] },
      { found: true, count: 2, list: [{ advisory: {} }] },
      { list: null },
      { list: {} },
      { list: ['none'] },
      { list: [{}] },
    ])
      assert.equal(refusal({ ...clean, vulnerabilities }), 'report_malformed', JSON.stringify(vulnerabilities))
    for (const warnings of ['none', ['none'], { yanked: 'none' }, { yanked: [7] }])
      assert.equal(refusal({ ...clean, warnings }), 'report_malformed', JSON.stringify(warnings))
    assert.equal(refusal({ ...clean, lockfile: undefined }, 'cargo-audit'), 'report_wrong_format')
    assert.equal(refusal({ vulnerabilities: [] }, 'cargo-audit'), 'report_wrong_format')
  })

  it('keeps a warning of a kind that it does not know as unknown', () => {
    const warnings = { haunted: [{ kind: 'haunted', package: { name: 'a', version: '1' } }] }
    assert.deepEqual(counted(readDocument({ ...jsonFixture('cargo-audit/clean.json'), warnings })), { unknown: 1 })
  })
})
