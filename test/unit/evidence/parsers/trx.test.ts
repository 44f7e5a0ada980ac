import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { ParsedReport } from '../../../../src/evidence/model.ts'
import { read, readDocument, refusal } from '../reading.ts'
import { counts, testsOf } from './test-results.ts'

function trx(results: string, summary = '<ResultSummary outcome="Completed"/>'): ParsedReport {
  return readDocument(`<TestRun><Results>${results}</Results>${summary}</TestRun>`)
}

const PASSED = '<UnitTestResult testName="a" outcome="Passed"/>'

describe('the TRX parser', () => {
  it('counts results by outcome, with the class of their definition as suite, and rows beside their test', () => {
    const report = read('trx/mstest.trx')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counts(report), [3, 1, 1, 1])
    assert.deepEqual(testsOf(report).passedNames, ['Gate.GateTests › Opens', 'Gate.GateTests › Turns', 'Gate.GateTests › Turns (left)'])
    assert.deepEqual(testsOf(report).failing, [
      { suite: 'Gate.GateTests', name: 'Closes', message: 'Assert.IsTrue failed. Still open.', outcome: 'failed' },
      { suite: 'Gate.GateTests', name: 'Locks', message: null, outcome: 'errored' },
    ])
    assert.equal(report.reportedAt, '2026-01-01T10:00:00.5000000+01:00')
  })

  it('leaves the class out of the name of a case', () => {
    assert.deepEqual(testsOf(read('trx/clean.trx')).passedNames, ['Gate.GateTests › Opens(side: "left")'])
  })

  it('speaks for the assemblies that its definitions name, without their directories, or for all if they name none', () => {
    assert.deepEqual(read('trx/mstest.trx').examined, ['gate.dll'])
    assert.deepEqual(read('trx/clean.trx').examined, ['bell.dll'])
    assert.deepEqual(read('trx/host-crashed.trx').examined, [])
  })

  it('counts a run that failed without a test that did, as one whose host crashed', () => {
    const report = read('trx/host-crashed.trx')
    assert.deepEqual(counts(report), [1, 0, 1, 0])
    assert.match(testsOf(report).failing[0]?.message ?? '', /Test host process crashed/)
  })

  it('does not let an outcome pass that it does not know or that is left out', () => {
    assert.deepEqual(counts(trx('<UnitTestResult testName="a" outcome="Fine"/>')), [0, 0, 1, 0])
    assert.deepEqual(counts(trx('<UnitTestResult testName="a"/>')), [0, 1, 0, 0])
  })

  it('is failed if the run was aborted and partial without a summary', () => {
    assert.equal(trx(PASSED, '<ResultSummary outcome="Aborted"/>').completeness, 'failed')
    assert.equal(trx(PASSED, '<ResultSummary/>').completeness, 'failed')
    assert.equal(trx(PASSED, '').completeness, 'partial')
  })

  it('is partial if its counters tell of more tests than it shows, and empty without any', () => {
    assert.equal(trx(PASSED, '<ResultSummary outcome="Completed"><Counters total="2"/></ResultSummary>').completeness, 'partial')
    assert.deepEqual(
      counts(trx(PASSED, '<ResultSummary outcome="Completed"><Counters total="2" failed="1"/></ResultSummary>')),
      [1, 1, 0, 0],
    )
    assert.equal(read('trx/empty.trx').completeness, 'empty')
  })

  it('refuses another root', () => {
    assert.equal(refusal('<TestRuns/>', 'trx'), 'report_wrong_format')
    assert.equal(refusal('<TestRun><Results>'), 'report_malformed')
  })
})
