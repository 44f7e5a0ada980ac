import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { jsonFixture, read, readDocument, refusal } from '../reading.ts'
import { counts, testsOf } from './test-results.ts'

function ctrf(tests: unknown, summary: Record<string, unknown> = { tests: 1 }): unknown {
  return { reportFormat: 'CTRF', results: { tool: { name: 'x' }, summary, tests } }
}

describe('the CTRF parser', () => {
  it('counts by status, and takes what is neither passed nor skipped for an error', () => {
    const report = read('ctrf/playwright.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.tool, { name: 'playwright', version: '1.52.0' })
    assert.deepEqual(counts(report), [2, 1, 1, 2])
    assert.deepEqual(testsOf(report).failing, [
      { suite: 'chromium › gate.spec.ts', name: 'keeps it closed', message: 'expected closed, was open', outcome: 'failed' },
      { suite: 'chromium › bell.spec.ts', name: 'was interrupted', message: null, outcome: 'errored' },
    ])
    assert.deepEqual(
      testsOf(report).flaky.map(({ name }) => name),
      ['opens it again'],
    )
    assert.equal(report.reportedAt, '2026-01-01T09:00:12.500Z')
  })

  it('reads the first version of the format, where retries alone say nothing of an attempt', () => {
    const report = read('ctrf/early.json')
    assert.deepEqual(counts(report), [2, 0, 0, 0])
    assert.deepEqual(testsOf(report).passedNames, ['gate › opens', 'gate › closes'])
    assert.deepEqual(testsOf(report).flaky, [])
    assert.equal(report.reportedAt, '2026-01-01T09:00:12.000Z')
  })

  it('finds a case flaky that passed after an attempt that failed, and none that did not pass', () => {
    const attempts = [{ attempt: 1, status: 'failed' }]
    const report = readDocument(
      ctrf([
        { name: 'a', status: 'passed', retryAttempts: attempts },
        { name: 'b', status: 'failed', flaky: true, retryAttempts: attempts },
      ]),
    )
    assert.deepEqual(testsOf(report).flaky, [{ suite: null, name: 'a', message: null }])
  })

  it('does not let a status that it does not know pass', () => {
    for (const status of ['PASSED', 'ok', '', null, 1, undefined, {}]) {
      assert.deepEqual(counts(readDocument(ctrf([{ name: 'a', status }]))), [0, 0, 1, 0])
    }
  })

  it('is empty without a test, and without one that ran', () => {
    assert.equal(read('ctrf/empty.json').completeness, 'empty')
    assert.equal(readDocument(ctrf([{ name: 'a', status: 'skipped' }])).completeness, 'empty')
  })

  it('counts failures that only the summary tells, and is partial if tests are announced and not shown', () => {
    const passed = [{ name: 'a', status: 'passed' }]
    assert.deepEqual(counts(readDocument(ctrf(passed, { tests: 2, failed: 1 }))), [1, 1, 0, 0])
    assert.deepEqual(counts(readDocument(ctrf(passed, { tests: 1, failed: 1 }))), [0, 1, 0, 0])
    assert.deepEqual(counts(readDocument(ctrf(passed, { tests: 2, pending: 1 }))), [1, 0, 0, 1])
    assert.equal(readDocument(ctrf(passed, { tests: 2 })).completeness, 'partial')
    assert.equal(readDocument(ctrf([], { tests: 2 })).completeness, 'partial')
  })

  it('refuses a report without its parts', () => {
    assert.equal(refusal({ reportFormat: 'CTRF', results: { tool: {}, summary: {} } }), 'report_format_unknown')
    assert.equal(refusal({ reportFormat: 'CTRF', results: { tool: {}, summary: {} } }, 'ctrf'), 'report_wrong_format')
    assert.equal(refusal(ctrf([], {})), 'report_malformed')
    assert.equal(refusal(ctrf([], { tests: '1' })), 'report_malformed')
    assert.equal(refusal(ctrf([{ status: 'passed' }])), 'report_malformed')
    assert.equal(refusal(ctrf(['a'])), 'report_malformed')
    assert.equal(refusal(JSON.stringify(jsonFixture('ctrf/early.json')).slice(0, -1), 'ctrf'), 'report_malformed')
  })
})
