import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the Inspector parser', () => {
  it('reads a finding for each vulnerable package, and those of code and network in their own class', () => {
    const report = read('inspector2/findings.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['vulnerabilities', 'sast', 'misconfigurations'])
    assert.deepEqual(counted(report), { critical: 2, medium: 1, low: 1, unknown: 1 })
    const [openssl, libssl] = report.findings
    assert.deepEqual(
      [openssl?.id, openssl?.aliases, openssl?.fixedVersion, openssl?.score],
      ['CVE-2026-2016', ['CVE-2026-2099'], '0:3.0.14-1', 8.1],
    )
    assert.deepEqual([libssl?.package, libssl?.fixedVersion, libssl?.location], ['libssl3', 'a later version', 'app/lib'])
    assert.equal(byId(report, 'CVE-2026-2017').fixedVersion, null)
    assert.equal(byId(report, 'python/sql-injection@v1.0').location, 'src/app.py:12')
    assert.equal(byId(report, 'Port 22 is reachable from an Internet Gateway').class, 'misconfigurations')
  })

  it('names the package as its ecosystem does, and the version of a distribution’s package whole', () => {
    const findingArn = 'arn:aws:inspector2:eu-west-1:000000000000:finding/1'
    const packages = (...vulnerablePackages: object[]) =>
      readDocument({ findings: [{ findingArn, packageVulnerabilityDetails: { vulnerablePackages } }] }).findings
    const builds = packages(
      { name: 'xml', version: '2.9.4', epoch: 1, release: '7', packageManager: 'OS' },
      { name: 'xml', version: '2.9.4', epoch: 1, release: '7+b3', packageManager: 'OS' },
    )
    assert.deepEqual(
      builds.map(({ version, purl }) => [version, purl]),
      [
        ['1:2.9.4-7', null],
        ['1:2.9.4-7+b3', null],
      ],
    )
    assert.equal(
      packages({ name: 'org.example:parser', version: '2', epoch: 0, packageManager: 'JAR' })[0]?.purl,
      'pkg:maven/org.example/parser@2',
    )
  })

  it('keeps suppressed and closed findings apart', () => {
    const report = read('inspector2/findings.json')
    assert.equal(byId(report, 'CVE-2026-2018').suppressionReason, 'status SUPPRESSED')
    assert.equal(byId(report, 'CVE-2026-2019').suppressionReason, 'status CLOSED')
  })

  it('knows the images that the findings are about', () => {
    assert.deepEqual(read('inspector2/findings.json').statedDigests, [`sha256:${'a'.repeat(64)}`])
  })

  it('is empty without findings, for that does not tell whether anything was scanned; partial with a further page', () => {
    assert.equal(read('inspector2/empty.json', 'inspector2').completeness, 'empty')
    assert.equal(refusal({ findings: [] }), 'report_format_unknown')
    assert.equal(readDocument({ ...jsonFixture('inspector2/findings.json'), nextToken: 'more' }).completeness, 'partial')
    assert.equal(readDocument({ findings: [], nextToken: 'more' }, 'inspector2').completeness, 'partial')
  })

  it('refuses what it cannot read', () => {
    const findingArn = 'arn:aws:inspector2:eu-west-1:000000000000:finding/1'
    for (const item of [
      { type: 'NEWLY_INVENTED' },
      { type: 'constructor' },
      { packageVulnerabilityDetails: { vulnerablePackages: [7] } },
      {},
    ])
      assert.equal(refusal({ findings: [{ findingArn, ...item }] }), 'report_malformed', JSON.stringify(item))
    for (const findings of ['none', {}, [{ findingArn: 'arn:aws:s3:::a' }], [7]])
      assert.equal(refusal({ findings }, 'inspector2'), 'report_wrong_format', JSON.stringify(findings))
    assert.equal(refusal({ findings: [], meta: {} }, 'inspector2'), 'report_wrong_format')
  })
})
