import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, fixture, read, readDocument, refusal, storedText } from '../reading.ts'

describe('the TruffleHog parser', () => {
  it('reads one secret per line, verified or not, and leaves the severity open', () => {
    const report = read('trufflehog/secrets.ndjson')
    assert.deepEqual([report.scanned, report.completeness], [['secrets'], 'complete'])
    assert.deepEqual(counted(report), { unknown: 3 })
    assert.deepEqual([byId(report, 'AWS').location, byId(report, 'AWS').title], ['config.yml:3 at 0f0f', 'AWS secret, verified'])
    assert.equal(byId(report, 'Slack').toolSeverity, 'verification failed')
    assert.deepEqual(counted(read('trufflehog/one-secret.json')), { unknown: 1 })
  })

  it('reads the log in the same file', () => {
    const report = read('trufflehog/with-log.ndjson')
    assert.deepEqual(report.tool, { name: 'trufflehog', version: '3.90.0' })
    assert.deepEqual([counted(report), report.completeness], [{ unknown: 3 }, 'complete'])
  })

  it('is clean only if the log tells that the scan finished, without errors, and examined something', () => {
    assert.deepEqual([read('trufflehog/clean.ndjson').completeness, counted(read('trufflehog/clean.ndjson'))], ['complete', {}])
    assert.equal(read('trufflehog/empty.ndjson').completeness, 'empty')
    assert.equal(read('trufflehog/cut-log.ndjson').completeness, 'partial')
    assert.equal(read('trufflehog/errors.ndjson').completeness, 'partial')
    assert.equal(refusal('', 'trufflehog'), 'report_empty')
    const clean = Buffer.from(fixture('trufflehog/clean.ndjson')).toString('utf8')
    const counting = clean.replace(/"verified_secrets": 0/, `"verified_secrets": 1`)
    assert.notEqual(counting, clean)
    assert.equal(readDocument(counting, 'trufflehog').completeness, 'partial', 'it counts a secret that it does not show')
  })

  it('keeps no secret, wherever a line repeats it, and the stored report counts the same', () => {
    for (const name of ['secrets.ndjson', 'with-log.ndjson', 'cut-log.ndjson', 'errors.ndjson']) {
      const report = read(`trufflehog/${name}`)
      assert.doesNotMatch(storedText(report) + JSON.stringify(report.findings), /hunter2/, name)
      const stored = readDocument(storedText(report))
      assert.deepEqual([counted(stored), stored.completeness], [counted(report), report.completeness], name)
    }
  })

  it('refuses lines that are cut off or of something else', () => {
    const text = Buffer.from(fixture('trufflehog/secrets.ndjson')).toString('utf8')
    assert.equal(refusal(text.slice(0, -20)), 'report_malformed')
    assert.equal(refusal(`${text}done\n`), 'report_malformed')
    assert.equal(refusal(`${text}{"a":1}\n`), 'report_wrong_format')
    assert.equal(refusal('[]', 'trufflehog'), 'report_malformed')
    assert.equal(refusal('{}', 'trufflehog'), 'report_wrong_format')
  })
})
