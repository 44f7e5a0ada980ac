import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { fixture, read, readDocument, refusal } from '../reading.ts'
import { counts, testsOf } from './test-results.ts'

function events(...list: unknown[]): string {
  return list.map((event) => `${JSON.stringify(event)}\n`).join('')
}

const PASSED = { Action: 'pass', Package: 'p', Test: 'TestA' }

describe('the Go test parser', () => {
  it('counts tests and subtests with their last words', () => {
    const report = read('go-test/packages.jsonl')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counts(report), [2, 1, 0, 1])
    assert.deepEqual(testsOf(report).passedNames, ['example.org/gate › TestOpens/left', 'example.org/gate › TestOpens'])
    assert.deepEqual(testsOf(report).failing, [
      { suite: 'example.org/gate', name: 'TestCloses', message: 'gate_test.go:9: still open', outcome: 'failed' },
    ])
    assert.equal(report.reportedAt, '2026-01-01T10:00:00.5+01:00')
    assert.deepEqual(report.examined, ['example.org/gate', 'example.org/gate/docs'])
  })

  it('does not take a benchmark for a test that never ended', () => {
    const report = read('go-test/clean.jsonl')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counts(report), [1, 0, 0, 0])
  })

  it('counts a package that could not be built, once', () => {
    const report = read('go-test/build-failure.jsonl')
    assert.deepEqual(counts(report), [0, 1, 0, 0])
    assert.match(testsOf(report).failing[0]?.message ?? '', /undefined: Open/)
    assert.deepEqual(counts(readDocument(events({ Action: 'build-fail', ImportPath: 'p' }))), [0, 1, 0, 0])
  })

  it('counts a test that began and never ended as an error', () => {
    const report = read('go-test/panic.jsonl')
    assert.deepEqual(counts(report), [1, 1, 1, 0])
    assert.deepEqual(
      testsOf(report).failing.map(({ name }) => name),
      ['TestCloses/left', 'TestCloses'],
    )
  })

  it('counts a package that failed with no test that did', () => {
    const report = readDocument(
      events(PASSED, { Action: 'output', Package: 'p', Output: 'exit status 2\n' }, { Action: 'fail', Package: 'p' }),
    )
    assert.deepEqual(counts(report), [1, 1, 0, 0])
    assert.deepEqual(testsOf(report).failing, [{ suite: 'p', name: 'the suite itself', message: 'exit status 2', outcome: 'failed' }])
  })

  it('counts each run of a repeated test', () => {
    const report = readDocument(events({ ...PASSED, Action: 'fail' }, PASSED, { Action: 'fail', Package: 'p' }))
    assert.deepEqual(counts(report), [1, 1, 0, 0])
    assert.deepEqual(testsOf(report).passedNames, [])
  })

  it('is never complete if a package has no end', () => {
    const text = Buffer.from(fixture('go-test/clean.jsonl')).toString('utf8')
    const lines = text.trimEnd().split('\n')
    for (let kept = 1; kept < lines.length; kept++) {
      const report = readDocument(`${lines.slice(0, kept).join('\n')}\n`, 'go-test')
      assert.equal(report.completeness, 'partial', `${kept} lines`)
    }
  })

  it('is empty for packages without tests', () => {
    assert.equal(read('go-test/no-tests.jsonl').completeness, 'empty')
  })

  it('reads a single event, and what test2json writes of a test binary', () => {
    assert.equal(readDocument(events({ Action: 'skip', Package: 'p' })).completeness, 'empty')
    const report = readDocument(events({ Action: 'start' }, { Action: 'pass', Test: 'TestA' }, { Action: 'pass' }), 'go-test')
    assert.deepEqual([report.completeness, ...counts(report)], ['complete', 1, 0, 0, 0])
  })

  it('refuses lines that are no events', () => {
    assert.equal(refusal('FAIL\texample.org/gate [build failed]\n', 'go-test'), 'report_wrong_format')
    assert.equal(refusal(events(7), 'go-test'), 'report_wrong_format')
    assert.equal(refusal(`${events(PASSED)}FAIL\texample.org/gate [build failed]\n`, 'go-test'), 'report_malformed')
    assert.equal(refusal(`${events(PASSED)}{"Action":"pass","Pack`), 'report_malformed')
    assert.equal(refusal(events(PASSED, { Package: 'p' })), 'report_malformed')
    assert.equal(refusal(`${events(PASSED)}{"Action":"fail","Action":"pass","Package":"p"}\n`), 'report_malformed')
  })
})
