import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, bytesOf, counted, fixture, jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the bundler-audit parser, JSON', () => {
  it('reads advisories and insecure sources', () => {
    const report = read('bundler-audit/report.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.tool, { name: 'bundler-audit', version: '0.9.2' })
    assert.equal(report.reportedAt, '2026-05-04T09:30:00+02:00')
    assert.deepEqual(report.scanned, ['vulnerabilities', 'misconfigurations'])
    assert.deepEqual(counted(report), { high: 1, unknown: 2 })
    const { aliases, score, purl, fixedVersion, title } = byId(report, 'CVE-2026-2004')
    assert.deepEqual(
      { aliases, score, purl, fixedVersion, title },
      {
        aliases: ['GHSA-nnnn-pppp-qqqq'],
        score: 7.5,
        purl: 'pkg:gem/rack@2.0.0',
        fixedVersion: '~> 2.0.9, >= 2.1.4',
        title: 'A flaw in rack',
      },
    )
    assert.equal(byId(report, 'GHSA-rrrr-ssss-tttt').fixedVersion, null)
  })

  it('does not repeat the credentials of a source', () => {
    const { class: of, location } = byId(read('bundler-audit/report.json'), 'insecure-source')
    assert.deepEqual([of, location], ['misconfigurations', 'http://gems.example/'])
  })

  it('reads a clean audit', () => {
    assert.equal(read('bundler-audit/clean.json').completeness, 'complete')
    assert.deepEqual(counted(read('bundler-audit/clean.json')), {})
  })

  it('refuses results of other types and other tools’ empty results', () => {
    const clean = jsonFixture('bundler-audit/clean.json')
    for (const results of [['none'], [{}], [{ type: 'other' }], 'none', {}])
      assert.equal(refusal({ ...clean, results }, 'bundler-audit'), 'report_wrong_format', JSON.stringify(results))
    for (const item of [{}, { gem: {} }, { gem: {}, advisory: 'CVE' }])
      assert.equal(refusal({ ...clean, results: [{ type: 'unpatched_gem', ...item }] }), 'report_malformed', JSON.stringify(item))
    assert.equal(refusal({ results: [], version: '1.2.3', errors: [] }, 'bundler-audit'), 'report_wrong_format')
  })
})

describe('the bundler-audit parser, text', () => {
  it('reads the blocks of version 0.9, whatever a description says', () => {
    const report = read('bundler-audit/version-0.9.txt')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), { critical: 1, medium: 1 })
    const { aliases, purl, fixedVersion } = byId(report, 'CVE-2026-2004')
    assert.deepEqual([aliases, purl, fixedVersion], [['GHSA-nnnn-pppp-qqqq'], 'pkg:gem/rack@2.0.0', `~> 2.0.9', '>= 2.1.4`])
  })

  it('reads the blocks of version 0.6 and insecure sources', () => {
    const report = read('bundler-audit/version-0.6.txt')
    assert.deepEqual(counted(report), { high: 1, unknown: 2 })
    assert.deepEqual([byId(report, 'CVE-2018-0001').fixedVersion, byId(report, 'OSVDB-131677').fixedVersion], ['~> 1.6.11, >= 2.0.6', null])
    assert.equal(byId(report, 'insecure-source').location, 'git://example.org/shop.git')
  })

  it('reads a clean audit, also in the colours of a terminal and with carriage returns', () => {
    assert.deepEqual(counted(read('bundler-audit/clean.txt')), {})
    assert.equal(readDocument('\u001b[32mNo vulnerabilities found\u001b[0m\r\n', 'bundler-audit').completeness, 'complete')
  })

  it('does not claim the verdict alone, which other scanners end with as well', () => {
    assert.equal(refusal('No vulnerabilities found\n'), 'report_format_unknown')
  })

  it('refuses text that was cut off or contradicts itself', () => {
    const whole = Buffer.from(fixture('bundler-audit/version-0.9.txt')).toString('utf8').trimEnd()
    for (let length = 0; length < whole.length; length++)
      assert.notEqual(refusal(bytesOf(whole.slice(0, length)), 'bundler-audit'), 'read', `cut to ${length} characters`)
    for (const text of [
      'Vulnerabilities found!',
      `${whole}\nNo vulnerabilities found`,
      whole.replace('Vulnerabilities found!', 'No vulnerabilities found'),
      'Version: 1\nName: a\nCriticality: High\nVulnerabilities found!',
      'Name: a\nVersion: 1\nVulnerabilities found!',
    ])
      assert.equal(refusal(text, 'bundler-audit'), 'report_malformed', text)
    assert.equal(refusal('{"version":"0.9.2","results":[', 'bundler-audit'), 'report_malformed')
  })
})
