import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the npm audit parser, version 2', () => {
  it('counts advisories, not the packages that their severity spreads to', () => {
    const report = read('npm-audit/version-2.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), { critical: 1, high: 1, medium: 1 })
  })

  it('names the advisory, the package and the versions that fix it', () => {
    const { purl, score, fixedVersion, fixState, location } = byId(read('npm-audit/version-2.json'), 'GHSA-hrpp-h998-j3pp')
    assert.deepEqual(
      { purl, score, fixedVersion, fixState, location },
      { purl: 'pkg:npm/qs', score: 7.5, fixedVersion: '6.9.7, 6.10.3', fixState: 'npm audit fix', location: 'node_modules/qs' },
    )
    assert.equal(byId(read('npm-audit/version-2.json'), 'GHSA-aaaa-bbbb-cccc').fixedVersion, 'above 6.5.2')
  })

  it('takes npm at its word that there is no fix', () => {
    const { fixedVersion, purl, score } = byId(read('npm-audit/version-2.json'), 'GHSA-dddd-eeee-ffff')
    assert.deepEqual({ fixedVersion, purl, score }, { fixedVersion: null, purl: 'pkg:npm/%40shop/tool', score: null })
  })

  it('keeps a package whose advisory the report does not hold', () => {
    const clean = jsonFixture('npm-audit/version-2-clean.json')
    const vulnerabilities = {
      a: { severity: 'critical', via: ['b'], fixAvailable: true },
      b: { severity: 'critical', via: ['a'], fixAvailable: true },
    }
    assert.deepEqual(counted(readDocument({ ...clean, vulnerabilities })), { critical: 2 })
  })

  it('reads a clean audit as complete, one of no dependencies as empty', () => {
    assert.equal(read('npm-audit/version-2-clean.json').completeness, 'complete')
    assert.equal(read('npm-audit/version-2-no-dependencies.json').completeness, 'empty')
  })

  it('refuses a report whose counts and lists contradict each other, or that lacks either', () => {
    const clean = jsonFixture('npm-audit/version-2-clean.json')
    const { metadata } = jsonFixture('npm-audit/version-2.json')
    assert.equal(refusal({ ...clean, metadata }), 'report_malformed')
    for (const broken of [
      { metadata: undefined },
      { metadata: [] },
      { vulnerabilities: undefined },
      { vulnerabilities: [] },
      { vulnerabilities: { a: 'high' } },
      { vulnerabilities: { a: { severity: 'high' } } },
      { vulnerabilities: { a: { severity: 'high', via: [7] } } },
    ])
      assert.equal(refusal({ ...clean, ...broken }), 'report_malformed', JSON.stringify(broken))
  })
})

describe('the npm audit parser, version 1', () => {
  it('reads advisories with their versions and fixes', () => {
    const report = read('npm-audit/version-1.json')
    assert.deepEqual(counted(report), { critical: 1, medium: 1, low: 1 })
    const { purl, version, fixedVersion, aliases } = byId(report, 'GHSA-p9pc-299p-vxgp')
    assert.deepEqual(
      { purl, version, fixedVersion, aliases },
      { purl: 'pkg:npm/yargs@13.0.0', version: '13.0.0', fixedVersion: '18.1.2', aliases: ['CVE-2020-0002'] },
    )
    const several = byId(report, 'npm-advisory-534')
    assert.deepEqual([several.version, several.purl, several.fixedVersion], ['2.2.0, 2.6.0', 'pkg:npm/debug', null])
  })

  it('reads a clean audit as complete', () => {
    const report = read('npm-audit/version-1-clean.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), {})
  })

  it('refuses lists in place of objects, and counts without advisories', () => {
    const clean = jsonFixture('npm-audit/version-1-clean.json')
    assert.equal(refusal({ ...clean, advisories: [] }), 'report_malformed')
    assert.equal(refusal({ ...clean, advisories: null }), 'report_malformed')
    assert.equal(refusal({ ...clean, advisories: { 1: 'high' } }), 'report_malformed')
    assert.equal(refusal({ ...clean, metadata: { vulnerabilities: { high: 2 } } }), 'report_malformed')
  })
})

describe('the npm audit parser', () => {
  it('refuses error output as such', () => {
    for (const path of ['npm-audit/error.json', 'npm-audit/request-error.json'])
      for (const format of ['auto', 'npm-audit']) assert.throws(() => read(path, format), { code: 'report_is_tool_error' })
    assert.equal(refusal({ ...jsonFixture('npm-audit/version-2-clean.json'), error: { code: 'E503' } }), 'report_is_tool_error')
    assert.equal(refusal({ error: { code: 'ERR_PNPM_AUDIT_NO_LOCKFILE', message: 'No lockfile' } }, 'npm-audit'), 'report_is_tool_error')
  })

  it('refuses other formats and cut-off files', () => {
    assert.equal(refusal({}, 'npm-audit'), 'report_wrong_format')
    assert.equal(refusal({ auditReportVersion: 3, vulnerabilities: {} }, 'npm-audit'), 'report_wrong_format')
    assert.equal(refusal('{"auditReportVersion":2,"vulnerabilities":{', 'npm-audit'), 'report_malformed')
  })
})
