import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, jsonFixture, read, readDocument, refusal } from '../reading.ts'

const [DIGEST_A, DIGEST_B, DIGEST_C] = ['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`)

describe('the Grype parser', () => {
  it('names the platform of an image, and the directory of any other scan', () => {
    const scan = (source: object) => readDocument({ matches: [], descriptor: { name: 'grype' }, source })
    const image = scan({ type: 'image', target: { userInput: 'app', os: 'linux', architecture: 'amd64' } })
    assert.deepEqual([image.platform, image.examined], ['linux/amd64', []])
    assert.deepEqual(scan({ type: 'directory', target: 'services/a' }).examined, ['services/a'])
  })

  it('reads a clean scan with its time, database and digests', () => {
    const report = read('grype/clean.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), {})
    assert.deepEqual(report.tool, { name: 'grype', version: '0.98.0' })
    assert.equal(report.reportedAt, '2026-05-04T09:30:00.5+02:00')
    assert.equal(report.databaseAt, '2026-05-03T06:00:00Z')
    assert.deepEqual(report.statedDigests, [DIGEST_A, DIGEST_B])
    assert.deepEqual(report.confirmingDigests, [DIGEST_C])
  })

  it('reads findings of every severity; of repeats the worse severity stays', () => {
    const report = read('grype/dirty.json')
    assert.deepEqual(counted(report), { critical: 1, high: 1, medium: 1, negligible: 1, unknown: 1 })
    const { aliases, fixedVersion, score, location } = byId(report, 'GHSA-aaaa-bbbb-cccc')
    assert.deepEqual(
      { aliases, fixedVersion, score, location },
      { aliases: ['CVE-2026-1001'], fixedVersion: '3.3.2-r1', score: 9.8, location: '/lib/apk/db/installed' },
    )
    assert.equal(byId(report, 'CVE-2026-1005').fixState, 'wont-fix')
  })

  it('keeps ignored matches as suppressed', () => {
    const finding = byId(read('grype/dirty.json'), 'CVE-2026-1006')
    assert.equal(finding.suppressed, true)
    assert.equal(finding.suppressionReason, 'the code is not reached')
  })

  it('reads old versions: fixedInVersion, plain paths, a flat database', () => {
    const report = read('grype/old.json')
    const { fixedVersion, location } = byId(report, 'CVE-2020-0001')
    assert.deepEqual({ fixedVersion, location }, { fixedVersion: '1.8.2.1', location: '/var/lib/dpkg/status' })
    assert.equal(report.databaseAt, '2020-06-01T08:00:00Z')
    assert.deepEqual(report.statedDigests, [DIGEST_B])
  })

  it('lets the manifest that Grype made for a local image confirm, not contradict', () => {
    const report = read('grype/local-image.json')
    assert.deepEqual(report.statedDigests, [])
    assert.deepEqual(report.confirmingDigests, [DIGEST_C, DIGEST_B])
  })

  it('reads a report without matches as empty', () => {
    assert.equal(read('grype/empty.json').completeness, 'empty')
    assert.equal(readDocument({ ...jsonFixture('grype/clean.json'), matches: null }).completeness, 'empty')
  })

  it('reads an unusable database as failed and packages that were not looked up as partial', () => {
    assert.equal(read('grype/database-invalid.json').completeness, 'failed')
    assert.equal(read('grype/distribution-not-matched.json').completeness, 'partial')
  })

  it('knows a fix that is stated without a version', () => {
    const vulnerability = { id: 'CVE-2026-1', severity: 'High', fix: { state: 'fixed', versions: [] } }
    const report = readDocument({ ...jsonFixture('grype/clean.json'), matches: [{ vulnerability, artifact: { name: 'a' } }] })
    assert.notEqual(byId(report, 'CVE-2026-1').fixedVersion, null)
  })

  it('recognises matches without a descriptor, but not an empty list of them', () => {
    assert.deepEqual(counted(readDocument({ matches: [{ vulnerability: { id: 'CVE-2026-1', severity: 'Low' }, artifact: {} }] })), {
      low: 1,
    })
    assert.equal(refusal({ matches: [] }), 'report_format_unknown')
    assert.equal(refusal({ matches: [] }, 'grype'), 'report_wrong_format')
  })

  it('refuses what it cannot read', () => {
    const clean = jsonFixture('grype/clean.json')
    for (const matches of ['none', {}, ['none'], [null], [{ artifact: {} }], [{ vulnerability: {}, artifact: 'a' }]])
      assert.equal(refusal({ ...clean, matches }), 'report_malformed', JSON.stringify(matches))
    assert.equal(refusal({ ...clean, ignoredMatches: 'none' }), 'report_malformed')
    assert.equal(refusal('{"matches":[', 'grype'), 'report_malformed')
    assert.equal(refusal([], 'grype'), 'report_wrong_format')
    assert.equal(refusal({ SchemaVersion: 2, ArtifactName: 'web' }, 'grype'), 'report_wrong_format')
    assert.equal(refusal({ matches: [], descriptor: { name: 'syft' } }, 'grype'), 'report_wrong_format')
  })
})
