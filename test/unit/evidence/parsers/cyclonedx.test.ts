import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { summarise } from '../../../../src/evidence/summary.ts'
import { byId, bytesOf, counted, fixture, jsonFixture, read, readDocument, refusal } from '../reading.ts'

const [DIGEST_A, DIGEST_B, DIGEST_C] = ['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`)

const COMPONENTS = [{ 'bom-ref': 'a', type: 'library', name: 'left', version: '1.0.0' }]

function bom(vulnerability: object): object {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    components: COMPONENTS,
    vulnerabilities: [{ id: 'CVE-1', ...vulnerability }],
  }
}

function severityBy(...ratings: object[]): string | undefined {
  return readDocument(bom({ ratings })).findings[0]?.severity
}

describe('the CycloneDX parser', () => {
  it('reads the vulnerabilities of a document that lists them', () => {
    const report = read('cyclonedx/trivy-1.6.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['vulnerabilities', 'vex'])
    assert.deepEqual(report.tool, { name: 'trivy', version: '0.62.0' })
    assert.equal(report.reportedAt, '2026-05-04T09:30:00+00:00')
    assert.deepEqual(counted(report), { critical: 1, high: 3, medium: 2, low: 1, negligible: 1, unknown: 1 })
  })

  it('names the component that each finding is in: by reference, by BOM-Link, nested, or by the package URL alone', () => {
    const { findings } = read('cyclonedx/trivy-1.6.json')
    const places = findings.map(({ id, purl, package: name, version, location }) => [id, purl, name, version, location])
    assert.deepEqual(places.slice(0, 3), [
      ['CVE-2026-3001', 'pkg:apk/alpine/libssl@3.3.2-r0?arch=x86_64', 'alpine/libssl', '3.3.2-r0', null],
      ['GHSA-left-left-left', 'pkg:npm/%40example/left@1.0.0', '@example/left', '1.0.0', 'app/node_modules/@example/left/package.json'],
      ['GHSA-left-left-left', null, 'org.example/parser', '2.1.0', null],
    ])
    assert.deepEqual(places.at(-1), ['CVE-2026-3008', 'pkg:npm/elsewhere@4.5.6', 'elsewhere', '4.5.6', null])
    assert.equal(byId(read('cyclonedx/reachable-only.json'), 'CVE-2026-3009').package, 'nowhere')
  })

  it('takes equivalent vulnerabilities for aliases, and the fix from the recommendation or the response', () => {
    const report = read('cyclonedx/trivy-1.6.json')
    assert.deepEqual(byId(report, 'GHSA-left-left-left').aliases, ['CVE-2026-3002'])
    assert.equal(byId(report, 'CVE-2026-3001').fixedVersion?.startsWith('3.3.2-r1'), true)
    assert.equal(byId(report, 'CVE-2026-3003').fixedVersion, null)
    const { fixedVersion, fixState } = byId(report, 'CVE-2026-3008')
    assert.deepEqual({ fixedVersion, fixState }, { fixedVersion: 'a later version', fixState: 'will_not_fix, update' })
    const advised = (recommendation: string) => readDocument(bom({ recommendation })).findings[0]?.fixedVersion
    assert.equal(advised('Upgrade left to version 2'), '2')
    assert.equal(advised('Upgrade left to 2.6.7, 2.8.1 or higher.'), '2.6.7, 2.8.1 or higher')
    assert.equal(advised('Upgrade'), 'a later version')
    assert.equal(advised('Remove the package, no version is known'), null)
  })

  it('lets the newest CVSS decide over older ones and other methods, and of equals the worst', () => {
    assert.equal(severityBy({ method: 'CVSSv31', score: 5 }, { method: 'CVSSv2', severity: 'high' }), 'medium')
    assert.equal(severityBy({ method: 'CVSSv4', severity: 'low' }, { method: 'CVSSv31', severity: 'critical' }), 'low')
    assert.equal(severityBy({ method: 'CVSSv3', severity: 'low' }, { method: 'CVSSv31', severity: 'high' }), 'high')
    assert.equal(severityBy({ method: 'CVSSv31', severity: 'low' }, { severity: 'high' }), 'high')
    assert.equal(severityBy({ method: 'OWASP', severity: 'critical' }, { severity: 'low' }), 'low')
  })

  it('falls back on what else is known, and never takes unknown for harmless', () => {
    assert.equal(severityBy({ method: 'OWASP', severity: 'high' }), 'high')
    assert.equal(severityBy({ method: 'OWASP', score: 9 }), 'unknown')
    assert.equal(severityBy({ method: 'CVSSv31', severity: 'unknown' }, { method: 'CVSSv2', severity: 'medium' }), 'medium')
    assert.equal(severityBy({ method: 'CVSSv31', severity: 'unknown', score: 9.8 }), 'critical')
    assert.equal(severityBy({ method: 'CVSSv31', score: 0 }), 'unknown')
    assert.equal(severityBy({ severity: 'dreadful' }), 'unknown')
    assert.equal(severityBy(), 'unknown')
  })

  it("counts a vulnerability whatever the analysis says, which is somebody's word", () => {
    assert.equal(byId(read('cyclonedx/trivy-1.6.json'), 'CVE-2026-3005').suppressed, false)
    for (const state of ['not_affected', 'false_positive', 'resolved', 'exploitable', 'in_triage', '', 7, undefined]) {
      const vulnerabilities = [{ id: 'CVE-1', analysis: { state } }, { id: 'CVE-2' }]
      assert.equal(readDocument({ ...bom({}), vulnerabilities }).findings[0]?.suppressed, false, String(state))
    }
  })

  it('is an SBOM without vulnerabilities, and has no counts: an empty list says nothing of whether any were looked for', () => {
    for (const path of ['cyclonedx/trivy-sbom.json', 'cyclonedx/grype-clean.json', 'cyclonedx/sbom-1.5.json', 'cyclonedx/sbom-1.0.xml']) {
      const report = read(path)
      assert.equal(report.completeness, 'complete', path)
      assert.deepEqual(summarise(report), { scanned: ['sbom'] }, path)
    }
  })

  it('is empty without components, and where it only states what does not apply', () => {
    assert.deepEqual([read('cyclonedx/empty.json').completeness, read('cyclonedx/empty.json').scanned], ['empty', ['sbom']])
    const vex = read('cyclonedx/vex.json')
    assert.deepEqual([vex.completeness, vex.scanned, vex.findings], ['complete', ['vex'], []])
    const unreasoned = readDocument(bom({ analysis: { state: 'not_affected' }, affects: [{ ref: 'a' }] }))
    assert.deepEqual([unreasoned.completeness, unreasoned.scanned], ['partial', ['vex']])
    assert.deepEqual(counted(read('cyclonedx/reachable-only.json')), { critical: 1 })
  })

  it('takes analyses for VEX statements: about the subject, or a component inside it', () => {
    const subject = { 'bom-ref': 'root', type: 'container', name: 'app', purl: `pkg:oci/app@${encodeURIComponent(DIGEST_A ?? '')}` }
    const left = { 'bom-ref': 'a', type: 'library', name: 'left', version: '1.0.0', purl: 'pkg:npm/left@1.0.0' }
    const said = (state: string, ref: string, more: object = {}) => {
      const document = bom({ analysis: { state, detail: 'why', lastUpdated: '2026-02-01T00:00:00Z' }, affects: [{ ref }], ...more })
      return readDocument({ ...document, metadata: { component: subject }, components: [left] })
    }
    const [whole] = said('not_affected', 'root').vex ?? []
    assert.deepEqual([whole?.status, whole?.statement, whole?.at], ['not_affected', 'why', '2026-02-01T00:00:00Z'])
    assert.deepEqual(whole?.products, [{ ids: [subject.purl], digests: [DIGEST_A], components: [] }])
    const [part] = said('resolved', 'a').vex ?? []
    assert.deepEqual(part?.products, [
      { ids: [subject.purl], digests: [DIGEST_A], components: [left.purl] },
      { ids: [left.purl], digests: [], components: [] },
    ])
    assert.deepEqual(said('false_positive', 'nowhere').vex?.[0]?.products, [{ ids: [], digests: [], components: ['nowhere'] }])
    const exploitable = said('exploitable', 'a')
    assert.deepEqual(
      [exploitable.scanned, exploitable.findings.length, exploitable.vex?.[0]?.status],
      [['vulnerabilities', 'vex'], 1, 'affected'],
    )
    const unanalysed = readDocument(bom({}))
    assert.deepEqual([unanalysed.scanned, unanalysed.vex], [['vulnerabilities'], []])
  })

  it('knows the image: what a registry gave states, what a tool made itself only confirms', () => {
    const trivy = read('cyclonedx/trivy-1.6.json')
    assert.deepEqual(trivy.statedDigests, [DIGEST_A, DIGEST_B])
    assert.deepEqual(trivy.confirmingDigests, [DIGEST_C])
    const grype = read('cyclonedx/grype-clean.json')
    assert.deepEqual(grype.statedDigests, [DIGEST_A])
    assert.deepEqual(grype.confirmingDigests, [DIGEST_B])
    assert.deepEqual(read('cyclonedx/version-1.4.xml').confirmingDigests, [DIGEST_C])
    const image = '<metadata><component type="container"><name>shop</name></component></metadata>'
    assert.deepEqual(readDocument(`<bom xmlns="http://cyclonedx.org/schema/bom/1.6">${image}</bom>`).examined, [])
  })

  it('reads XML as it reads JSON', () => {
    const report = read('cyclonedx/version-1.4.xml')
    assert.deepEqual(report.tool, { name: 'scanner', version: '7.1' })
    assert.deepEqual(report.examined, ['shop'])
    assert.deepEqual(read('cyclonedx/trivy-1.6.json').examined, [])
    assert.equal(report.reportedAt, '2026-05-04T09:30:00+02:00')
    assert.deepEqual(counted(report), { critical: 1, high: 2, unknown: 1 })
    const { aliases, purl, package: name, score, fixedVersion, title } = byId(report, 'CVE-2026-3001')
    assert.deepEqual(
      { aliases, purl, name, score, fixedVersion, title },
      {
        aliases: ['GHSA-aaaa-bbbb-cccc'],
        purl: 'pkg:maven/org.example/parser@2.1.0',
        name: 'org.example:parser',
        score: 7.5,
        fixedVersion: '2.1.4',
        title: 'Reads too far.',
      },
    )
    assert.equal(report.findings[1]?.package, 'inner')
    const { suppressed, fixState } = byId(report, 'CVE-2026-3005')
    assert.deepEqual({ suppressed, fixState }, { suppressed: false, fixState: 'will_not_fix' })
  })

  it('reads the older extension, inside components and beside them', () => {
    const report = read('cyclonedx/extension.xml')
    assert.deepEqual(counted(report), { critical: 1, medium: 1, unknown: 1 })
    const places = report.findings.map(({ id, package: name, version, fixedVersion }) => [id, name, version, fixedVersion])
    assert.deepEqual(places, [
      ['CVE-2021-3011', 'inside', '1.2', null],
      ['CVE-2021-3012', 'inside', '1.2', null],
      ['CVE-2021-3013', 'apart', '3', 'a later version'],
    ])
  })

  it('refuses other documents and other versions', () => {
    assert.equal(refusal({ bomFormat: 'CycloneDX', specVersion: '2.0', components: COMPONENTS }), 'report_wrong_format')
    assert.equal(refusal({ bomFormat: 'CycloneDX', components: COMPONENTS }), 'report_wrong_format')
    assert.equal(refusal({ specVersion: '1.6', components: COMPONENTS }, 'cyclonedx'), 'report_wrong_format')
    assert.equal(refusal('<bom version="1"/>'), 'report_format_unknown')
    assert.equal(refusal('<testsuites/>', 'cyclonedx'), 'report_wrong_format')
    assert.equal(refusal('nothing found', 'cyclonedx'), 'report_malformed')
  })

  it('refuses lists that it cannot read rather than find nothing in them', () => {
    const clean = jsonFixture('cyclonedx/grype-clean.json')
    for (const list of ['none', {}, 7, ['none'], [null], [[]]]) {
      assert.equal(refusal({ ...clean, vulnerabilities: list }), 'report_malformed', JSON.stringify(list))
      assert.equal(refusal({ ...clean, components: list }), 'report_malformed', JSON.stringify(list))
      assert.equal(refusal(bom({ affects: list })), 'report_malformed', JSON.stringify(list))
      assert.equal(refusal(bom({ ratings: list })), 'report_malformed', JSON.stringify(list))
    }
    const xml = (inner: string) => `<bom xmlns="http://cyclonedx.org/schema/bom/1.4" version="1">${inner}</bom>`
    assert.equal(refusal(xml('<vulnerabilities><bug><id>CVE-1</id></bug></vulnerabilities>')), 'report_malformed')
    assert.equal(refusal(xml('<components><part/></components>')), 'report_malformed')
    assert.equal(
      refusal(xml('<components><component><vulnerabilities><bug/></vulnerabilities></component></components>')),
      'report_malformed',
    )
  })

  it('stands up to objects that claim to be texts, and to very long lists', () => {
    const strange = { toString: 1, valueOf: 1 }
    assert.equal(
      refusal({
        ...bom({ id: strange, description: strange }),
        metadata: { component: { hashes: [{ alg: 'SHA-256', content: strange }] } },
      }),
      'read',
    )
    const ratings = Array.from({ length: 200_000 }, () => ({ method: 'CVSSv31', score: 1 }))
    assert.equal(severityBy(...[{ severity: 'high' }]), 'high')
    assert.equal(readDocument(bom({ ratings })).findings[0]?.severity, 'low')
    const affects = Array.from({ length: 200_001 }, (_item, index) => ({ ref: `c${index}` }))
    assert.equal(refusal(bom({ affects })), 'report_too_complex')
  })

  it('refuses a file that was cut off, at any byte', () => {
    for (const path of ['cyclonedx/extension.xml', 'cyclonedx/version-1.4.xml']) {
      const whole = Buffer.from(fixture(path)).toString().trimEnd()
      for (let length = 0; length < whole.length; length++)
        assert.notEqual(refusal(bytesOf(whole.slice(0, length)), 'cyclonedx'), 'read', `${path} cut to ${length} bytes`)
    }
  })
})
