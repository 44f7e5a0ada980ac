import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, fixture, read, refusal } from '../reading.ts'

describe('the squawk parser', () => {
  it('reads violations by level', () => {
    const report = read('squawk/violations.json')
    assert.deepEqual([report.scanned, report.completeness], [['migrations'], 'complete'])
    assert.deepEqual(counted(report), { high: 1, medium: 2 })
    assert.equal(byId(report, 'ban-drop-column').location, 'migrations/2.sql:1')
    assert.equal(byId(read('squawk/old.json'), 'renaming-column').title, 'Renaming a column may break existing clients.')
  })

  it('reads an empty list as clean only if the format is stated', () => {
    assert.equal(read('squawk/clean.json', 'squawk').completeness, 'complete')
    assert.equal(refusal(fixture('squawk/clean.json')), 'report_format_ambiguous')
  })

  it('is partial if a file could not be parsed', () => {
    assert.equal(read('squawk/syntax-error.json').completeness, 'partial')
  })

  it('refuses lists of other things', () => {
    assert.equal(refusal([{ file: 'a', line: 1, level: 'Error' }], 'squawk'), 'report_wrong_format')
    assert.equal(refusal(null, 'squawk'), 'report_wrong_format')
  })
})
