import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { fixture, read, readDocument, refusal } from '../reading.ts'

function session(summary: string, inner = ''): string {
  return `<CoverageSession><Summary ${summary}/>${inner}</CoverageSession>`
}

describe('the OpenCover parser', () => {
  it('takes the summary of the session alone', () => {
    const report = read('opencover/coverlet.xml')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['coverage'])
    assert.deepEqual(report.coverage, {
      lines: { covered: 9, total: 12 },
      branches: { covered: 4, total: 6 },
      functions: { covered: 3, total: 4 },
    })
  })

  it('believes the summary only as far as the classes and the listed points bear it out', () => {
    const summary = (points: number, branches: number, methods: number) =>
      `numSequencePoints="4" visitedSequencePoints="${points}" numBranchPoints="4" visitedBranchPoints="${branches}" numMethods="4" visitedMethods="${methods}"`
    const classes = `<Class><Summary ${summary(3, 2, 1)}/></Class>`
    assert.deepEqual(readDocument(session(summary(4, 4, 4), classes)).coverage, {
      lines: { covered: 3, total: 4 },
      branches: { covered: 2, total: 4 },
      functions: { covered: 1, total: 4 },
    })
    const points = '<SequencePoint vc="2"/><SequencePoint vc="0"/><SequencePoint vc="0"/>'
    assert.deepEqual(readDocument(session(summary(4, 4, 4), points)).coverage?.lines, { covered: 1, total: 3 })
    assert.deepEqual(readDocument(session(summary(0, 4, 4), points)).coverage?.lines, { covered: 0, total: 4 })
    for (const vc of ['', 'vc="-1"', 'vc="x"'])
      assert.equal(refusal(session(summary(4, 4, 4), `<SequencePoint ${vc}/>`)), 'report_malformed', vc)
  })

  it('takes what is not stated for not measured', () => {
    assert.deepEqual(readDocument(session('numSequencePoints="2" visitedSequencePoints="1"')).coverage, {
      lines: { covered: 1, total: 2 },
      branches: null,
      functions: null,
    })
  })

  it('is empty without sequence points', () => {
    assert.equal(read('opencover/empty.xml').completeness, 'empty')
  })

  it('refuses a summary that is missing, double, broken or at odds with its points', () => {
    const summary = 'numSequencePoints="2" visitedSequencePoints="1"'
    assert.equal(refusal('<CoverageSession><Modules/></CoverageSession>'), 'report_malformed')
    assert.equal(refusal(`<CoverageSession><Modules><Summary ${summary}/></Modules></CoverageSession>`), 'report_malformed')
    assert.equal(refusal(session(summary, `<Summary ${summary}/>`)), 'report_malformed')
    assert.equal(refusal(session('numSequencePoints="0" visitedSequencePoints="0"', '<SequencePoint vc="1"/>')), 'report_malformed')
    for (const broken of [
      '',
      'numSequencePoints="2"',
      'visitedSequencePoints="2"',
      'numSequencePoints="1" visitedSequencePoints="2"',
      'numSequencePoints="-1" visitedSequencePoints="-1"',
      `${summary} numBranchPoints="1"`,
    ]) {
      assert.equal(refusal(session(broken)), 'report_malformed', broken)
    }
  })

  it('refuses other documents and cut-off ones', () => {
    assert.equal(refusal('<coverage/>', 'opencover'), 'report_wrong_format')
    const whole = Buffer.from(fixture('opencover/coverlet.xml')).toString('utf8').trimEnd()
    for (let length = 0; length < whole.length; length++) assert.notEqual(refusal(whole.slice(0, length), 'opencover'), 'read', `${length}`)
  })
})
