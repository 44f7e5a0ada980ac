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

  it('keeps no source code of failed checks, where any secret may stand', () => {
    const check = (cause: object) => ({ ID: 'DS-0002', Severity: 'HIGH', Status: 'FAIL', Title: 'Image user', CauseMetadata: cause })
    const Code = { Lines: [{ Number: 3, Content: 'ENV TOKEN=hunter2', Highlighted: 'hunter2' }] }
    const scan = (result: object) =>
      readDocument({ SchemaVersion: 2, ArtifactName: '.', Metadata: { ImageConfig: { os: 'linux' } }, Results: [{ ...CONFIG, ...result }] })
    const CONFIG = { Target: 'Dockerfile', Class: 'config', Type: 'dockerfile' }
    for (const result of [
      { Misconfigurations: [check({ StartLine: 3, Code })] },
      { Misconfigurations: [check({ StartLine: 3, RenderedCause: { Raw: 'hunter2' } })] },
      { ExperimentalModifiedFindings: [{ Type: 'misconfiguration', Status: 'ignored', Finding: check({ StartLine: 3, Code }) }] },
    ]) {
      const text = storedText(scan(result))
      assert.doesNotMatch(text, /hunter2/)
      assert.match(text, /"StartLine":3/)
      assert.match(text, /"ImageConfig":{"os":"linux"}/, 'nothing says that the image holds a secret')
    }
    assert.equal(scan({ Misconfigurations: [check({ StartLine: 3, Provider: 'Dockerfile', Code: { Lines: null } })] }).redacted, null)
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

  it('takes a result that names no target, or neither class nor type, for nothing examined', () => {
    for (const result of [
      {},
      { Target: 'web' },
      { Class: 'os-pkgs' },
      { Target: '', Class: 'os-pkgs', Type: 'alpine' },
      { Type: 'alpine' },
    ]) {
      const report = readDocument({ SchemaVersion: 2, ArtifactName: 'web', Results: [result] })
      assert.equal(report.completeness, 'empty', JSON.stringify(result))
    }
    const Vulnerabilities = [{ VulnerabilityID: 'CVE-2026-1', Severity: 'HIGH' }]
    const nameless = readDocument({ SchemaVersion: 2, ArtifactName: 'web', Results: [{ Vulnerabilities }] })
    assert.deepEqual([nameless.scanned, counted(nameless)], [['vulnerabilities'], { high: 1 }])
  })

  it('refuses lists in another letter case, which are not nothing found', () => {
    const target = { Target: 'web', Class: 'os-pkgs', Type: 'alpine' }
    for (const document of [
      { SchemaVersion: 2, ArtifactName: 'web', results: [{ ...target, Vulnerabilities: [{}] }] },
      { SchemaVersion: 2, ArtifactName: 'web', Results: [], RESULTS: [target] },
      { SchemaVersion: 2, ArtifactName: 'web', Results: [{ ...target, vulnerabilities: [{}] }] },
      { SchemaVersion: 2, ArtifactName: 'web', Results: [{ ...target, Vulnerabilities: [], VULNERABILITIES: [{}] }] },
      [{ Target: 'web', Type: 'alpine', vulnerabilities: [{}] }],
      { ClusterName: 'shop', resources: [{ Kind: 'Pod', Results: [target] }] },
    ])
      assert.equal(refusal(document, 'trivy'), 'report_malformed', JSON.stringify(document))
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

describe('the Trivy parser, reports of a cluster', () => {
  it('reads the findings of each resource, with the digests of its images', () => {
    const report = read('trivy/kubernetes.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['vulnerabilities', 'misconfigurations', 'secrets'])
    assert.deepEqual(counted(report), { critical: 3, medium: 1, low: 1 })
    assert.deepEqual(report.statedDigests, [DIGEST_A, `sha256:${'b'.repeat(64)}`])
    assert.deepEqual(report.examined, ['shop'])
    assert.deepEqual(
      report.findings.map(({ id, location }) => [id, location]),
      [
        ['CVE-2026-1001', 'shop/Deployment/web: registry.example/shop:1 (alpine 3.21)'],
        ['CVE-2026-1002', 'shop/Deployment/web: registry.example/shop:1 (alpine 3.21)'],
        ['KSV012', 'shop/Deployment/web: Deployment/web:12'],
        ['CVE-2026-1001', 'shop/CronJob/nightly: registry.example/job:1 (alpine 3.21)'],
        ['aws-access-key-id', 'shop/CronJob/nightly: /etc/job.conf:3'],
      ],
    )
  })

  it('blanks secrets in every resource', () => {
    const text = storedText(read('trivy/kubernetes.json'))
    assert.doesNotMatch(text, /hunter2/)
    assert.match(text, /CVE-2026-1002/)
    assert.match(text, /nightly/)
  })

  it('reads the summary, and says that a resource was not scanned', () => {
    const report = read('trivy/kubernetes-summary.json')
    assert.equal(report.completeness, 'partial')
    assert.match(report.completenessReason ?? '', /1 of 2 resources/)
    assert.deepEqual(counted(report), { critical: 1, medium: 1, low: 1 })
    const Findings = [{ Kind: 'Node', Name: 'one', Error: 'could not pull the image' }]
    assert.equal(readDocument({ ClusterName: 'shop', Findings }).completeness, 'failed')
  })

  it('reads the two lists of old versions', () => {
    const report = read('trivy/kubernetes-old.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), { critical: 1, medium: 1, low: 1 })
    assert.deepEqual(report.statedDigests, [])
  })

  it('is empty without results, never clean', () => {
    for (const lists of [
      {},
      { Resources: [] },
      { Vulnerabilities: [], Misconfigurations: [] },
      { Resources: [{ Kind: 'Pod', Name: 'a' }] },
    ])
      assert.equal(readDocument({ ClusterName: 'shop', ...lists }).completeness, 'empty', JSON.stringify(lists))
  })

  it('refuses what it cannot read', () => {
    for (const lists of [
      { Resources: 'none' },
      { Resources: ['none'] },
      { Findings: {} },
      { Vulnerabilities: [{ VulnerabilityID: 'CVE-1' }] },
      { Resources: [{ Kind: 'Pod', Results: 'none' }] },
      { Resources: [{ Kind: 'Pod', Results: [{ Target: 'a', Vulnerabilities: 'none' }] }] },
    ])
      assert.equal(refusal({ ClusterName: 'shop', ...lists }), 'report_malformed', JSON.stringify(lists))
  })
})
