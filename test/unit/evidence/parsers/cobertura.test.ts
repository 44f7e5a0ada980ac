import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { read, readDocument, refusal } from '../reading.ts'

describe('the Cobertura parser', () => {
  it('takes the totals of the root, and its time in milliseconds', () => {
    const report = read('cobertura/coverage-py.xml')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['coverage'])
    assert.deepEqual(report.tool, { name: 'cobertura', version: '7.10.1' })
    assert.deepEqual(report.coverage, { lines: { covered: 6, total: 8 }, branches: null, functions: null })
    assert.equal(report.reportedAt, '2026-01-01T00:00:00.123Z')
  })

  it('takes measured branches, and its time in seconds', () => {
    const report = read('cobertura/coverlet.xml')
    assert.deepEqual(report.coverage, { lines: { covered: 4, total: 5 }, branches: { covered: 2, total: 4 }, functions: null })
    assert.equal(report.reportedAt, '2026-01-01T00:00:00.000Z')
  })

  it('counts each line of each file once where the root states no totals, with an external DTD named', () => {
    assert.deepEqual(read('cobertura/gocover.xml').coverage, {
      lines: { covered: 3, total: 5 },
      branches: { covered: 2, total: 4 },
      functions: null,
    })
  })

  it('believes totals only as far as the listed lines and the rate bear them out', () => {
    const lines = '<line number="1" hits="1" condition-coverage="50% (1/2)"/><line number="2" hits="0"/><line number="3" hits="0"/>'
    const document = (attributes: string, inner = lines) =>
      readDocument(`<coverage ${attributes}><packages><class filename="a">${inner}</class></packages></coverage>`).coverage
    for (const totals of ['3" lines-covered="3', '1000" lines-covered="998', '0" lines-covered="0']) {
      const coverage = document(`line-rate="1" lines-valid="${totals}" branches-valid="9" branches-covered="9"`)
      assert.deepEqual(
        [coverage?.lines, coverage?.branches],
        [
          { covered: 1, total: 3 },
          { covered: 1, total: 2 },
        ],
        totals,
      )
    }
    assert.deepEqual(document('line-rate="0.2" lines-valid="10" lines-covered="2"')?.lines, { covered: 2, total: 10 })
    assert.deepEqual(document('line-rate="0.1" lines-valid="10" lines-covered="10"', '')?.lines, { covered: 1000, total: 10_000 })
    assert.deepEqual(document('line-rate="0.1"')?.lines, { covered: 1000, total: 10_000 })
  })

  it('takes a rounded rate for no contradiction', () => {
    for (const rate of ['0.6666', '0.6667', '0.67', '0.66', '0.7', '0.6', '0', '1', '1.0', '']) {
      const { coverage } = readDocument(`<coverage line-rate="${rate}" lines-valid="3" lines-covered="2"/>`)
      assert.deepEqual(coverage?.lines, { covered: 2, total: 3 }, rate)
    }
  })

  it('presents a bare rate as parts of 10,000, rounded down', () => {
    const report = read('cobertura/rate-only.xml')
    assert.deepEqual(report.coverage?.lines, { covered: 5700, total: 10_000 })
    assert.deepEqual(report.coverage.branches, { covered: 3333, total: 10_000 })
    assert.equal(report.completeness, 'complete')
    assert.equal(report.reportedAt, null)
  })

  it('is empty without coverable lines, and where a bare rate of 0 or 1 proves nothing', () => {
    assert.equal(read('cobertura/empty.xml').completeness, 'empty')
    assert.equal(readDocument('<coverage lines-valid="0" lines-covered="0" line-rate="0.9"/>').completeness, 'empty')
    for (const rate of ['0', '1', '1.0']) {
      const report = readDocument(`<coverage line-rate="${rate}" branch-rate="${rate}"><packages/></coverage>`)
      assert.equal(report.completeness, 'empty', rate)
      assert.deepEqual(report.coverage, { lines: null, branches: null, functions: null })
    }
  })

  it('reads full coverage as such', () => {
    assert.deepEqual(read('cobertura/covered.xml').coverage, {
      lines: { covered: 3, total: 3 },
      branches: { covered: 2, total: 2 },
      functions: null,
    })
  })

  it('refuses rates that are no rates', () => {
    for (const rate of ['1.01', '-0.1', 'NaN', '85', '0,85', 'Infinity', '1e5', 'high']) {
      assert.equal(refusal(`<coverage line-rate="${rate}"/>`), 'report_malformed', rate)
      assert.equal(refusal(`<coverage line-rate="0.5" branch-rate="${rate}"/>`), 'report_malformed', rate)
    }
  })

  it('refuses totals that contradict themselves', () => {
    for (const attributes of [
      'lines-valid="1" lines-covered="2"',
      'lines-valid="-1" lines-covered="-1"',
      'lines-valid="1"',
      'lines-covered="1"',
      'lines-valid="4" lines-covered="NaN"',
      'lines-valid="4" lines-covered="1" branches-valid="1" branches-covered="2"',
    ]) {
      assert.equal(refusal(`<coverage line-rate="0.5" ${attributes}/>`), 'report_malformed', attributes)
    }
  })

  it('refuses lines that it would have to count and cannot', () => {
    for (const line of [
      'number="1"',
      'number="1" hits="-1"',
      'number="1" hits="NaN"',
      'number="1" hits="1" condition-coverage="150% (3/2)"',
    ]) {
      assert.equal(
        refusal(`<coverage line-rate="0.5"><class filename="a"><lines><line ${line}/></lines></class></coverage>`),
        'report_malformed',
        line,
      )
    }
  })

  it('leaves a time unknown that is implausible', () => {
    for (const stamp of ['', '0', '17', '99999999999999', '20260101', '01/02/2026', '2026-01-01T00:00:00']) {
      assert.equal(readDocument(`<coverage line-rate="0.5" timestamp="${stamp}"/>`).reportedAt, null, stamp)
    }
    assert.equal(readDocument('<coverage line-rate="0.5" timestamp="2026-01-01T02:00:00+02:00"/>').reportedAt, '2026-01-01T02:00:00+02:00')
    assert.equal(readDocument('<coverage line-rate="0.5" timestamp="1767225600.75"/>').reportedAt, '2026-01-01T00:00:00.750Z')
  })

  it('is not Clover, JaCoCo or the generic coverage of SonarQube', () => {
    for (const text of ['<coverage generated="1"/>', '<report name="x"/>', '<coverage version="1"><file path="a"/></coverage>']) {
      assert.equal(refusal(text, 'cobertura'), 'report_wrong_format', text)
    }
    assert.equal(refusal('<coverage version="1"><file path="a"/></coverage>'), 'report_format_unknown')
    assert.equal(refusal('<coverage line-rate="0.5"><project/></coverage>'), 'report_format_unknown')
  })

  it('refuses a cut-off file and entities of its own', () => {
    assert.equal(refusal('<coverage line-rate="0.5" lines-valid="2" lines-covered="1"><packages>'), 'report_malformed')
    assert.equal(refusal('<!DOCTYPE coverage [<!ENTITY a "1">]><coverage line-rate="&a;"/>'), 'xml_doctype_refused')
  })
})
