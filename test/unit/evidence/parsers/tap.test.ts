import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { ParsedReport } from '../../../../src/evidence/model.ts'
import { fixture, read, readDocument, refusal } from '../reading.ts'
import { counts, testsOf } from './test-results.ts'

function tap(...lines: string[]): ParsedReport {
  return readDocument(`TAP version 14\n${lines.join('\n')}\n`)
}

describe('the TAP parser', () => {
  it('counts test points, of which neither SKIP nor TODO passes or fails', () => {
    const report = read('tap/version-13.tap')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counts(report), [2, 1, 0, 2])
    assert.deepEqual(testsOf(report).passedNames, ['opens', 'opens gate # 2'])
    assert.deepEqual(testsOf(report).failing, [{ suite: null, name: 'closes', message: null, outcome: 'failed' }])
  })

  it('counts what stands in a subtest in place of its test point', () => {
    const report = read('tap/node-nested.tap')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counts(report), [1, 1, 0, 2])
    assert.deepEqual(testsOf(report).passedNames, ['the gate › opens'])
    assert.deepEqual(testsOf(report).failing, [{ suite: 'the gate', name: 'closes', message: 'still open', outcome: 'failed' }])
  })

  it('reads subtests in braces, and counts one that failed with nothing in it that did', () => {
    const report = read('tap/braces.tap')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(testsOf(report).passedNames, ['test/gate.js › opens', 'test/gate.js › reads {', 'test/bell.js › rings'])
    assert.deepEqual(testsOf(report).failing, [{ suite: 'test/bell.js', name: 'the suite itself', message: null, outcome: 'failed' }])
  })

  it('reads version 12, which names no version', () => {
    assert.deepEqual(counts(read('tap/bats.tap')), [2, 0, 0, 0])
    assert.deepEqual(counts(readDocument('# made by hand\n\nok\nok\n1..2\n')), [2, 0, 0, 0])
  })

  it('is never complete without a plan that was met', () => {
    assert.equal(read('tap/cut-off.tap').completeness, 'partial')
    assert.equal(tap('ok 1', 'ok 2').completeness, 'partial')
    assert.equal(tap('1..1', 'ok 1', 'ok 2').completeness, 'partial')
    assert.equal(tap('1..2', 'ok 1', 'ok 1').completeness, 'partial')
    assert.equal(tap('1..2', 'ok 1', 'ok 3').completeness, 'partial')
    assert.equal(tap('1..2', 'ok 0', 'ok 1').completeness, 'partial')
    assert.equal(tap('1..1', 'ok 1', '1..1').completeness, 'partial')
    assert.equal(tap('1..0', 'ok 1').completeness, 'partial')
    assert.equal(tap('1..3').completeness, 'partial')
    assert.equal(tap('1..3', 'ok 2', 'ok 3', 'ok 1').completeness, 'complete')
  })

  it('is not complete if a subtest does not meet its own plan, or has no end', () => {
    assert.equal(tap('    ok 1 - inner', '    1..2', 'ok 1 - outer', '1..1').completeness, 'partial')
    assert.equal(tap('    ok 1 - inner', 'ok 1 - outer', '1..1').completeness, 'partial')
    assert.equal(tap('ok 1 - outer', '1..1', '    ok 1 - inner', '    1..1').completeness, 'partial')
    assert.equal(tap('        ok 1', '        1..1', 'ok 1 - outer', '1..1').completeness, 'partial')
    assert.equal(tap('ok 1 - outer {', '    ok 1 - inner', '    1..1', '1..1').completeness, 'partial')
    assert.equal(tap('not ok 1 - a', '  ---', '  message: no', '1..1').completeness, 'partial')
    assert.equal(tap('        ok 1', '        1..1', '    ok 1', '    1..1', 'ok 1', '1..1').completeness, 'complete')
  })

  it('counts failures of a subtest even if its test point says ok, unless that is to do', () => {
    assert.deepEqual(counts(tap('    not ok 1 - inner', '    1..1', 'ok 1 - outer', '1..1')), [0, 1, 0, 0])
    assert.deepEqual(counts(tap('    not ok 1', '    ok 2', '    1..2', 'not ok 1 - outer # TODO', 'ok 2', '1..2')), [1, 0, 0, 2])
  })

  it('knows a directive by the white space before it, in any case, and not one that is escaped', () => {
    assert.deepEqual(counts(tap('ok 1 - a # sKiP', 'ok 2 - b # Skipped: no bell', 'ok 3 - c #todo', 'ok 4', '1..4')), [1, 0, 0, 3])
    assert.deepEqual(counts(tap('not ok 1 - a \\# SKIP', 'not ok 2 - https://x/#skip', 'not ok 3 - b # slow', '1..3')), [0, 3, 0, 0])
    assert.deepEqual(counts(tap('not ok 1 - a # b # SKIP later', 'ok 2', '1..2')), [1, 0, 0, 1])
  })

  it('takes a run that bailed out for failed, wherever it says so', () => {
    const report = read('tap/bail-out.tap')
    assert.equal(report.completeness, 'failed')
    assert.equal(report.completenessReason, 'The run bailed out: The database is gone.')
    assert.equal(tap('ok 1', '1..1', '    bail OUT!').completeness, 'failed')
  })

  it('is empty if all was skipped', () => {
    assert.equal(read('tap/skip-all.tap').completeness, 'empty')
    assert.equal(tap('1..1', 'ok 1 # SKIP').completeness, 'empty')
    assert.equal(tap('    1..0', 'ok 1 - nothing inside', '1..1').completeness, 'empty')
  })

  it('is never complete if it was cut off, at any byte', () => {
    for (const path of ['version-13', 'node-nested', 'braces', 'bats']) {
      const whole = fixture(`tap/${path}.tap`)
      const planned = Buffer.from(whole).lastIndexOf('\n1..')
      const end = planned === -1 ? whole.length : Buffer.from(whole).indexOf('\n', planned + 1) + 1
      for (let length = 0; length < end; length++) {
        const cut = Buffer.from(whole.subarray(0, length))
        const complete = refusal(cut, 'tap') === 'read' && readDocument(cut.toString('utf8'), 'tap').completeness === 'complete'
        assert.equal(complete, false, `${path} cut to ${length} bytes`)
      }
    }
  })

  it('does not claim text of other kinds, and refuses it', () => {
    for (const text of ['okay then\n', 'SF of all\n', 'mode of set\n', 'not okay\n', '1...2\n', '1..2.3\n']) {
      assert.equal(refusal(text), 'report_format_unknown', text)
      assert.equal(refusal(text, 'tap'), 'report_wrong_format', text)
    }
    assert.equal(refusal(`${' '.repeat(400)}ok 1\n`, 'tap'), 'report_too_complex')
  })
})
