import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { jsonFixture, read, readDocument, refusal } from '../reading.ts'

type Files = Record<string, Record<string, Record<string, unknown>>>

function changed(field: string, value: unknown): unknown {
  const files = jsonFixture('istanbul/nyc.json') as Files
  return { ...files, '/srv/lock.js': { ...files['/srv/lock.js'], [field]: value } }
}

describe('the Istanbul parser', () => {
  it('counts lines by the statements that start on them, and every way of a branch', () => {
    const report = read('istanbul/nyc.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['coverage'])
    assert.deepEqual(report.coverage, {
      lines: { covered: 1, total: 3 },
      branches: { covered: 1, total: 2 },
      functions: { covered: 1, total: 1 },
    })
  })

  it('is empty without statements, and without files if the format is named', () => {
    assert.equal(read('istanbul/empty.json').completeness, 'empty')
    assert.equal(readDocument('{}', 'istanbul').completeness, 'empty')
    assert.equal(refusal('{}'), 'report_format_ambiguous')
  })

  it('counts ways of a branch that have no count as never taken', () => {
    const branch = { 0: { type: 'if', locations: [{}, {}, {}] } }
    const file = { statementMap: { 0: { start: { line: 1 } } }, fnMap: {}, branchMap: branch, s: { 0: 1 }, f: {}, b: { 0: [1] } }
    assert.deepEqual(readDocument({ a: file }).coverage?.branches, { covered: 1, total: 3 })
  })

  it('refuses units without counts, counts without units, and counts that are none', () => {
    const statement = { start: { line: 1, column: 0 } }
    for (const [field, value] of [
      ['s', {}],
      ['s', { 0: 1, 1: 1 }],
      ['s', { 1: 1 }],
      ['s', { 0: -1 }],
      ['s', { 0: null }],
      ['s', { 0: '1' }],
      ['f', { 0: 1 }],
      ['b', { 0: [1] }],
      ['statementMap', { 0: {} }],
      ['statementMap', { 0: { start: { line: null } } }],
      ['statementMap', { 0: statement, 1: statement }],
      ['branchMap', { 0: {} }],
      ['statementMap', []],
    ] as const) {
      assert.equal(refusal(changed(field, value), 'istanbul'), 'report_malformed', `${field} ${JSON.stringify(value)}`)
    }
  })

  it('refuses a branch whose counts are no list', () => {
    const file = { statementMap: {}, fnMap: {}, branchMap: { 0: {} }, s: {}, f: {}, b: { 0: 3 } }
    assert.equal(refusal({ a: file }), 'report_malformed')
  })

  it('is no other document', () => {
    assert.equal(refusal({ a: {} }, 'istanbul'), 'report_wrong_format')
    assert.equal(refusal('[]', 'istanbul'), 'report_wrong_format')
    assert.equal(refusal('{"a":', 'istanbul'), 'report_malformed')
  })
})
