import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, jsonFixture, read, readDocument, refusal } from '../reading.ts'

const DIGEST_A = `sha256:${'a'.repeat(64)}`

describe('the ECR parser', () => {
  it('reads a basic scan, its image, its time and the age of its sources', () => {
    const report = read('ecr/basic.json')
    assert.equal(report.completeness, 'complete')
    assert.equal(report.reportedAt, '2026-05-04T09:30:00+02:00')
    assert.equal(report.databaseAt, '2026-05-03T06:00:00+02:00')
    assert.deepEqual(report.statedDigests, [DIGEST_A])
    assert.deepEqual(counted(report), { critical: 1, negligible: 1, unknown: 1 })
    const { score, package: name, version, toolSeverity } = byId(report, 'CVE-2026-2013')
    assert.deepEqual([score, name, version, toolSeverity], [9.8, 'openssl', '1.0-1', 'CRITICAL'])
    assert.equal(byId(report, 'CVE-2026-2014').toolSeverity, 'UNDEFINED')
    assert.equal(byId(report, 'CVE-2026-2015').score, 2.1)
  })

  it('reads an enhanced scan', () => {
    const report = read('ecr/enhanced.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), { high: 1, unknown: 1 })
    const { score, fixedVersion, package: name } = byId(report, 'CVE-2026-2016')
    assert.deepEqual([score, fixedVersion, name], [8.1, '0:3.0.14-1', 'openssl'])
    assert.equal(byId(report, 'CVE-2026-2017').fixedVersion, null)
    const { imageId: _imageId, ...withoutImage } = jsonFixture('ecr/enhanced.json')
    assert.deepEqual(readDocument(withoutImage).statedDigests, [DIGEST_A])
  })

  it('reads times that are seconds, as version 1 of the AWS CLI writes them', () => {
    const answer = jsonFixture('ecr/clean.json')
    const scan = { ...(answer['imageScanFindings'] as object), imageScanCompletedAt: 1777887000.5, vulnerabilitySourceUpdatedAt: 1e30 }
    const report = readDocument({ ...answer, imageScanFindings: scan })
    assert.equal(report.reportedAt, '2026-05-04T09:30:00.500Z')
    assert.equal(report.databaseAt, null)
  })

  it('is clean only where the scan is complete or active and lists its findings', () => {
    assert.equal(read('ecr/clean.json').completeness, 'complete')
    assert.deepEqual(counted(read('ecr/clean.json')), {})
    const answer = jsonFixture('ecr/clean.json')
    for (const imageScanFindings of [{}, { findings: null }, { imageScanCompletedAt: '2026-05-04T09:30:00Z' }])
      assert.equal(readDocument({ ...answer, imageScanFindings }).completeness, 'failed', JSON.stringify(imageScanFindings))
    for (const status of ['FAILED', 'NEWLY_INVENTED', undefined, 7])
      assert.equal(readDocument({ ...answer, imageScanStatus: { status } }).completeness, 'failed', String(status))
    for (const status of ['UNSUPPORTED_IMAGE', 'FINDINGS_UNAVAILABLE', 'LIMIT_EXCEEDED', 'IMAGE_ARCHIVED'])
      assert.equal(readDocument({ ...answer, imageScanStatus: { status } }).completeness, 'empty', status)
  })

  it('says of other states what they are', () => {
    assert.equal(read('ecr/failed.json').completeness, 'failed')
    assert.equal(read('ecr/unsupported.json').completeness, 'empty')
    assert.equal(read('ecr/in-progress.json').completeness, 'partial')
  })

  it('is partial where pages are missing, by the token or by the counts', () => {
    assert.equal(read('ecr/first-page.json').completeness, 'partial')
    const { nextToken: _nextToken, ...withoutToken } = jsonFixture('ecr/first-page.json')
    assert.equal(readDocument(withoutToken).completeness, 'partial')
    const clean = jsonFixture('ecr/clean.json')
    assert.equal(readDocument({ ...clean, nextToken: 'more' }).completeness, 'partial')
  })

  it('refuses what it cannot read', () => {
    const clean = jsonFixture('ecr/clean.json')
    for (const imageScanFindings of [
      'none',
      [],
      { findings: 'none' },
      { findings: [7] },
      { findings: [{ attributes: 'none' }] },
      { enhancedFindings: {} },
      { enhancedFindings: [{ type: 'PACKAGE_VULNERABILITY' }] },
      { enhancedFindings: [{ type: 'NEWLY_INVENTED' }] },
      { enhancedFindings: [{ packageVulnerabilityDetails: { vulnerablePackages: 'all' } }] },
    ])
      assert.equal(refusal({ ...clean, imageScanFindings }, 'ecr'), 'report_malformed', JSON.stringify(imageScanFindings))
    assert.equal(refusal({ imageScanFindings: {} }, 'ecr'), 'report_wrong_format')
  })
})
