import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import type { ParsedReport } from '../../../../src/evidence/model.ts'
import { fixture, read, readDocument, refusal } from '../reading.ts'
import { counts, testsOf } from './test-results.ts'

function suite(...cases: string[]): ParsedReport {
  return readDocument(`<testsuite name="gate">${cases.join('')}</testsuite>`)
}

const FAILED = '<failure message="still open"/>'

describe('the JUnit parser', () => {
  it('reads a clean run with its names and its time', () => {
    const report = read('junit/pytest-clean.xml')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['tests'])
    assert.deepEqual(counts(report), [2, 0, 0, 1])
    assert.deepEqual(testsOf(report).passedNames, ['tests.test_gate › test_open', 'tests.test_gate › test_close[left]'])
    assert.equal(report.reportedAt, '2026-01-01T10:00:00.250000+01:00')
  })

  it('names the outermost suites, by which files of different suites are told apart', () => {
    assert.deepEqual(suite('<testsuite name="inner"><testcase name="a"/></testsuite>').examined, ['gate'])
    const two = readDocument(
      '<testsuites name="run"><testsuite name="a"/><testsuite name="b"><testcase name="x"/></testsuite></testsuites>',
    )
    assert.deepEqual(two.examined, ['a', 'b'])
    assert.deepEqual(readDocument('<testsuites><testsuite name="a"/><testsuite><testcase name="x"/></testsuite></testsuites>').examined, [])
    const pytest = '<testsuites><testsuite name="pytest"><testcase classname="tests.test_a" name="x"/></testsuite></testsuites>'
    assert.deepEqual(readDocument(pytest).examined, ['tests.test_a'], 'pytest gives every suite its own name')
  })

  it('tells failures with their messages, in nested suites too', () => {
    const report = read('junit/phpunit-nested.xml')
    assert.deepEqual(counts(report), [1, 1, 1, 0])
    assert.deepEqual(testsOf(report).failing, [
      { suite: 'App.GateTest', name: 'testCloses with data set #0', message: 'still open', outcome: 'failed' },
      { suite: 'App.GateTest', name: 'testCloses with data set #1', message: 'TypeError: null', outcome: 'errored' },
    ])
  })

  it('keeps cases apart that passed at last, and fails those that never did', () => {
    const report = read('junit/surefire-reruns.xml')
    assert.deepEqual(counts(report), [2, 1, 0, 0])
    assert.deepEqual(testsOf(report).flaky, [{ suite: 'org.example.GateTest', name: 'closes', message: 'timed out' }])
    assert.deepEqual(testsOf(report).failing, [{ suite: 'org.example.GateTest', name: 'locks', message: 'still open', outcome: 'failed' }])
  })

  it('takes cases that GoogleTest did not run for skipped, and a time without an offset for none', () => {
    const report = read('junit/gtest.xml')
    assert.deepEqual(counts(report), [1, 1, 0, 2])
    assert.equal(testsOf(report).failing[0]?.message, 'gate_test.cc:9\nExpected: closed')
    assert.equal(report.reportedAt, null)
  })

  it('counts an error that only a suite states, as Newman does for a request that failed', () => {
    const report = read('junit/newman-request-error.xml')
    assert.deepEqual(counts(report), [1, 0, 1, 0])
    assert.equal(testsOf(report).failing[0]?.suite, 'Close')
    assert.equal(report.completeness, 'complete')
    assert.equal(report.reportedAt, '2026-01-01T09:00:00.000Z')
  })

  it('counts failures and errors that no case shows', () => {
    assert.deepEqual(counts(read('junit/unshown.xml')), [2, 1, 2, 0])
    assert.deepEqual(
      counts(readDocument('<testsuites failures="1"><testsuite failures="0"><testcase name="a"/></testsuite></testsuites>')),
      [1, 1, 0, 0],
    )
    assert.deepEqual(counts(readDocument('<testsuites errors="1"><testsuite errors="1" tests="0"/></testsuites>')), [0, 0, 1, 0])
    assert.deepEqual(
      counts(readDocument('<testsuite errors="2" failures="0"><testcase name="a"><failure/></testcase></testsuite>')),
      [0, 1, 1, 0],
    )
  })

  it('takes unshown failures for cases that it shows as passed, if the suite states no more tests than that', () => {
    const one = readDocument(
      '<testsuites tests="1" failures="1"><testsuite tests="1" failures="0"><testcase name="a"/></testsuite></testsuites>',
    )
    assert.deepEqual(counts(one), [0, 1, 0, 0])
    assert.deepEqual(testsOf(one).passedNames, [])
    const cases = '<testcase name="a"/><testcase name="b"/><testcase name="c"><skipped/></testcase>'
    assert.deepEqual(counts(readDocument(`<testsuite tests="1" failures="1">${cases}</testsuite>`)), [1, 1, 0, 1])
    assert.deepEqual(counts(readDocument(`<testsuite tests="4" failures="2">${cases}</testsuite>`)), [1, 2, 0, 1])
    assert.deepEqual(counts(readDocument(`<testsuite tests="3" failures="9">${cases}</testsuite>`)), [0, 9, 0, 1])
  })

  it('does not count a failure twice that a suite states too, however the tool calls it', () => {
    assert.deepEqual(
      counts(readDocument(`<testsuite failures="1" errors="0"><testcase name="a"><error/></testcase></testsuite>`)),
      [0, 0, 1, 0],
    )
    assert.deepEqual(
      counts(
        readDocument('<testsuite failures="1" errors="1"><testcase name="a"><failure/><error message="late"/></testcase></testsuite>'),
      ),
      [0, 1, 0, 0],
    )
  })

  it('counts failures that stand outside of any case', () => {
    const report = suite('<error message="set-up failed" type="Error"/>', '<testcase name="opens"/>')
    assert.deepEqual(counts(report), [1, 0, 1, 0])
    assert.deepEqual(testsOf(report).failing, [{ suite: 'gate', name: 'the suite itself', message: 'set-up failed', outcome: 'errored' }])
    assert.deepEqual(counts(readDocument('<testsuites><failure/></testsuites>')), [0, 1, 0, 0])
  })

  it('is partial if tests are announced and not shown, unless they are stated as skipped', () => {
    const cut = readDocument('<testsuite tests="5" failures="0"><testcase name="a"/></testsuite>')
    assert.equal(cut.completeness, 'partial')
    assert.match(cut.completenessReason ?? '', /4 more tests/)
    assert.equal(
      readDocument('<testsuites tests="2" failures="0"><testsuite tests="1"><testcase name="a"/></testsuite></testsuites>').completeness,
      'partial',
    )
    assert.equal(readDocument('<testsuites><testsuite tests="3"/></testsuites>').completeness, 'partial')
    const pending = read('junit/mocha-pending.xml')
    assert.equal(pending.completeness, 'complete')
    assert.deepEqual(counts(pending), [1, 0, 0, 2])
  })

  it('is empty without tests, and if every test was skipped', () => {
    assert.equal(read('junit/empty.xml').completeness, 'empty')
    for (const text of ['<testsuites/>', '<testsuite tests="0"/>', '<testsuite tests="2" skipped="2"/>']) {
      assert.equal(readDocument(text).completeness, 'empty', text)
    }
    assert.equal(suite('<testcase name="a"><skipped/></testcase>').completeness, 'empty')
  })

  it('counts a test that crashed its runner', () => {
    assert.deepEqual(counts(read('junit/bazel-crash.xml')), [0, 0, 1, 0])
  })

  it('takes the word of status and result attributes, and fails those it does not know', () => {
    for (const [attributes, expected] of [
      ['status="passed"', [1, 0, 0, 0]],
      ['status="run" result="completed"', [1, 0, 0, 0]],
      ['status="FAILED"', [0, 1, 0, 0]],
      ['status="run" result="failure"', [0, 1, 0, 0]],
      ['status="timed out"', [0, 0, 1, 0]],
      ['status="undefined"', [0, 0, 1, 0]],
      ['status="constructor"', [0, 0, 1, 0]],
      ['status="sparkling"', [0, 0, 1, 0]],
      ['status="notrun"', [0, 0, 0, 1]],
      ['status="disabled"', [0, 0, 0, 1]],
      ['executed="false"', [0, 0, 0, 1]],
    ] as const) {
      assert.deepEqual(counts(suite(`<testcase name="a" ${attributes}/>`)), expected, attributes)
    }
    assert.match(testsOf(suite('<testcase name="a" status="sparkling"/>')).failing[0]?.message ?? '', /sparkling/)
  })

  it('fails a case that failed and was skipped, and one whose failure lies deeper', () => {
    assert.deepEqual(counts(suite(`<testcase name="a"><skipped/>${FAILED}</testcase>`)), [0, 1, 0, 0])
    assert.deepEqual(counts(suite(`<testcase name="a"><steps>${FAILED}</steps></testcase>`)), [0, 1, 0, 0])
    assert.deepEqual(counts(suite('<testcase name="a"><rerunFailure/></testcase>')), [0, 1, 0, 0])
  })

  it('never lets a pass hide the failure of another case of its name', () => {
    for (const cases of [
      [`<testcase name="a">${FAILED}</testcase>`, '<testcase name="a"/>'],
      ['<testcase name="a"/>', `<testcase name="a">${FAILED}</testcase>`],
      [`<testcase name="a">${FAILED}</testcase>`, '<testcase name="a" retries="2"/>'],
      [`<testcase name="a">${FAILED}</testcase>`, '<testcase name="a" attempt="1"/>'],
      ['<testcase name="a" retry="1"/>', `<testcase name="a">${FAILED}</testcase>`],
    ]) {
      const report = suite(...cases)
      assert.deepEqual(counts(report), [1, 1, 0, 0], cases.join(''))
      assert.deepEqual(testsOf(report).flaky, [])
      assert.deepEqual(testsOf(report).passedNames, [], 'a required name has to pass every time')
    }
    assert.deepEqual(
      counts(suite(`<testcase name="a">${FAILED}</testcase>`, '<testcase name="a" retry="1"><skipped/></testcase>')),
      [0, 1, 0, 1],
    )
    assert.deepEqual(
      counts(suite(`<testcase name="a" classname="x">${FAILED}</testcase>`, '<testcase name="a" classname="y" retry="1"/>')),
      [1, 1, 0, 0],
    )
  })

  it('lets a pass replace as many failed attempts as it says it repeats', () => {
    for (const mark of [
      '<testcase name="a" retry="1"/>',
      '<testcase name="a" rerun="true"/>',
      '<testcase name="a" attempt="2"/>',
      '<testcase name="a"><properties><property name="retry-count" value="1"/></properties></testcase>',
    ]) {
      const report = suite(`<testcase name="a">${FAILED}</testcase>`, mark)
      assert.deepEqual(counts(report), [1, 0, 0, 0], mark)
      assert.deepEqual(testsOf(report).flaky, [{ suite: 'gate', name: 'a', message: 'still open' }])
      assert.deepEqual(testsOf(report).passedNames, ['gate › a'])
    }
    const twice = [`<testcase name="a">${FAILED}</testcase>`, `<testcase name="a" retry="1">${FAILED}</testcase>`]
    assert.deepEqual(counts(suite(...twice)), [0, 1, 0, 0])
    assert.deepEqual(counts(suite(...twice, '<testcase name="a" retry="2"/>')), [1, 0, 0, 0])
    const other = `<testcase name="a"><failure message="another one"/></testcase>`
    const left = suite(other, ...twice, '<testcase name="a" retry="2"/>')
    assert.deepEqual(counts(left), [1, 1, 0, 0])
    assert.equal(testsOf(left).failing[0]?.message, 'another one')
  })

  it('names the suite by the class name, else by the nearest suite with a name', () => {
    const text =
      '<testsuites name="all"><testsuite name="outer"><testsuite><testcase name="a"/></testsuite><testcase name="b" classname="C"/></testsuite><testcase name="c"/></testsuites>'
    assert.deepEqual(testsOf(readDocument(text)).passedNames, ['outer › a', 'C › b', 'c'])
  })

  it('takes the time of the run, else that of its earliest suite', () => {
    const suites =
      '<testsuite timestamp="2026-01-01T11:00:00Z"/><testsuite timestamp="2026-01-01T11:30:00+01:00"/><testsuite timestamp="2026-01-01T01:00:00"/>'
    assert.equal(readDocument(`<testsuites>${suites}</testsuites>`).reportedAt, '2026-01-01T11:30:00+01:00')
    assert.equal(readDocument(`<testsuites timestamp="2026-01-01T12:00:00Z">${suites}</testsuites>`).reportedAt, '2026-01-01T12:00:00Z')
  })

  it('bounds names, messages and lists, and never cuts a character in half', () => {
    const long = '𝄞'.repeat(1500)
    const { failing } = testsOf(suite(`<testcase name="${long}"><failure>${long}</failure></testcase>`))
    assert.equal(failing[0]?.name.length, 1024)
    assert.equal(failing[0].message?.length, 2000)
    const odd = testsOf(suite(`<testcase name="x${long}"><failure message="x${long}"/></testcase>`)).failing[0]
    assert.equal(odd?.name.isWellFormed(), true)
    assert.equal(odd.message?.isWellFormed(), true)
    const many = Array.from({ length: 100_001 }, (_, at) => `<testcase name="${at}"/>`)
    const fails = Array.from({ length: 10_001 }, (_, at) => `<testcase name="f${at}">${FAILED}</testcase>`)
    const report = suite(...many, ...fails)
    assert.deepEqual(counts(report), [100_001, 10_001, 0, 0])
    assert.equal(testsOf(report).passedNames.length, 100_000)
    assert.equal(testsOf(report).failing.length, 10_000)
  })

  it('passes over totals that are no counts', () => {
    assert.deepEqual(
      counts(readDocument('<testsuites tests="unknown" failures="" errors="-1"><testcase name="a"/></testsuites>')),
      [1, 0, 0, 0],
    )
  })

  it('refuses other documents, cut-off ones and entities of their own', () => {
    assert.equal(refusal('<assemblies/>', 'junit'), 'report_wrong_format')
    assert.equal(refusal('<assembly/>'), 'report_format_unknown')
    assert.equal(refusal('{"tests":[]}', 'junit'), 'report_wrong_format')
    assert.equal(refusal(fixture('junit/entity-bomb.xml')), 'xml_doctype_refused')
    assert.equal(refusal('<!DOCTYPE testsuite SYSTEM "junit.dtd"><testsuite><testcase name="a"/></testsuite>'), 'read')
    const whole = Buffer.from(fixture('junit/surefire-reruns.xml')).toString('utf8').trimEnd()
    for (let length = 0; length < whole.length; length++)
      assert.notEqual(refusal(whole.slice(0, length), 'junit'), 'read', `cut to ${length}`)
  })

  it('counts every case in any order and nesting, and never passes one that failed', () => {
    const outcome = fc.constantFrom('passed', 'failed', 'errored', 'skipped')
    const inner = { passed: '', failed: '<failure/>', errored: '<error/>', skipped: '<skipped/>' }
    fc.assert(
      fc.property(fc.array(fc.tuple(outcome, fc.nat(3), fc.nat(2)), { minLength: 1 }), (cases) => {
        const text = cases.map(([what, name, depth]) => {
          const suites = '<testsuite name="s">'.repeat(depth)
          return `${suites}<testcase name="${name}">${inner[what]}</testcase>${'</testsuite>'.repeat(depth)}`
        })
        const expected = ['passed', 'failed', 'errored', 'skipped'].map((kind) => cases.filter(([what]) => what === kind).length)
        assert.deepEqual(counts(readDocument(`<testsuites>${text.join('')}</testsuites>`)), expected)
      }),
      { numRuns: 200 },
    )
  })
})
