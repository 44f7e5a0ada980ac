import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, jsonFixture, read, readDocument, refusal, storedText } from '../reading.ts'

const DIGEST_A = `sha256:${'a'.repeat(64)}`
const DIGEST_C = `sha256:${'c'.repeat(64)}`

describe('the Trivy parser', () => {
  it('names the platform of an image, and the directory of any other scan', () => {
    const scan = (more: object) => readDocument({ SchemaVersion: 2, ArtifactName: 'services/a', Results: [], ...more })
    const ImageConfig = { architecture: 'arm64', os: 'linux', variant: 'v8' }
    const image = scan({ ArtifactType: 'container_image', Metadata: { ImageConfig } })
    assert.deepEqual([image.platform, image.examined], ['linux/arm64/v8', []])
    const directory = scan({ ArtifactType: 'filesystem' })
    assert.deepEqual([directory.platform, directory.examined], [null, ['services/a']])
  })

  it('reads a clean image scan as complete, with its time, version and digests', () => {
    const report = read('trivy/clean.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['vulnerabilities'])
    assert.deepEqual(counted(report), {})
    assert.deepEqual(report.tool, { name: 'trivy', version: '0.69.1' })
    assert.equal(report.reportedAt, '2026-05-04T09:30:00.123456789+02:00')
    assert.deepEqual(report.statedDigests, [DIGEST_A])
    assert.deepEqual(report.confirmingDigests, [DIGEST_C])
    assert.equal(report.redacted, null)
  })

  it('reads vulnerabilities, failed checks, secrets and licences, and counts repeats once', () => {
    const report = read('trivy/dirty.json')
    assert.deepEqual(report.scanned, ['vulnerabilities', 'misconfigurations', 'secrets', 'licences'])
    assert.deepEqual(counted(report), { critical: 2, high: 3, medium: 1, low: 1, unknown: 1 })
    const { severity, toolSeverity, score, purl, fixedVersion, aliases, fixState } = byId(report, 'CVE-2026-1001')
    assert.deepEqual(
      { severity, toolSeverity, score, purl, fixedVersion, aliases, fixState },
      {
        severity: 'critical',
        toolSeverity: 'CRITICAL',
        score: 9.8,
        purl: 'pkg:apk/alpine/openssl@3.3.1-r0',
        fixedVersion: '3.3.2-r1',
        aliases: ['ALPINE-77'],
        fixState: 'fixed',
      },
    )
  })

  it('keeps what VEX took out of the report as suppressed', () => {
    const finding = byId(read('trivy/dirty.json'), 'CVE-2026-1006')
    assert.equal(finding.suppressed, true)
    assert.equal(finding.suppressionReason, 'not_affected: vulnerable_code_not_present: OpenVEX')
  })

  it('blanks secrets wherever the report quotes them, and keeps the rest', () => {
    const report = read('trivy/dirty.json')
    const text = storedText(report)
    assert.doesNotMatch(text, /hunter2/)
    assert.match(text, /CVE-2026-1001/)
    assert.match(text, /aws-access-key-id/)
    assert.doesNotMatch(JSON.stringify(report.findings), /hunter2/)
  })

  it('does not let a secrets-only report speak for vulnerabilities', () => {
    assert.deepEqual(read('trivy/secrets-only.json').scanned, ['secrets'])
  })

  it('reads the legacy list', () => {
    const report = read('trivy/legacy.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), { high: 1 })
    assert.equal(read('trivy/legacy-clean.json').completeness, 'complete')
  })

  it('reads a report without results as empty, never as clean', () => {
    assert.equal(read('trivy/empty.json').completeness, 'empty')
    for (const Results of [null, [], [{ Target: '', Class: 'custom', CustomResources: [] }]])
      assert.equal(readDocument({ ...jsonFixture('trivy/empty.json'), Results }).completeness, 'empty')
    assert.equal(readDocument(null, 'trivy').completeness, 'empty')
    assert.equal(readDocument([], 'trivy').completeness, 'empty')
  })

  it('refuses Kubernetes reports with a reason', () => {
    assert.throws(() => read('trivy/kubernetes.json'), { code: 'report_wrong_format', message: /cluster/ })
    assert.equal(refusal({ ClusterName: 'shop', Vulnerabilities: [], Misconfigurations: [] }), 'report_wrong_format')
  })

  it('refuses a schema version that it does not know', () => {
    assert.equal(refusal({ SchemaVersion: 3, ArtifactName: 'web', Results: [] }), 'report_wrong_format')
  })

  it('refuses anything but objects where findings belong', () => {
    const target = { Target: 'web', Class: 'os-pkgs' }
    for (const Results of [
      'none',
      ['none'],
      [null],
      { 0: target },
      [{ ...target, Vulnerabilities: ['CVE-2026-1'] }],
      [{ ...target, Vulnerabilities: { 0: {} } }],
      [{ ...target, Secrets: [null] }],
      [{ ...target, Misconfigurations: 'none' }],
      [{ ...target, Target: 7 }],
    ])
      assert.equal(refusal({ SchemaVersion: 2, ArtifactName: 'web', Results }), 'report_malformed', JSON.stringify(Results))
  })

  it('refuses reports of other tools and cut-off files', () => {
    assert.equal(refusal({ matches: [] }, 'trivy'), 'report_wrong_format')
    assert.equal(refusal([{ RuleID: 'a', Secret: 'b' }], 'trivy'), 'report_wrong_format')
    assert.equal(refusal('{"SchemaVersion":2,"ArtifactName":"web","Results":[', 'trivy'), 'report_malformed')
    assert.equal(refusal('FATAL\timage scan error', 'trivy'), 'report_malformed')
  })

  it('keeps a finding that has no id or an unknown severity', () => {
    const report = readDocument({
      SchemaVersion: 2,
      ArtifactName: 'web',
      Results: [{ Target: 'web', Class: 'os-pkgs', Vulnerabilities: [{}] }],
    })
    assert.deepEqual(counted(report), { unknown: 1 })
  })
})
