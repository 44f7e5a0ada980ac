import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { read, readDocument, refusal } from '../reading.ts'
import { counts, testsOf } from './test-results.ts'

function xunit(tests: string, totals = ''): string {
  return `<assemblies><assembly ${totals}><collection>${tests}</collection></assembly></assemblies>`
}

describe('the xUnit.net parser', () => {
  it('counts tests by result, and errors that stand outside of them', () => {
    const report = read('xunit/version-2.xml')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counts(report), [2, 1, 1, 1])
    assert.deepEqual(testsOf(report).passedNames, ['Gate.GateTests › Opens(side: "left")', 'Gate.GateTests › Opens(side: "right")'])
    assert.deepEqual(testsOf(report).failing, [
      { suite: 'Gate.Fixture', name: 'the suite itself', message: 'The database would not stop.', outcome: 'errored' },
      { suite: 'Gate.GateTests', name: 'Closes', message: 'Assert.True() Failure: still open', outcome: 'failed' },
    ])
    assert.equal(report.reportedAt, null)
    assert.deepEqual(report.examined, ['gate.dll'])
    assert.deepEqual(readDocument(xunit('')).examined, [])
  })

  it('reads version 3, whose times have an offset and whose tests may not have run', () => {
    const report = read('xunit/version-3.xml')
    assert.deepEqual(counts(report), [1, 0, 0, 1])
    assert.equal(report.reportedAt, '2026-01-01T10:00:00.5000000+01:00')
  })

  it('reads version 1, where a class tells of the fixture that failed', () => {
    const report = read('xunit/version-1.xml')
    assert.deepEqual(counts(report), [1, 0, 1, 0])
    assert.deepEqual(testsOf(report).failing, [
      { suite: 'Gate.GateTests', name: 'the suite itself', message: 'The fixture would not stop.', outcome: 'errored' },
    ])
  })

  it('does not let a result pass that it does not know, or that a failure contradicts', () => {
    assert.deepEqual(counts(readDocument(xunit('<test name="a" result="Fine"/><test name="b"/>'))), [0, 0, 2, 0])
    assert.deepEqual(counts(readDocument(xunit('<test name="a" result="Pass"><failure/></test>'))), [0, 1, 0, 0])
  })

  it('counts failures that only an assembly tells, and is partial if tests are announced and not shown', () => {
    const passed = '<test name="a" result="Pass"/>'
    assert.deepEqual(counts(readDocument(xunit(passed, 'total="2" failed="1"'))), [1, 1, 0, 0])
    assert.deepEqual(counts(readDocument(xunit(passed, 'total="1" errors="1"'))), [1, 1, 0, 0])
    assert.deepEqual(counts(readDocument(xunit(passed, 'total="2" skipped="1"'))), [1, 0, 0, 1])
    assert.equal(readDocument(xunit(passed, 'total="2"')).completeness, 'partial')
  })

  it('is empty without a test', () => {
    assert.equal(read('xunit/empty.xml').completeness, 'empty')
  })

  it('refuses another root, and a test inside of a test', () => {
    assert.equal(refusal('<assembly name="x"/>'), 'report_format_unknown')
    assert.equal(refusal('<assembly name="x"/>', 'xunit'), 'report_wrong_format')
    assert.equal(refusal(xunit('<test name="a"><class><test name="b"/></class></test>')), 'report_malformed')
  })
})
