import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { ParsedReport } from '../../../../src/evidence/model.ts'
import { read, readDocument, refusal } from '../reading.ts'
import { counts, testsOf } from './test-results.ts'

function testng(methods: string, totals = ''): ParsedReport {
  return readDocument(`<testng-results ${totals}><suite><test><class name="c">${methods}</class></test></suite></testng-results>`)
}

describe('the TestNG parser', () => {
  it('counts methods, the ignored ones too, and an attempt that was retried only through the last', () => {
    const report = read('testng/retries.xml')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counts(report), [2, 1, 0, 2])
    assert.deepEqual(testsOf(report).passedNames, ['org.example.GateTest › opens', 'org.example.GateTest › closes'])
    assert.deepEqual(testsOf(report).flaky, [{ suite: 'org.example.GateTest', name: 'closes', message: 'still open' }])
    assert.deepEqual(testsOf(report).failing, [
      { suite: 'org.example.GateTest', name: 'locks', message: 'still no key', outcome: 'failed' },
    ])
    assert.equal(report.reportedAt, '2026-01-01T10:00:00Z')
    assert.deepEqual(report.examined, ['org.example.GateTest'])
  })

  it('counts a configuration method that failed as an error of its class, and no other', () => {
    const report = read('testng/configuration-failed.xml')
    assert.deepEqual(counts(report), [0, 0, 1, 1])
    assert.deepEqual(testsOf(report).failing, [
      { suite: 'org.example.GateTest', name: 'the suite itself', message: 'start: no server', outcome: 'errored' },
    ])
    assert.equal(report.reportedAt, '2026-01-01T09:00:00Z')
    assert.deepEqual(counts(read('testng/clean.xml')), [2, 0, 0, 0])
  })

  it('keeps methods apart that share a name and not their parameters', () => {
    const row = (value: string, rest: string) =>
      `<test-method name="a" ${rest}><params><param><value>${value}</value></param></params></test-method>`
    const report = testng(row('1', 'status="FAIL" retried="true"') + row('2', 'status="PASS"'))
    assert.deepEqual(counts(report), [1, 0, 1, 0])
    assert.deepEqual(testsOf(report).flaky, [])
  })

  it('does not let a status pass that it does not know', () => {
    const methods = '<test-method name="a" status="SUCCESS_PERCENTAGE_FAILURE"/><test-method name="b"/>'
    assert.deepEqual(counts(testng(methods)), [0, 0, 2, 0])
  })

  it('counts failures that only the root tells, and is partial if tests are announced and not shown', () => {
    const passed = '<test-method name="a" status="PASS"/>'
    assert.deepEqual(counts(testng(passed, 'total="2" failed="1"')), [1, 1, 0, 0])
    assert.equal(testng(passed, 'total="2" passed="2"').completeness, 'partial')
  })

  it('is empty without a test', () => {
    assert.equal(read('testng/empty.xml').completeness, 'empty')
  })

  it('refuses another root', () => {
    assert.equal(refusal('<testng/>', 'testng'), 'report_wrong_format')
    assert.equal(refusal('<testng-results><suite>'), 'report_malformed')
  })
})
