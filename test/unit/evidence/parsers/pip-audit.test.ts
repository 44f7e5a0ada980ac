import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, read, readDocument, refusal } from '../reading.ts'

describe('the pip-audit parser', () => {
  it('reads the object with dependencies; severities are unknown, for pip-audit gives none', () => {
    const report = read('pip-audit/dependencies.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), { unknown: 1 })
    const { aliases, purl, version, fixedVersion, title, toolSeverity } = byId(report, 'GHSA-kkkk-llll-mmmm')
    assert.deepEqual(
      { aliases, purl, version, fixedVersion, title, toolSeverity },
      {
        aliases: ['CVE-2026-2002'],
        purl: 'pkg:pypi/web-kit@1.0',
        version: '1.0',
        fixedVersion: '1.1',
        title: 'A flaw.',
        toolSeverity: null,
      },
    )
  })

  it('reads the list of versions before 2.0', () => {
    const report = read('pip-audit/list.json')
    assert.deepEqual(counted(report), { unknown: 2 })
    assert.deepEqual([byId(report, 'PYSEC-2026-2').purl, byId(report, 'PYSEC-2026-2').fixedVersion], ['pkg:pypi/web-kit@1.0', '1.1, 2.0'])
    assert.equal(byId(report, 'PYSEC-2026-3').fixedVersion, null)
  })

  it('is clean if a package was looked up, empty if none was', () => {
    assert.equal(read('pip-audit/clean.json').completeness, 'complete')
    assert.deepEqual(counted(read('pip-audit/clean.json')), {})
    assert.equal(read('pip-audit/all-skipped.json').completeness, 'empty')
    assert.equal(read('pip-audit/no-dependencies.json').completeness, 'empty')
    assert.equal(readDocument([], 'pip-audit').completeness, 'empty')
    assert.equal(readDocument({ dependencies: [] }, 'pip-audit').completeness, 'empty')
  })

  it('refuses what it cannot read', () => {
    for (const dependencies of [['idna'], [null], [{ name: 'idna' }], [{ vulns: [] }], [{ name: 'idna', vulns: 'none' }]])
      assert.equal(refusal({ dependencies, fixes: [] }, 'pip-audit'), 'report_malformed', JSON.stringify(dependencies))
    assert.equal(refusal([{ name: 'idna', version: '1', vulns: ['CVE-1'] }]), 'report_malformed')
    for (const other of [{ dependencies: {} }, { dependencies: [], projectInfo: {} }, { matches: [] }, 'true'])
      assert.equal(refusal(other, 'pip-audit'), 'report_wrong_format', JSON.stringify(other))
    assert.equal(refusal('No known vulnerabilities found', 'pip-audit'), 'report_malformed')
  })
})
