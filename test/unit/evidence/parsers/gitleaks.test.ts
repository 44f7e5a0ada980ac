import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { counted, fixture, read, readDocument, refusal, storedText } from '../reading.ts'

describe('the Gitleaks parser', () => {
  it('reads leaks, counts repeats once and leaves the severity open', () => {
    const report = read('gitleaks/leaks.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['secrets'])
    assert.deepEqual(counted(report), { unknown: 2 })
    assert.deepEqual(
      report.findings.map((item) => [item.id, item.location]),
      [3, 9].map((line) => ['generic-api-key', `config/app.yml:${line} at ${'0f'.repeat(20)}`]),
    )
  })

  it('reads the list of version 7', () => {
    const report = read('gitleaks/version-7.json')
    assert.deepEqual(counted(report), { unknown: 1 })
    assert.equal(report.findings[0]?.id, 'Password in source')
  })

  it('blanks secrets wherever a leak quotes them, in fields it does not know as well', () => {
    for (const path of ['gitleaks/leaks.json', 'gitleaks/version-7.json']) {
      const report = read(path)
      assert.doesNotMatch(storedText(report), /hunter2/, path)
      assert.doesNotMatch(JSON.stringify(report.findings), /hunter2/, path)
      assert.match(storedText(report), /"(?:File|file)":"(?:config\/app.yml|src\/db.js)"/, path)
      assert.deepEqual(counted(readDocument(storedText(report))), counted(report), path)
    }
  })

  it('reads an empty list or null as clean only if the format is stated', () => {
    for (const path of ['gitleaks/clean.json', 'gitleaks/null.json']) {
      const report = read(path, 'gitleaks')
      assert.equal(report.completeness, 'complete')
      assert.deepEqual(counted(report), {})
      assert.equal(refusal(fixture(path)), 'report_format_ambiguous')
    }
  })

  it('refuses an empty body even if the format is stated', () => {
    assert.equal(refusal('', 'gitleaks'), 'report_empty')
    assert.equal(refusal(' \n', 'gitleaks'), 'report_empty')
  })

  it('refuses other formats, strays in the list and cut-off files', () => {
    assert.equal(refusal({}, 'gitleaks'), 'report_wrong_format')
    assert.equal(refusal([{ RuleID: 'a', Secret: 'b' }, 'stray'], 'gitleaks'), 'report_wrong_format')
    assert.equal(refusal([{ Target: 'web', Vulnerabilities: null }], 'gitleaks'), 'report_wrong_format')
    assert.equal(refusal('[{"RuleID":"a",', 'gitleaks'), 'report_malformed')
    assert.equal(refusal('[', 'gitleaks'), 'report_malformed')
  })
})
