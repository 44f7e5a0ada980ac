import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the Snyk parser', () => {
  it('counts a vulnerability once per package and version, not per path, by the severity that knows critical', () => {
    const report = read('snyk/project.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['vulnerabilities', 'licences'])
    assert.deepEqual(counted(report), { critical: 2, high: 1, medium: 1 })
    const { aliases, toolSeverity, score, purl, fixedVersion, location, title } = byId(report, 'SNYK-JS-PARSER-1')
    assert.deepEqual(
      { aliases, toolSeverity, score, purl, fixedVersion, location, title },
      {
        aliases: ['CVE-2026-2001', 'GHSA-aaaa-bbbb-cccc'],
        toolSeverity: 'critical',
        score: 9.8,
        purl: 'pkg:npm/parser@2.0.1',
        fixedVersion: '2.0.2, 1.9.9',
        location: 'package-lock.json',
        title: 'A flaw in parser',
      },
    )
    assert.deepEqual(
      [byId(report, 'SNYK-JS-TOOL-2').purl, byId(report, 'SNYK-JS-TOOL-2').fixedVersion],
      ['pkg:npm/%40shop/tool@0.1.0', null],
    )
    assert.equal(byId(report, 'snyk:lic:npm:copied:GPL-3.0').class, 'licences')
  })

  it('keeps what a policy ignores or patches as suppressed, with its reason', () => {
    const report = read('snyk/project.json')
    const { suppressed, suppressionReason, severity } = byId(report, 'SNYK-JS-OLD-3')
    assert.deepEqual([suppressed, suppressionReason, severity], [true, 'the code is not reached', 'high'])
    assert.equal(byId(report, 'SNYK-JS-MENDED-4').suppressionReason, 'patched by a Snyk policy')
  })

  it('reads a list of projects; the same package in several of them counts once', () => {
    const report = read('snyk/projects.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['vulnerabilities'])
    assert.deepEqual(counted(report), { critical: 1, low: 1 })
    const { purl, location } = byId(report, 'SNYK-JAVA-ORGSHOP-5')
    assert.deepEqual([purl, location], ['pkg:maven/org.shop/core@1.1', 'a/pom.xml'])
    assert.deepEqual(report.examined, ['a/pom.xml', 'b/pom.xml', 'c/pom.xml'])
  })

  it('reads an image: its packages, its applications, and executables that no package manager installed', () => {
    const report = read('snyk/container.json')
    assert.deepEqual(counted(report), { critical: 1, high: 1, low: 1 })
    assert.deepEqual(report.statedDigests, [`sha256:${'a'.repeat(64)}`])
    assert.deepEqual([report.platform, report.examined], ['linux/amd64', []])
    assert.deepEqual([byId(report, 'SNYK-DEBIAN12-ZLIB-7').purl, byId(report, 'SNYK-DEBIAN12-ZLIB-7').fixedVersion], [null, '1:1.2.14'])
    assert.equal(byId(report, 'SNYK-UPSTREAM-NODE-8').package, 'node')
    assert.equal(byId(report, 'SNYK-JS-PARSER-1').location, '/app/package.json')
    const { docker: _docker, ...project } = jsonFixture('snyk/container.json')
    assert.deepEqual(readDocument({ ...project, applications: [] }).statedDigests, [])
  })

  it('is clean where dependencies were examined, empty without any', () => {
    assert.equal(read('snyk/clean.json').completeness, 'complete')
    assert.deepEqual(counted(read('snyk/clean.json')), {})
    assert.equal(read('snyk/no-dependencies.json').completeness, 'empty')
    assert.equal(readDocument([jsonFixture('snyk/no-dependencies.json'), jsonFixture('snyk/clean.json')]).completeness, 'complete')
  })

  it('is failed or partial where Snyk could not test', () => {
    assert.equal(read('snyk/error.json').completeness, 'failed')
    const partly = read('snyk/partly-failed.json')
    assert.equal(partly.completeness, 'partial')
    assert.match(partly.completenessReason ?? '', /1 of the projects/)
    assert.equal(readDocument({ ...jsonFixture('snyk/clean.json'), error: 'timed out' }).completeness, 'failed')
    const failing = { ...jsonFixture('snyk/clean.json'), applications: [jsonFixture('snyk/error.json')] }
    assert.equal(readDocument(failing).completeness, 'partial')
  })

  it('refuses a project that is not ok and lists nothing', () => {
    const clean = jsonFixture('snyk/clean.json')
    assert.equal(refusal({ ...clean, ok: false }), 'report_malformed')
    assert.equal(refusal({ ...clean, uniqueCount: 3 }), 'report_malformed')
  })

  it('refuses what it cannot read, and the other outputs of Snyk', () => {
    const clean = jsonFixture('snyk/clean.json')
    for (const vulnerabilities of [null, 'none', {}, ['none'], [null]])
      assert.equal(refusal({ ...clean, vulnerabilities }), 'report_malformed', JSON.stringify(vulnerabilities))
    for (const broken of [
      { filtered: 'none' },
      { filtered: { ignore: {} } },
      { filtered: { patch: ['all'] } },
      { applications: {} },
      { applications: [{}] },
      { docker: { binariesVulns: { issuesData: [] } } },
      { docker: { binariesVulns: { issuesData: { a: 'b' } } } },
    ])
      assert.equal(refusal({ ...clean, ...broken }), 'report_malformed', JSON.stringify(broken))
    assert.equal(refusal({ ...clean, infrastructureAsCodeIssues: [] }, 'snyk'), 'report_wrong_format')
    assert.equal(refusal([clean, 'done'], 'snyk'), 'report_wrong_format')
    assert.equal(refusal({ ok: false }, 'snyk'), 'report_wrong_format')
    assert.equal(refusal({ ok: true, error: 'none' }, 'snyk'), 'report_wrong_format')
  })

  it('says nothing was examined of an empty list', () => {
    assert.equal(readDocument([], 'snyk').completeness, 'empty')
  })
})
