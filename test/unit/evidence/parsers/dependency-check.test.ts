import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, fixture, jsonFixture, read, readDocument, refusal } from '../reading.ts'

function xml(dependencies: string, scanInfo = '<scanInfo/>'): string {
  return `<analysis xmlns="https://jeremylong.github.io/DependencyCheck/dependency-check.2.5.xsd">${scanInfo}<projectInfo/>${dependencies}</analysis>`
}

describe('the Dependency-Check parser', () => {
  it('reads JSON of version 12: every severity, the scan, and the age of its database', () => {
    const report = read('dependency-check/version-12.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['vulnerabilities'])
    assert.deepEqual(report.tool, { name: 'dependency-check', version: '12.1.0' })
    assert.equal(report.reportedAt, '2026-05-04T09:30:00.123456789Z')
    assert.equal(report.databaseAt, '2026-05-04T06:00:00-04:00')
    assert.deepEqual(counted(report), { critical: 1, medium: 2, unknown: 1 })
  })

  it('names the package by the dependency, not by files related to it, and the fix by the software that matched', () => {
    const {
      purl,
      package: name,
      version,
      fixedVersion,
      location,
      title,
      score,
    } = byId(read('dependency-check/version-12.json'), 'CVE-2026-2001')
    assert.deepEqual(
      { purl, name, version, fixedVersion, location, title, score },
      {
        purl: 'pkg:maven/org.example/parser@2.1.0',
        name: 'org.example:parser',
        version: '2.1.0',
        fixedVersion: '2.1.4',
        location: '/build/lib/parser-2.1.0.jar',
        title: 'Reading a document runs code.',
        score: 9.8,
      },
    )
    assert.equal(byId(read('dependency-check/version-12.json'), 'CVE-2026-2002').fixedVersion, null)
    assert.equal(byId(read('dependency-check/version-12.json'), 'GHSA-left-left-left').package, '@example/left')
  })

  it('keeps suppressed vulnerabilities apart, with their notes, in JSON and XML', () => {
    for (const path of ['dependency-check/version-12.json', 'dependency-check/version-8.xml']) {
      const { suppressed, suppressionReason, severity } = byId(read(path), 'CVE-2025-2003')
      assert.deepEqual(
        { suppressed, suppressionReason, severity },
        { suppressed: true, suppressionReason: 'not on our platform', severity: 'high' },
      )
    }
    assert.equal(byId(read('dependency-check/version-8.xml'), 'CVE-2025-2005').suppressionReason, 'suppression file')
  })

  it('reads XML as it reads JSON', () => {
    const report = read('dependency-check/version-8.xml')
    assert.deepEqual(counted(report), { critical: 1 })
    assert.equal(report.findings.length, 3)
    assert.deepEqual(byId(report, 'CVE-2026-2001'), byId(read('dependency-check/version-12.json'), 'CVE-2026-2001'))
    assert.equal(report.reportedAt, '2026-05-04T09:30:00.5Z')
    assert.equal(report.databaseAt, null, 'a time without an offset is none')
  })

  it('reads XML of version 5: an offset without colon, severities that are bare scores, no package', () => {
    const report = read('dependency-check/version-5.xml')
    assert.equal(report.reportedAt, '2026-05-04T05:30:00.748-04:00')
    assert.deepEqual(counted(report), { critical: 1, high: 1, unknown: 1 })
    assert.equal(byId(report, 'CVE-2019-2006').package, 'old.jar')
    assert.equal(byId(report, 'CVE-2019-2008').toolSeverity, '0.0')
  })

  it('falls back on the scores where no word is stated', () => {
    const dependency = (item: object) => ({
      ...jsonFixture('dependency-check/clean.json'),
      dependencies: [{ fileName: 'a', vulnerabilities: [item] }],
    })
    assert.deepEqual(counted(readDocument(dependency({ name: 'CVE-1', cvssv3: { baseScore: 7.1 }, cvssv2: { score: 4 } }))), { high: 1 })
    assert.deepEqual(counted(readDocument(dependency({ name: 'CVE-1', cvssv2: { score: 0 } }))), { unknown: 1 })
    assert.deepEqual(counted(readDocument(dependency({ name: 'CVE-1' }))), { unknown: 1 })
  })

  it('is complete and clean where dependencies were examined', () => {
    const report = read('dependency-check/clean.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), {})
    assert.equal(report.databaseAt, '2026-05-04T08:15:09Z')
  })

  it('is empty without dependencies and partial with exceptions', () => {
    assert.equal(read('dependency-check/empty.xml').completeness, 'empty')
    assert.equal(readDocument({ ...jsonFixture('dependency-check/clean.json'), dependencies: [] }).completeness, 'empty')
    const report = read('dependency-check/analysis-exceptions.xml')
    assert.equal(report.completeness, 'partial')
    assert.match(report.completenessReason ?? '', /2 exceptions/)
    const json = jsonFixture('dependency-check/version-12.json')
    const scanInfo = { engineVersion: '12.1.0', analysisExceptions: [{ exception: { message: 'no connection' } }] }
    assert.equal(readDocument({ ...json, scanInfo }).completeness, 'partial')
    assert.equal(readDocument({ ...json, scanInfo, dependencies: [] }).completeness, 'partial')
  })

  it('is recognised by its namespace, or without one by its first element', () => {
    assert.equal(readDocument('<analysis><scanInfo/><dependencies/></analysis>').tool.name, 'dependency-check')
    assert.equal(refusal('<analysis><dependencies/></analysis>'), 'report_format_unknown')
  })

  it('refuses what it cannot read', () => {
    const clean = jsonFixture('dependency-check/clean.json')
    for (const dependencies of [undefined, null, 'none', {}, ['none'], [null], [{ vulnerabilities: 'none' }], [{ vulnerabilities: [7] }]])
      assert.equal(refusal({ ...clean, dependencies }), 'report_malformed')
    assert.equal(refusal({ ...clean, dependencies: [{ suppressedVulnerabilities: {} }] }), 'report_malformed')
    assert.equal(refusal({ ...clean, scanInfo: { analysisExceptions: 'many' } }), 'report_malformed')
    assert.equal(refusal(xml('')), 'report_malformed')
    assert.equal(refusal(xml('<dependencies/><dependencies/>')), 'report_malformed')
    assert.equal(refusal(xml('<dependencies><jar/></dependencies>')), 'report_malformed')
    assert.equal(
      refusal(xml('<dependencies><dependency><vulnerabilities><bug/></vulnerabilities></dependency></dependencies>')),
      'report_malformed',
    )
    assert.equal(refusal('<testsuites/>', 'dependency-check'), 'report_wrong_format')
    assert.equal(refusal({ matches: [] }, 'dependency-check'), 'report_wrong_format')
    assert.equal(refusal('nothing found', 'dependency-check'), 'report_malformed')
  })

  it('reads past an object that claims to be a text', () => {
    const software = { vulnerabilityIdMatched: { toString: 1, valueOf: 1 } }
    const dependencies = [{ fileName: 'a', vulnerabilities: [{ name: 'CVE-1', vulnerableSoftware: [{ software }] }] }]
    assert.equal(refusal({ ...jsonFixture('dependency-check/clean.json'), dependencies }), 'read')
  })

  it('refuses XML that was cut off, at any byte, and entities of its own', () => {
    const whole = fixture('dependency-check/version-5.xml')
    const end = Buffer.from(whole).toString().trimEnd().length
    for (let length = 0; length < end; length++)
      assert.notEqual(refusal(whole.subarray(0, length), 'dependency-check'), 'read', `cut to ${length} bytes`)
    assert.equal(refusal(`<!DOCTYPE analysis [<!ENTITY a "1">]>${xml('<dependencies/>')}`), 'xml_doctype_refused')
  })
})
