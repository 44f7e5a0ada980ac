import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { timed } from '../../support/cpu-time.ts'
import { readDocument } from './reading.ts'

const CASES = 100_000

function repeated(item: (at: number) => string, separator = ''): string {
  return Array.from({ length: CASES }, (_, at) => item(at)).join(separator)
}

/** The last of the cases failed. */
const failed = (at: number): boolean => at === CASES - 1

const REPORTS: Readonly<Record<string, () => string>> = {
  ctrf: () =>
    `{"reportFormat":"CTRF","results":{"tool":{"name":"x"},"summary":{"tests":${CASES}},"tests":[${repeated(
      (at) => `{"name":"case ${at}","suite":["a","b"],"status":"${failed(at) ? 'failed' : 'passed'}"}`,
      ',',
    )}]}}`,
  cucumber: () =>
    `[{"keyword":"Feature","name":"f","uri":"f","elements":[${repeated(
      (at) => `{"type":"scenario","name":"case ${at}","steps":[{"name":"s","result":{"status":"${failed(at) ? 'failed' : 'passed'}"}}]}`,
      ',',
    )}]}]`,
  'go-test': () =>
    `${repeated((at) => `{"Action":"run","Package":"p","Test":"Test${at}"}\n{"Action":"${failed(at) ? 'fail' : 'pass'}","Package":"p","Test":"Test${at}"}\n`)}{"Action":"fail","Package":"p"}\n`,
  junit: () => `<testsuite>${repeated((at) => `<testcase name="case ${at}">${failed(at) ? '<failure/>' : ''}</testcase>`)}</testsuite>`,
  nunit: () => `<test-run>${repeated((at) => `<test-case name="case ${at}" result="${failed(at) ? 'Failed' : 'Passed'}"/>`)}</test-run>`,
  tap: () => `TAP version 14\n${repeated((at) => `${failed(at) ? 'not ok' : 'ok'} ${at + 1} - case ${at}\n`)}1..${CASES}\n`,
  testng: () =>
    `<testng-results><class name="c">${repeated((at) => `<test-method name="case ${at}" status="${failed(at) ? 'FAIL' : 'PASS'}"/>`)}</class></testng-results>`,
  trx: () =>
    `<TestRun><Results>${repeated((at) => `<UnitTestResult testName="case ${at}" outcome="${failed(at) ? 'Failed' : 'Passed'}"/>`)}</Results><ResultSummary outcome="Failed"/></TestRun>`,
  xunit: () =>
    `<assemblies><assembly><collection>${repeated((at) => `<test name="case ${at}" result="${failed(at) ? 'Fail' : 'Pass'}"/>`)}</collection></assembly></assemblies>`,
}

describe('reading large test reports', () => {
  for (const [format, write] of Object.entries(REPORTS)) {
    it(`finds the one failure in 100,000 cases of ${format}, in time that grows with their number`, () => {
      const text = write()
      const { result, cpuMs } = timed(() => readDocument(text))
      const { tests, completeness } = result
      assert.deepEqual([completeness, tests?.total, tests?.failed, tests?.failing.length], ['complete', CASES, 1, 1])
      assert.equal(tests?.passed, CASES - 1)
      assert.ok(cpuMs < 20_000, `it took ${cpuMs} ms`)
    })
  }

  it('does not keep a long name of a suite once for each of its cases', () => {
    const suite = 'a'.repeat(900_000)
    const report = readDocument(
      `<testsuite name="${suite}">${repeated((at) => `<testcase name="${at}"><failure/></testcase>`)}</testsuite>`,
    )
    assert.equal(report.tests?.failed, CASES)
  })
})
