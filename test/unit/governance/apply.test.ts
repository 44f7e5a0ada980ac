import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { applyModes, type BindingOutcome } from '../../../src/governance/apply.ts'

const NOW = 1_800_000_000_000
const HOUR = 3_600_000
const DAY = 24 * HOUR

function outcome(
  mode: 'enforce' | 'warn' | 'shadow',
  items: [effect: 'violation' | 'warning', violation: string][] = [],
  more = {},
): BindingOutcome<string> {
  return { mode, validForMs: 7 * DAY, endsAt: [], items: items.map(([effect, violation]) => ({ effect, violation })), ...more }
}

describe('applying the modes', () => {
  it('allows where nothing is against it', () => {
    const ruling = applyModes([outcome('enforce'), outcome('warn')], NOW)
    assert.equal(ruling.verdict, 'allow')
    assert.equal(ruling.enforced, true)
  })

  it('denies for one violation of an enforcing binding, whatever the others say', () => {
    const ruling = applyModes([outcome('enforce'), outcome('enforce', [['violation', 'v']]), outcome('warn')], NOW)
    assert.equal(ruling.verdict, 'deny')
    assert.deepEqual(ruling.violations, ['v'])
  })

  it('takes a warning of an enforcing binding for a warning', () => {
    const ruling = applyModes([outcome('enforce', [['warning', 'w']])], NOW)
    assert.equal(ruling.verdict, 'allow')
    assert.deepEqual(ruling.warnings, ['w'])
  })

  it('takes everything that a warning binding says for a warning', () => {
    const ruling = applyModes([outcome('warn', [['violation', 'a'], ['warning', 'b']])], NOW) // prettier-ignore
    assert.deepEqual([ruling.verdict, ruling.enforced, ruling.violations, ruling.warnings], ['allow', false, [], ['a', 'b']])
  })

  it('lists what a shadow says apart', () => {
    const ruling = applyModes([outcome('shadow', [['violation', 'a'], ['warning', 'b']])], NOW) // prettier-ignore
    assert.deepEqual(
      [ruling.verdict, ruling.enforced, ruling.violations, ruling.warnings, ruling.shadow],
      ['allow', false, [], [], ['a', 'b']],
    )
  })

  it('is not enforced where no binding enforces', () => {
    assert.equal(applyModes([outcome('warn'), outcome('shadow')], NOW).enforced, false)
    assert.equal(applyModes([], NOW).enforced, false)
  })
})

describe('the expiry of a verdict', () => {
  const expiry = (...outcomes: BindingOutcome<string>[]): number => applyModes(outcomes, NOW).expiresAt - NOW

  it('is the shortest validity of the enforcing bindings', () => {
    assert.equal(expiry(outcome('enforce', [], { validForMs: 2 * DAY }), outcome('enforce', [], { validForMs: DAY })), DAY)
  })

  it('comes no later than the close of a window or the next freeze', () => {
    assert.equal(expiry(outcome('enforce', [], { endsAt: [NOW + 5 * HOUR, NOW + 3 * HOUR] })), 3 * HOUR)
  })

  it('passes over ends that lie in the past', () => {
    assert.equal(expiry(outcome('enforce', [], { endsAt: [NOW - HOUR, NOW] })), 7 * DAY)
  })

  it('is not shortened by bindings that only warn or shadow', () => {
    assert.equal(
      expiry(
        outcome('enforce'),
        outcome('warn', [], { validForMs: HOUR, endsAt: [NOW + 1] }),
        outcome('shadow', [], { validForMs: 1, endsAt: [NOW + 1] }),
      ),
      7 * DAY,
    )
  })

  it('follows the bindings that warn where none enforces, but not their windows', () => {
    assert.equal(expiry(outcome('warn', [], { validForMs: DAY, endsAt: [NOW + 1] }), outcome('shadow', [], { validForMs: 1 })), DAY)
  })

  it('is seven days where only shadows or no bindings applied', () => {
    assert.equal(expiry(), 7 * DAY)
    assert.equal(expiry(outcome('shadow', [], { validForMs: 1 })), 7 * DAY)
  })
})
