import { deepEqual, equal, notEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { breakGlass, breakGlassId, type RuledOutcome } from '../../../src/decisions/break-glass/break-glass.ts'
import type { Question } from '../../../src/decisions/question.ts'
import { applyModes } from '../../../src/governance/apply.ts'
import type { Binding } from '../../../src/policy/model.ts'
import { violation } from '../../storage/samples.ts'

const AT = Date.parse('2026-11-21T10:00:00Z')
const HOUR = 3_600_000
const ASKED = { reason: 'down', incident: 'INC-1', by: 'ann' }

function outcome(name: string, over: Partial<RuledOutcome> = {}, maxDuration?: string): RuledOutcome {
  const binding = { name, ...(maxDuration !== undefined && { breakGlass: { maxDuration } }) } as Binding
  return { binding, mode: 'enforce', validForMs: 24 * HOUR, endsAt: [], items: [], ...over }
}

const denial = (rule: string, effect: 'violation' | 'warning' = 'violation') =>
  ({ effect, violation: violation(rule), counts: [] }) satisfies RuledOutcome['items'][number]

const after = (outcomes: readonly RuledOutcome[]) => {
  const { outcomes: adjusted, mark } = breakGlass(ASKED, outcomes, AT)
  const { verdict, violations, warnings, expiresAt, enforced } = applyModes(adjusted, AT)
  const rules = (items: readonly { rule: string }[]): string[] => items.map(({ rule }) => rule)
  return { mark, verdict, denies: rules(violations), warns: rules(warnings), hours: (expiresAt - AT) / HOUR, enforced }
}

describe('Breaking the glass', () => {
  it('turns the violations of bindings that permit it into warnings, for the shortest time that one of them permits', () => {
    const { mark, ...rest } = after([
      outcome('b', { items: [denial('p.two'), denial('p.warned', 'warning')] }, 'PT4H'),
      outcome('a', { items: [denial('p.one')] }, 'PT2H'),
      outcome('c', { mode: 'warn', items: [denial('p.other')] }),
      outcome('d'),
    ])
    deepEqual(rest, { verdict: 'allow', denies: [], warns: ['p.two', 'p.warned', 'p.one', 'p.other'], hours: 2, enforced: true })
    deepEqual(mark, { ...ASKED, until: '2026-11-21T12:00:00.000Z', bindings: ['a', 'b'], rules: ['p.one', 'p.two'] })
  })

  it('changes nothing where one that denies permits it not, or for no time that can be read', () => {
    for (const other of [outcome('b', { items: [denial('p.two')] }), outcome('b', { items: [denial('p.two')] }, 'soon')]) {
      const { mark, verdict, denies } = after([outcome('a', { items: [denial('p.one')] }, 'PT2H'), other])
      deepEqual([mark, verdict, denies], [null, 'deny', ['p.one', 'p.two', 'gate.break_glass_refused']])
    }
  })

  it('is no way past the absence of any binding', () => {
    const { mark, denies } = after([{ ...outcome('x', { items: [denial('gate.no_binding')] }), binding: null }])
    deepEqual([mark, denies], [null, ['gate.no_binding', 'gate.break_glass_refused']])
  })

  it('passes one that could not be carried out, and the windows of what is passed, but outlasts nothing that holds', () => {
    const broken = outcome('a', { validForMs: 0, items: [denial('gate.policy_error')] }, 'PT4H')
    const shut = outcome('b', { endsAt: [AT + HOUR], items: [denial('change-window.frozen')] }, 'PT5H')
    equal(after([broken, shut]).hours, 4)
    equal(after([broken, shut, outcome('c', { endsAt: [AT + 2 * HOUR] })]).hours, 2)
    equal(after([broken, shut, outcome('c', { validForMs: HOUR })]).hours, 1)
    equal(after([outcome('a', { validForMs: HOUR, items: [denial('p.one')] }, 'PT4H')]).hours, 1)
  })

  it('is named by what was asked, and the same again in a replay', () => {
    const question = {
      subject: { id: 's' },
      stage: 'production',
      environment: 'eu',
      repository: null,
      at: AT,
      breakGlass: ASKED,
    } as Question
    equal(breakGlassId(question), breakGlassId({ ...question, breakGlass: { by: 'ann', incident: 'INC-1', reason: 'down' } }))
    notEqual(breakGlassId(question), breakGlassId({ ...question, at: AT + 1 }))
    notEqual(breakGlassId(question), breakGlassId({ ...question, breakGlass: { ...ASKED, by: 'ben' } }))
  })
})
