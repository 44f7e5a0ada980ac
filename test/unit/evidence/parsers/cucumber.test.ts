import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { ParsedReport } from '../../../../src/evidence/model.ts'
import { read, readDocument, refusal } from '../reading.ts'
import { counts, testsOf } from './test-results.ts'

function scenario(...steps: unknown[]): ParsedReport {
  return readDocument([{ keyword: 'Feature', name: 'F', uri: 'f.feature', elements: [{ type: 'scenario', name: 'S', steps }] }])
}

function step(status: string): unknown {
  return { name: 'a step', result: { status } }
}

describe('the Cucumber parser', () => {
  it('counts scenarios by the worst of their steps and of the background before them', () => {
    const report = read('cucumber/ruby.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counts(report), [1, 2, 1, 1])
    assert.deepEqual(testsOf(report).passedNames, ['Gate › Opens'])
    assert.deepEqual(testsOf(report).failing, [
      { suite: 'Gate', name: 'Closes', message: 'expected closed, was open', outcome: 'failed' },
      { suite: 'Gate', name: 'Locks', message: 'The step "I turn the key" is undefined.', outcome: 'errored' },
      { suite: 'Bell', name: 'Rings', message: 'no bell', outcome: 'failed' },
    ])
    assert.equal(report.reportedAt, '2026-01-01T09:00:01.000Z')
    assert.deepEqual(report.examined, ['features/gate.feature', 'features/bell.feature'])
    assert.deepEqual(read('cucumber/behave.json').examined, ['features/gate.feature'])
  })

  it("reads behave's report, whose background lists steps without results", () => {
    const report = read('cucumber/behave.json')
    assert.deepEqual(counts(report), [1, 1, 0, 1])
    assert.deepEqual(testsOf(report).passedNames, ['Gate › Opens'])
    assert.deepEqual(testsOf(report).failing, [
      { suite: 'Gate', name: 'Closes', message: 'Assertion Failed: still open\nCaptured stdout:', outcome: 'failed' },
    ])
  })

  it('fails a scenario for a hook that failed', () => {
    const report = read('cucumber/jvm-hook-failure.json')
    assert.deepEqual(counts(report), [0, 1, 0, 0])
    assert.equal(testsOf(report).failing[0]?.message, 'java.lang.IllegalStateException: no server')
  })

  it('does not let a scenario pass that has a step without a result, an unknown one or none at all', () => {
    assert.deepEqual(counts(scenario(step('passed'), { name: 'a step' })), [0, 0, 0, 1])
    assert.deepEqual(counts(scenario(step('passed'), step('wobbly'))), [0, 0, 1, 0])
    assert.deepEqual(counts(scenario(step('passed'), { result: {} })), [0, 0, 1, 0])
    assert.deepEqual(counts(scenario()), [0, 0, 0, 1])
    const stated = { type: 'scenario', name: 'S', status: 'passed', steps: [] }
    const report = readDocument([{ keyword: 'Feature', name: 'F', uri: 'f', elements: [stated] }])
    assert.equal(report.completeness, 'empty')
  })

  it('counts a background that failed with no scenario behind it', () => {
    const elements = [{ type: 'background', steps: [step('failed')] }]
    assert.deepEqual(counts(readDocument([{ keyword: 'Feature', name: 'F', uri: 'f', elements }])), [0, 1, 0, 0])
  })

  it('is empty for features without a scenario, and leaves an empty list to the sender', () => {
    assert.equal(readDocument([{ keyword: 'Feature', name: 'F', uri: 'f', elements: [] }]).completeness, 'empty')
    assert.equal(refusal([]), 'report_format_ambiguous')
    assert.equal(readDocument([], 'cucumber').completeness, 'empty')
  })

  it('refuses what is no list of features', () => {
    assert.equal(refusal({ features: [] }, 'cucumber'), 'report_wrong_format')
    assert.equal(refusal([{ keyword: 'Feature' }], 'cucumber'), 'report_wrong_format')
    assert.equal(refusal([{ keyword: 'Feature', name: 'F', uri: 'f' }, 7], 'cucumber'), 'report_malformed')
    assert.equal(refusal([{ keyword: 'Feature', name: 'F', uri: 'f', elements: {} }]), 'report_malformed')
    assert.equal(refusal([{ keyword: 'Feature', name: 'F', uri: 'f', elements: [{ steps: [{ result: 'passed' }] }] }]), 'report_malformed')
  })
})
