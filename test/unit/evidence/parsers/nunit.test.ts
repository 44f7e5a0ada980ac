import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { read, readDocument, refusal } from '../reading.ts'
import { counts, testsOf } from './test-results.ts'

describe('the NUnit parser', () => {
  it('reads version 3: cases, and a fixture that failed without a case that did', () => {
    const report = read('nunit/version-3.xml')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.tool, { name: 'nunit', version: '3.18.3.0' })
    assert.deepEqual(counts(report), [3, 2, 1, 1])
    assert.deepEqual(testsOf(report).passedNames, ['Gate.GateTests › Opens("left")', 'Gate.GateTests › Squeaks', 'Gate.BellTests › Rings'])
    assert.deepEqual(testsOf(report).failing, [
      { suite: 'Gate.GateTests', name: 'Closes', message: 'Expected: closed', outcome: 'failed' },
      { suite: 'Gate.GateTests', name: 'Locks', message: 'System.NullReferenceException : no key', outcome: 'errored' },
      { suite: 'Gate.BellTests', name: 'the suite itself', message: 'TearDown : the bell would not stop', outcome: 'failed' },
    ])
    assert.equal(report.reportedAt, '2026-01-01 09:00:00Z')
    assert.deepEqual(report.examined, ['gate.dll'])
  })

  it('reads version 2, whose cases carry their class in their names', () => {
    const report = read('nunit/version-2.xml')
    assert.equal(report.completeness, 'complete')
    assert.equal(report.tool.version, '2.6.4.14350')
    assert.deepEqual(counts(report), [1, 1, 1, 1])
    assert.deepEqual(testsOf(report).passedNames, ['Gate.GateTests.Opens'])
    assert.equal(report.reportedAt, null)
  })

  it('reads the first dialect of version 2, which has no results but only success', () => {
    const cases =
      '<test-case name="a" executed="True" success="True"/><test-case name="b" executed="True" success="False"/><test-case name="c" executed="False"/>'
    const report = readDocument(
      `<test-results><test-suite name="s" success="False"><results>${cases}</results></test-suite></test-results>`,
    )
    assert.deepEqual(counts(report), [1, 1, 0, 1])
  })

  it('counts an assembly that could not be loaded as a failure', () => {
    const report = read('nunit/not-loaded.xml')
    assert.deepEqual(counts(report), [0, 1, 0, 0])
    assert.deepEqual(testsOf(report).failing, [
      { suite: '/build/gate.dll', name: 'the suite itself', message: 'Could not load file or assembly', outcome: 'failed' },
    ])
  })

  it('does not let a result pass that it does not know, that is left out, or that a failure contradicts', () => {
    const cases = '<test-case name="a" result="Fine"/><test-case name="b"/><test-case name="c" result="Passed"><failure/></test-case>'
    assert.deepEqual(counts(readDocument(`<test-run>${cases}</test-run>`)), [0, 1, 2, 0])
  })

  it('counts failures that only the run tells, and is partial if tests are announced and not shown', () => {
    const passed = '<test-case name="a" result="Passed"/>'
    assert.deepEqual(counts(readDocument(`<test-run total="2" failed="1">${passed}</test-run>`)), [1, 1, 0, 0])
    assert.deepEqual(counts(readDocument(`<test-run result="Failed">${passed}</test-run>`)), [1, 1, 0, 0])
    assert.equal(readDocument(`<test-run total="2">${passed}</test-run>`).completeness, 'partial')
  })

  it('is empty without a test', () => {
    assert.equal(read('nunit/empty.xml').completeness, 'empty')
  })

  it('refuses another root, and a case inside of a case', () => {
    assert.equal(refusal('<test-runs/>', 'nunit'), 'report_wrong_format')
    assert.equal(refusal('<test-run><test-case name="a"><test-case name="b"/></test-case></test-run>'), 'report_malformed')
  })
})
