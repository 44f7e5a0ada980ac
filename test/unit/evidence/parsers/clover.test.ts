import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { read, readDocument, refusal } from '../reading.ts'

function project(metrics: string, root = 'generated="1767225600"'): string {
  return `<coverage ${root}><project>${metrics}</project></coverage>`
}

describe('the Clover parser', () => {
  it('takes the totals of the project alone, as PHPUnit writes them behind the files', () => {
    const report = read('clover/phpunit.xml')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['coverage'])
    assert.deepEqual(report.coverage, { lines: { covered: 7, total: 10 }, branches: null, functions: { covered: 1, total: 2 } })
    assert.equal(report.reportedAt, '2026-01-01T00:00:00.000Z')
  })

  it('reads Istanbul, whose time is in milliseconds', () => {
    const report = read('clover/istanbul.xml')
    assert.deepEqual(report.tool, { name: 'clover', version: '3.2.0' })
    assert.deepEqual(report.coverage, {
      lines: { covered: 8, total: 8 },
      branches: { covered: 3, total: 4 },
      functions: { covered: 2, total: 2 },
    })
    assert.equal(report.reportedAt, '2026-01-01T00:00:00.500Z')
  })

  it('believes totals only as far as the files and the listed lines bear them out', () => {
    const total = '<metrics statements="4" coveredstatements="4" conditionals="2" coveredconditionals="2" methods="2" coveredmethods="2"/>'
    const part = '<metrics statements="4" coveredstatements="3" conditionals="2" coveredconditionals="0" methods="2" coveredmethods="1"/>'
    const lines = '<line num="1" type="stmt" count="1"/><line num="2" type="stmt" count="0"/><line num="3" type="method" count="1"/>'
    assert.deepEqual(readDocument(project(`${total}<file>${part}</file>`)).coverage, {
      lines: { covered: 3, total: 4 },
      branches: { covered: 0, total: 2 },
      functions: { covered: 1, total: 2 },
    })
    assert.deepEqual(readDocument(project(`<package><file>${lines}</file></package>${total}`)).coverage?.lines, { covered: 1, total: 2 })
    assert.deepEqual(
      readDocument(`<coverage generated="1"><project>${total}</project><testproject>${part}<file>${lines}</file></testproject></coverage>`)
        .coverage?.lines,
      { covered: 4, total: 4 },
    )
  })

  it('leaves the coverage of test code out', () => {
    assert.deepEqual(read('clover/openclover.xml').coverage?.lines, { covered: 5, total: 20 })
  })

  it('is empty without statements', () => {
    const report = read('clover/empty.xml')
    assert.equal(report.completeness, 'empty')
    assert.deepEqual(report.coverage, { lines: null, branches: null, functions: null })
  })

  it('is recognised by its project where the root states nothing', () => {
    assert.deepEqual(readDocument(project('<metrics statements="2" coveredstatements="1"/>', '')).coverage?.lines, { covered: 1, total: 2 })
  })

  it('refuses a project without metrics, or with more than its own', () => {
    const metrics = '<metrics statements="2" coveredstatements="1"/>'
    assert.equal(refusal(project('')), 'report_malformed')
    assert.equal(refusal(project(`<file>${metrics}</file>`)), 'report_malformed')
    assert.equal(refusal(project(metrics + metrics)), 'report_malformed')
    assert.equal(refusal('<coverage generated="1"/>'), 'report_wrong_format')
  })

  it('refuses totals that cannot be', () => {
    for (const metrics of [
      'statements="1" coveredstatements="2"',
      'statements="-1" coveredstatements="-1"',
      'statements="NaN" coveredstatements="1"',
      'statements="1"',
      'coveredstatements="1"',
      '',
      'statements="1" coveredstatements="1" conditionals="1" coveredconditionals="2"',
      'statements="1" coveredstatements="1" methods="1"',
      'statements="1" coveredstatements="1" elements="1" coveredelements="2"',
    ]) {
      assert.equal(refusal(project(`<metrics ${metrics}/>`)), 'report_malformed', metrics)
    }
  })

  it('is not Cobertura', () => {
    assert.equal(refusal('<coverage line-rate="1"><packages/></coverage>', 'clover'), 'report_wrong_format')
    assert.equal(refusal('<report/>', 'clover'), 'report_wrong_format')
  })

  it('refuses a cut-off file and entities of its own, and accepts a named DTD', () => {
    const whole = project('<metrics statements="2" coveredstatements="1"/>')
    assert.equal(refusal(whole.slice(0, -3)), 'report_malformed')
    assert.equal(refusal(`<!DOCTYPE coverage [<!ENTITY a "1">]>${whole}`), 'xml_doctype_refused')
    assert.equal(refusal(`<!DOCTYPE coverage SYSTEM "clover.dtd">${whole}`), 'read')
  })
})
