import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, fixture, read, refusal } from '../reading.ts'

describe('the Hadolint parser', () => {
  it('reads remarks by level', () => {
    const report = read('hadolint/remarks.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['misconfigurations'])
    assert.deepEqual(counted(report), { high: 1, medium: 1, negligible: 2 })
    assert.equal(byId(report, 'DL3008').location, 'Dockerfile:3')
  })

  it('reads an empty list as clean only if the format is stated', () => {
    assert.equal(read('hadolint/clean.json', 'hadolint').completeness, 'complete')
    assert.equal(refusal(fixture('hadolint/clean.json')), 'report_format_ambiguous')
  })

  it('is partial if a file could not be parsed', () => {
    assert.equal(read('hadolint/parse-error.json').completeness, 'partial')
  })

  it('refuses lists of other things', () => {
    assert.equal(refusal([{ file: 'a.sh', line: 1, level: 'warning', code: 2086 }], 'hadolint'), 'report_wrong_format')
    assert.equal(refusal(null, 'hadolint'), 'report_wrong_format')
    assert.equal(refusal({}, 'hadolint'), 'report_wrong_format')
  })
})
