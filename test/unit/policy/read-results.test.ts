import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readResults } from '../../../src/policy/read-results.ts'
import { ruleNameOf } from '../../../src/policy/rule-name.ts'

function read(value: unknown) {
  const results = readResults([value])
  return typeof results === 'string' ? results : results[0]
}

describe('Reading what a pack returned', () => {
  it('takes a sentence for a violation', () => {
    assert.deepEqual(read('no replicas'), { rule: 'violation', message: 'no replicas' })
  })

  it('takes the objects of conftest: msg and code', () => {
    const result = read({ msg: 'runs as root', code: 'KSV-012', details: { severity: 'high' } })
    assert.ok(typeof result === 'object')
    assert.deepEqual([result.rule, result.effect, result.message], ['ksv_012', 'violation', 'runs as root'])
  })

  it('keeps at most 20 ids of controls, and nothing else in their place', () => {
    const result = read({ rule: 'a', controls: ['SOC2-CC8.1', 7, 'a b', '<x>', ...Array.from({ length: 30 }, (_, at) => `C-${at}`)] })
    assert.ok(typeof result === 'object')
    assert.equal(result.controls?.length, 20)
    assert.deepEqual(result.controls.slice(0, 2), ['SOC2-CC8.1', 'C-0'])
  })

  it('says what is wrong with the first that is none', () => {
    const fault = (...values: unknown[]): string => JSON.stringify(readResults(values))
    assert.match(fault('fine', 7), /neither a string nor an object/)
    assert.match(fault({ rule: '!' }), /malformed rule name/)
    assert.match(fault({ rule: ['a'] }), /malformed rule name/)
    assert.match(fault({ effect: 'allow' }), /neither violation nor warning/)
    assert.match(fault(...Array.from({ length: 1001 }, () => 'x')), /more than 1000/)
  })
})

describe('The name of a rule', () => {
  it('is snake case, whatever a pack calls it', () => {
    const names = ['max_severity', 'KSV001', 'no-root', '001', 'Läuft als root', 'x'.repeat(80), '_a_', '___', '']
    assert.deepEqual(names.map(ruleNameOf), [
      ...['max_severity', 'ksv001', 'no_root', 'rule_001', 'l_uft_als_root', 'x'.repeat(64), 'a', undefined, undefined],
    ])
  })
})
