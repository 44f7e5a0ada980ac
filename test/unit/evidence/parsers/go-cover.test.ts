import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { fixture, read, readDocument, refusal } from '../reading.ts'

describe('the Go cover profile parser', () => {
  it('counts statements, each block once however often it repeats', () => {
    const report = read('go-cover/packages.out')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['coverage'])
    assert.deepEqual(report.coverage, { lines: { covered: 5, total: 10 }, branches: null, functions: null })
  })

  it('reads profiles one behind another, and line breaks of Windows', () => {
    const text = 'mode: set\r\na.go:1.1,2.2 1 0\r\nmode: set\r\na.go:1.1,2.2 1 1\r\n'
    assert.deepEqual(readDocument(text).coverage?.lines, { covered: 1, total: 1 })
  })

  it('is empty without statements', () => {
    assert.equal(read('go-cover/empty.out').completeness, 'empty')
    assert.equal(readDocument('mode: set\na.go:1.1,2.2 0 1\n').completeness, 'empty')
  })

  it('refuses lines that are no blocks, and blocks that contradict each other', () => {
    for (const line of [
      'ok  \texample.org/gate\t0.1s',
      'a.go:1.1,2.2 1',
      'a.go:1.1,2.2 1 -1',
      'a.go:1.1,2.2 -1 1',
      'a.go:1.1 1 1',
      ':1.1,2.2 1 1',
      'a.go:1.1,2.2 1 1 1',
    ]) {
      assert.equal(refusal(`mode: set\na.go:3.1,4.2 1 1\n${line}\n`), 'report_malformed', line)
    }
    assert.equal(refusal('mode: set\na.go:1.1,2.2 1 1\na.go:1.1,2.2 2 1\n'), 'report_malformed')
  })

  it('refuses other texts, and a profile that ends within a line', () => {
    assert.equal(refusal('mode: read\na.go:1.1,2.2 1 1\n', 'go-cover'), 'report_wrong_format')
    assert.equal(refusal('a.go:1.1,2.2 1 1\n', 'go-cover'), 'report_wrong_format')
    const whole = Buffer.from(fixture('go-cover/packages.out')).toString('utf8')
    for (let length = 0; length < whole.length; length++) {
      if (!whole.slice(0, length).endsWith('\n')) assert.notEqual(refusal(whole.slice(0, length), 'go-cover'), 'read', `${length}`)
    }
  })
})
