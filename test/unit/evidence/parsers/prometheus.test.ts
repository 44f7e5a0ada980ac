import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { jsonFixture, read, readDocument, refusal } from '../reading.ts'

const AT = 1_793_610_000

function reply(resultType: string, result: unknown, over: object = {}): unknown {
  return { status: 'success', data: { resultType, result }, ...over }
}

describe('the Prometheus parser', () => {
  it('reads a range: the samples of each series, of which what is not a number is none', () => {
    const { scanned, completeness, reportedAt, document } = read('prometheus/range.json')
    assert.deepEqual([scanned, completeness, reportedAt], [['metrics'], 'complete', new Date((AT + 120.5) * 1000).toISOString()])
    assert.deepEqual(document, {
      series: [
        { labels: 'code=500, job=shop', values: [0.004, 0.001] },
        { labels: '', values: [Number.MAX_VALUE] },
      ],
      newest: AT + 120,
    })
  })

  it('reads an instant and a scalar', () => {
    assert.deepEqual(read('prometheus/instant.json').document, { series: [{ labels: '__name__=up, job=shop', values: [1] }], newest: AT })
    assert.deepEqual(readDocument(reply('scalar', [AT, '-Inf'])).document, {
      series: [{ labels: '', values: [-Number.MAX_VALUE] }],
      newest: AT,
    })
  })

  it('reads an answer without samples as such', () => {
    const { completeness, reportedAt, document } = read('prometheus/none.json')
    assert.deepEqual([completeness, reportedAt, document], ['complete', null, { series: [], newest: null }])
  })

  it('is partial where Prometheus warns', () => {
    for (const warnings of [['store gateway down'], 'x', [1]])
      assert.equal(readDocument(reply('vector', [], { warnings })).completeness, 'partial', JSON.stringify(warnings))
    assert.equal(readDocument(reply('vector', [], { warnings: [] })).completeness, 'complete')
  })

  it('refuses an error, and samples that are none', () => {
    assert.equal(refusal({ status: 'error', errorType: 'bad_data', error: 'parse error' }, 'prometheus'), 'report_is_tool_error')
    for (const value of [[AT], [AT, 1], [AT, ''], [AT, '0x1'], ['1', '1'], [-1, '1'], [AT, '1', '1'], null])
      assert.equal(refusal(reply('vector', [{ metric: {}, value }])), 'report_malformed', JSON.stringify(value))
    assert.equal(refusal(reply('matrix', [{ metric: {}, histograms: [] }])), 'report_malformed')
    assert.equal(refusal(reply('vector', [{ metric: {}, value: [AT, '1'], histogram: [] }])), 'report_malformed')
    assert.equal(refusal(reply('string', [AT, '1']), 'prometheus'), 'report_wrong_format')
    assert.equal(refusal({ ...jsonFixture('prometheus/none.json'), status: 'failure' }, 'prometheus'), 'report_wrong_format')
  })

  it('refuses more samples than policies can judge', () => {
    const values = Array.from({ length: 20_001 }, () => [AT, '1'])
    assert.equal(refusal(reply('matrix', [{ metric: {}, values }])), 'report_too_complex')
  })
})
