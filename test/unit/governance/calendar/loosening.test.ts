import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { isLoosened } from '../../../../src/governance/calendar/loosening.ts'
import type { StoredFreeze, StoredWindow } from '../../../../src/governance/calendar/model.ts'
import { freezeRule, rulesOfParameters, windowRule, type CalendarRules } from '../../../../src/governance/calendar/rules.ts'

const NOW = Date.parse('2026-11-21T00:00:00Z')
const KEPT = { reason: null, environments: null, revision: 1, updatedAt: '', updatedBy: '' }
const NONE: CalendarRules = { windows: [], freezes: [] }

function window(name: string, from: string, to: string, more: Partial<StoredWindow> = {}): StoredWindow {
  return { ...KEPT, name, zone: 'Europe/Berlin', weekdays: ['mon', 'tue'], from, to, ...more }
}

function freeze(name: string, from: string, until: string, more: Partial<StoredFreeze> = {}): StoredFreeze {
  return { ...KEPT, name, from, until, except: [], ...more }
}

function rules(...items: (StoredWindow | StoredFreeze)[]): CalendarRules {
  return {
    windows: items.flatMap((item) => ('except' in item ? [] : [windowRule(item)])),
    freezes: items.flatMap((item) => ('except' in item ? [freezeRule(item)] : [])),
  }
}

const OFFICE = window('office', '09:00', '17:00')
const XMAS = freeze('xmas', '2026-12-21T00:00:00Z', '2027-01-04T00:00:00Z')
const FUTURE = freeze('later', '2029-12-21T00:00:00Z', '2030-01-04T00:00:00Z')

const CASES: readonly [what: string, before: CalendarRules, after: CalendarRules, loosened: boolean][] = [
  ['a first window restricts', NONE, rules(OFFICE), false],
  ['a further window opens more', rules(OFFICE), rules(OFFICE, window('night', '22:00', '02:00')), true],
  ['a further window within another opens nothing', rules(OFFICE), rules(OFFICE, window('morning', '09:00', '12:00')), false],
  [
    'a first window of another environment restricts that',
    rules(window('a', '09:00', '17:00', { environments: ['a'] })),
    rules(window('a', '09:00', '17:00', { environments: ['a'] }), window('b', '09:00', '17:00', { environments: ['b'] })),
    false,
  ],
  ['a longer window opens more', rules(OFFICE), rules(window('office', '09:00', '18:00')), true],
  ['a shorter window opens less', rules(OFFICE), rules(window('office', '10:00', '17:00')), false],
  ['the last window that goes leaves it open', rules(OFFICE), NONE, true],
  ['one of two windows that goes opens nothing', rules(OFFICE, window('night', '22:00', '02:00')), rules(OFFICE), false],
  [
    'a window that no longer concerns an environment leaves that open',
    rules(OFFICE),
    rules(window('office', '09:00', '17:00', { environments: ['a'] })),
    true,
  ],
  ['another reason changes nothing', rules(OFFICE), rules(window('office', '09:00', '17:00', { reason: 'why' })), false],
  ['a freeze restricts', NONE, rules(XMAS), false],
  ['a freeze that goes opens', rules(XMAS), NONE, true],
  ['a freeze in three years that goes opens', rules(FUTURE), NONE, true],
  ['a freeze that is over opens nothing as it goes', rules(freeze('old', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')), NONE, false],
  ['a shorter freeze stops less', rules(XMAS), rules(freeze('xmas', '2026-12-21T00:00:00Z', '2027-01-03T23:59:59Z')), true],
  ['a longer freeze stops more', rules(XMAS), rules(freeze('xmas', '2026-12-20T00:00:00Z', '2027-01-04T00:00:00Z')), false],
  ['a new exception stops less', rules(XMAS), rules({ ...XMAS, except: [{ groups: ['severity-1'] }] }), true],
  ['an exception that goes stops more', rules({ ...XMAS, except: [{ groups: ['severity-1'] }] }), rules(XMAS), false],
  ['a freeze of fewer environments stops less', rules(XMAS), rules({ ...XMAS, environments: ['production'] }), true],
  [
    'a freeze whose name differs in letter case of environments stops the same',
    rules({ ...XMAS, environments: ['production'] }),
    rules({ ...XMAS, environments: ['Production'] }),
    false,
  ],
]

describe('A change of the calendar', () => {
  for (const [what, before, after, loosened] of CASES) {
    it(what, () => assert.equal(isLoosened(before, after, [], NOW), loosened))
  }

  it('is held against the windows that parameters of bindings define', () => {
    const parameters = rulesOfParameters({
      windows: [{ name: 'p', zone: 'Europe/Berlin', weekdays: ['mon'], from: '10:00', to: '11:00' }],
      freezes: [],
    })
    assert.equal(isLoosened(NONE, rules(OFFICE), [parameters], NOW), true)
  })

  it('is worked out a year at once, and not anew for what stays', () => {
    let years = 0
    const known = freezeRule(freeze('known', '2026-12-21T00:00:00Z', '2027-01-04T00:00:00Z'))
    const counted = {
      ...known,
      schedule: {
        from: (at: number) => {
          years += 1
          return known.schedule.from(at)
        },
      },
    }
    const before = { windows: [], freezes: [counted] }
    assert.equal(isLoosened(before, { ...before, freezes: [counted, freezeRule(XMAS)] }, [], NOW), false)
    assert.ok(years <= 2, `${years} times for the openings of the year that follows`)
    years = 0
    assert.equal(isLoosened(before, NONE, [], NOW), true)
    assert.ok(years <= 6, `${years} times for five years`)
  })
})
