import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { fixture, read, readDocument, refusal } from '../reading.ts'

function section(...records: string[]): string {
  return ['SF:src/gate.ts', ...records, 'end_of_record', ''].join('\n')
}

describe('the LCOV parser', () => {
  it('adds up the totals of all files', () => {
    const report = read('lcov/project.info')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['coverage'])
    assert.deepEqual(report.coverage, {
      lines: { covered: 4, total: 6 },
      branches: { covered: 1, total: 2 },
      functions: { covered: 2, total: 3 },
    })
  })

  it('reads a fully covered file, and takes what it does not measure for unmeasured', () => {
    assert.deepEqual(read('lcov/covered.info').coverage, { lines: { covered: 2, total: 2 }, branches: null, functions: null })
  })

  it('counts lines, branches and functions itself where the totals are missing, each once', () => {
    assert.deepEqual(read('lcov/without-summary.info').coverage, {
      lines: { covered: 2, total: 3 },
      branches: { covered: 1, total: 3 },
      functions: { covered: 1, total: 2 },
    })
  })

  it('believes totals only as far as the listed units bear them out', () => {
    const listed = ['DA:1,1', 'DA:2,0', 'DA:3,0', 'DA:4,0', 'BRDA:1,0,0,1', 'BRDA:1,0,1,0']
    for (const totals of [
      ['LF:4', 'LH:4', 'BRF:2', 'BRH:2'],
      ['LF:1000', 'LH:997', 'BRF:100', 'BRH:99'],
      ['LF:0', 'LH:0', 'BRF:0', 'BRH:0'],
    ]) {
      const { coverage } = readDocument(section(...listed, ...totals))
      assert.deepEqual(
        [coverage?.lines, coverage?.branches],
        [
          { covered: 1, total: 4 },
          { covered: 1, total: 2 },
        ],
        totals.join(' '),
      )
    }
    const lower = readDocument(section(...listed, 'LF:10', 'LH:1', 'BRF:2', 'BRH:0')).coverage
    assert.deepEqual(
      [lower?.lines, lower?.branches],
      [
        { covered: 1, total: 10 },
        { covered: 0, total: 2 },
      ],
    )
  })

  it('takes either way of counting the names of one function, and no better one', () => {
    const template = ['DA:1,1', 'FN:3,open<int>', 'FN:3,open<long>', 'FN:9,shut', 'FNDA:2,open<int>', 'FNDA:0,open<long>', 'FNDA:0,shut']
    const functions = (...totals: string[]) => readDocument(section(...template, ...totals)).coverage?.functions
    assert.deepEqual(functions('FNF:2', 'FNH:1'), { covered: 1, total: 2 })
    assert.deepEqual(functions('FNF:3', 'FNH:1'), { covered: 1, total: 3 })
    assert.deepEqual(functions('FNF:2', 'FNH:2'), { covered: 1, total: 2 })
    const indexed = ['DA:1,1', 'FNL:0,3,9', 'FNA:0,2,open<int>', 'FNA:0,0,open<long>', 'FNL:1,12', 'FNA:1,0,shut', 'FNF:2', 'FNH:2']
    assert.deepEqual(readDocument(section(...indexed)).coverage?.functions, { covered: 1, total: 2 })
  })

  it('joins the shards of one file line by line, and by the better total where they list no lines', () => {
    const report = read('lcov/shards.info')
    assert.deepEqual(report.coverage, { lines: { covered: 2 + 7, total: 3 + 10 }, branches: { covered: 2, total: 2 }, functions: null })
  })

  it('never counts more than the better total when only some shards list their lines', () => {
    const shards = section('DA:1,1', 'DA:2,0') + section('LF:2', 'LH:1') + section('DA:1,0', 'DA:2,1')
    assert.deepEqual(readDocument(shards).coverage?.lines, { covered: 1, total: 2 })
  })

  it('keeps the lines of a file when another shard of it has none', () => {
    const shards = section('LF:0', 'LH:0') + section('DA:1,1', 'DA:2,0') + section('DA:2,1') + section()
    assert.deepEqual(readDocument(shards).coverage?.lines, { covered: 2, total: 2 })
  })

  it('reads Windows line endings and blank lines the same', () => {
    const text = Buffer.from(fixture('lcov/shards.info')).toString('utf8')
    assert.deepEqual(readDocument(text.replaceAll('\n', '\r\n\r\n')).coverage, read('lcov/shards.info').coverage)
  })

  it('is empty without coverable lines', () => {
    for (const document of [fixture('lcov/empty.info'), 'TN:\n', section()]) {
      const report = readDocument(Buffer.from(document).toString())
      assert.equal(report.completeness, 'empty')
      assert.equal(report.coverage?.lines, null)
    }
  })

  it('refuses a file without the end of its last record', () => {
    assert.equal(refusal(fixture('lcov/cut-off.info')), 'report_malformed')
    const text = Buffer.from(fixture('lcov/covered.info')).toString('utf8')
    for (let length = 10; length < text.length - 1; length++) assert.notEqual(refusal(text.slice(0, length)), 'read', `cut to ${length}`)
  })

  it('refuses totals and hits that cannot be', () => {
    for (const records of [
      ['LF:1', 'LH:2'],
      ['BRF:1', 'BRH:2'],
      ['FNF:0', 'FNH:1'],
      ['LF:-4', 'LH:-4'],
      ['LF:NaN', 'LH:1'],
      ['LF:4', 'LH:'],
      ['LF:4'],
      ['LH:4'],
      ['DA:1,-3'],
      ['DA:1,NaN'],
      ['DA:1,'],
      ['DA:one,1'],
      ['DA:1'],
      ['FNDA:1'],
      ['BRDA:1,0,0'],
      ['BRDA:1,0,0,x'],
      ['FNL:x,1'],
      ['FNA:x,1,f'],
      ['FNA:0,x,f'],
    ]) {
      assert.equal(refusal(section(...records)), 'report_malformed', records.join(' '))
    }
  })

  it('refuses lines that are no records, and records outside of a file', () => {
    assert.equal(refusal(section('DA:1,1', 'geninfo: ERROR: out of memory')), 'report_malformed')
    assert.equal(refusal('TN:\nDA:1,1\nend_of_record\n'), 'report_malformed')
    assert.equal(refusal('TN:\nend_of_record\n'), 'report_malformed')
    assert.equal(refusal('SF:a\nDA:1,1\nSF:b\nend_of_record\n'), 'report_malformed')
  })

  it('steps over records that say nothing about totals', () => {
    assert.deepEqual(readDocument(section('VER:1', 'FNL:0,3,9', 'FNA:0,2,open', 'MCDC:1,2,t,1,0,x', 'DA:1,1')).coverage?.lines, {
      covered: 1,
      total: 1,
    })
  })

  it('is not claimed by other text', () => {
    for (const text of ['hello SF:x', '<SF:x/>', '1..x SF:']) assert.equal(refusal(text), 'report_format_unknown', text)
    assert.equal(refusal('<coverage line-rate="1"/>', 'lcov'), 'report_wrong_format')
  })

  it('bounds what it keeps of one file', () => {
    const lines = Array.from({ length: 1_000_001 }, (_, line) => `DA:${line},1`)
    assert.equal(refusal(section(lines.join('\n'))), 'report_too_complex')
  })
})
