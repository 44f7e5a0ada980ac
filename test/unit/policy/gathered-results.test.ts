import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readResults } from '../../../src/policy/read-results.ts'

function read(value: unknown, gathered = 'deny', effect = 'violation', more: object = {}) {
  const results = readResults([{ gathered, effect, value, ...more }])
  return typeof results === 'string' ? results : results.map((result) => [result.rule, result.effect, result.message])
}

describe("The values of conftest's rules", () => {
  it('are sentences: in a set, alone, or as the keys of an object, which deny[msg] makes', () => {
    assert.deepEqual(read(['b', 'a']), [
      ['deny', 'violation', 'a'],
      ['deny', 'violation', 'b'],
    ])
    assert.deepEqual(read('only one'), [['deny', 'violation', 'only one']])
    assert.deepEqual(read({ 'as a key': true, other: { code: 'X1' } }), [
      ['deny', 'violation', 'as a key'],
      ['x1', 'violation', 'other'],
    ])
  })

  it('are objects with msg, which may name the rule and say more about it, also under metadata', () => {
    assert.deepEqual(
      read(
        [
          { msg: 'a', code: 'KSV-1' },
          { msg: 'b', metadata: { rule: 'no_root' } },
        ],
        'warn_x',
        'warning',
      ),
      [
        ['ksv_1', 'warning', 'a'],
        ['no_root', 'warning', 'b'],
      ],
    )
    assert.deepEqual(read([{ message: 'c' }]), [['deny', 'violation', 'c']])
    const [result] = readResults([
      {
        gathered: 'deny',
        effect: 'violation',
        evidence: 2,
        value: { msg: 'a', metadata: { severity: 'high', fix: 'Do it.', controls: ['SOC2-CC8.1'] } },
      },
    ])
    assert.ok(typeof result === 'object')
    assert.deepEqual([result.severity, result.fix, result.controls, result.evidence], ['high', 'Do it.', ['SOC2-CC8.1'], [2]])
  })

  it('are true or false where a rule says no more', () => {
    assert.deepEqual(read(true), [['deny', 'violation', 'Rule deny is broken.']])
    assert.deepEqual(read(false), [])
    assert.deepEqual(read([]), [])
    assert.deepEqual(read({}), [])
  })

  it('keep the kind that the rule has by its name, whatever its objects claim', () => {
    assert.deepEqual(read([{ msg: 'a', effect: 'warning' }]), [['deny', 'violation', 'a']])
    assert.deepEqual(read([{ msg: 'a', effect: 'none' }]), [['deny', 'violation', 'a']])
  })

  it('are refused where they say nothing that anybody understands', () => {
    assert.match(String(read(7)), /rule deny is neither a list/)
    assert.match(String(read(null)), /rule deny is neither a list/)
    assert.match(String(read([7])), /neither a string nor an object/)
    assert.match(String(read([['a']])), /malformed|neither/)
    assert.match(String(read(Array.from({ length: 1001 }, (_, at) => `sentence ${at}`))), /more than 1000/)
  })
})
