import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import * as governed from '../../../../src/governance/calendar/calendar.ts'
import { NOTHING_PROVEN } from '../../../../src/governance/calendar/exceptions.ts'
import { rulesOfParameters } from '../../../../src/governance/calendar/rules.ts'

function calendarAt(now: number, parameters: Record<string, unknown>, environment: string): governed.Calendar {
  return governed.calendarAt(now, environment, rulesOfParameters(parameters), NOTHING_PROVEN)
}

const OFFICE = { name: 'office hours', zone: 'Europe/Berlin', weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:00' }
const MONDAY_10 = Date.parse('2027-01-04T09:00:00Z')
const SATURDAY = Date.parse('2027-01-09T12:00:00Z')

function freeze(from: string, until: string, more: object = {}): object {
  return { name: 'freeze', from, until, ...more }
}

describe('the calendar', () => {
  it('is open without end where nothing is defined', () => {
    assert.deepEqual(calendarAt(MONDAY_10, { windows: [], freezes: [] }, 'production'), {
      restricted: false,
      open: true,
      windows: [],
      closes_at: null,
      next_open: null,
      freezes: [],
      excepted: [],
      next_freeze_at: null,
    })
  })

  it('names the windows that are open and says when they close', () => {
    const calendar = calendarAt(MONDAY_10, { windows: [OFFICE], freezes: [] }, 'production')
    assert.equal(calendar.open, true)
    assert.deepEqual(calendar.windows, ['office hours'])
    assert.equal(calendar.closes_at, '2027-01-04T16:00:00.000Z')
    assert.equal(calendar.next_open, null)
  })

  it('says when it opens next while it is closed', () => {
    const calendar = calendarAt(SATURDAY, { windows: [OFFICE], freezes: [] }, 'production')
    assert.equal(calendar.open, false)
    assert.equal(calendar.restricted, true)
    assert.equal(calendar.closes_at, null)
    assert.equal(calendar.next_open, '2027-01-11T08:00:00.000Z')
  })

  it('leaves out windows and freezes of other environments', () => {
    const parameters = {
      windows: [{ ...OFFICE, environments: ['eu'] }],
      freezes: [freeze('2027-01-01T00:00:00Z', '2027-02-01T00:00:00Z', { environments: ['eu'] })],
    }
    assert.equal(calendarAt(SATURDAY, parameters, 'eu').open, false)
    assert.deepEqual(calendarAt(SATURDAY, parameters, 'us').restricted, false)
    assert.deepEqual(calendarAt(SATURDAY, parameters, 'us').open, true)
    assert.deepEqual(calendarAt(SATURDAY, parameters, 'us').freezes, [])
  })

  it('closes at the next freeze if that starts before the windows close', () => {
    const calendar = calendarAt(
      MONDAY_10,
      { windows: [OFFICE], freezes: [freeze('2027-01-04T12:00:00+01:00', '2027-01-05T00:00:00Z')] },
      'x',
    )
    assert.equal(calendar.closes_at, '2027-01-04T11:00:00.000Z')
    assert.equal(calendar.next_freeze_at, '2027-01-04T11:00:00.000Z')
  })

  it('closes at the next freeze where there are no windows', () => {
    const calendar = calendarAt(MONDAY_10, { windows: [], freezes: [freeze('2027-03-01T00:00:00Z', '2027-03-02T00:00:00Z')] }, 'x')
    assert.equal(calendar.open, true)
    assert.equal(calendar.closes_at, '2027-03-01T00:00:00.000Z')
  })

  it('is closed in a freeze, windows or not, and tells its reason', () => {
    const freezes = [freeze('2027-01-04T00:00:00Z', '2027-01-06T00:00:00Z', { reason: 'year end' })]
    for (const windows of [[], [OFFICE]]) {
      const calendar = calendarAt(MONDAY_10, { windows, freezes }, 'x')
      assert.equal(calendar.open, false)
      assert.equal(calendar.closes_at, null)
      assert.deepEqual(calendar.freezes, [{ name: 'freeze', reason: 'year end', until: '2027-01-06T00:00:00.000Z' }])
    }
  })

  it('holds a freeze from its first instant to just before its last', () => {
    const freezes = [freeze('2027-01-04T09:00:00Z', '2027-01-04T10:00:00Z')]
    assert.equal(calendarAt(MONDAY_10 - 1, { freezes }, 'x').open, true)
    assert.equal(calendarAt(MONDAY_10, { freezes }, 'x').open, false)
    assert.equal(calendarAt(MONDAY_10 + 3_600_000 - 1, { freezes }, 'x').open, false)
    assert.equal(calendarAt(MONDAY_10 + 3_600_000, { freezes }, 'x').open, true)
  })

  it('does not call a freeze that starts now the next one', () => {
    const freezes = [freeze('2027-01-04T09:00:00Z', '2027-01-04T10:00:00Z')]
    assert.equal(calendarAt(MONDAY_10, { freezes }, 'x').next_freeze_at, null)
  })

  it('does not open with a window that opens as a freeze starts', () => {
    const freezes = [freeze('2027-01-11T08:00:00Z', '2027-01-11T10:00:00Z')]
    assert.equal(calendarAt(SATURDAY, { windows: [OFFICE], freezes }, 'x').next_open, '2027-01-11T10:00:00.000Z')
  })

  it('skips freezes, also those that overlap each other, when it looks for the next opening', () => {
    const freezes = [
      freeze('2027-01-08T00:00:00Z', '2027-01-11T12:00:00Z'),
      freeze('2027-01-11T10:00:00Z', '2027-01-13T20:00:00Z'),
      freeze('2027-01-14T00:00:00Z', '2027-01-14T09:30:00Z'),
    ]
    assert.equal(calendarAt(SATURDAY, { windows: [OFFICE], freezes }, 'x').next_open, '2027-01-14T09:30:00.000Z')
  })

  it('opens at the end of the freeze where there are no windows', () => {
    assert.equal(
      calendarAt(MONDAY_10, { freezes: [freeze('2027-01-01T00:00:00Z', '2027-01-20T00:00:00Z')] }, 'x').next_open,
      '2027-01-20T00:00:00.000Z',
    )
  })

  it('does not look further than a year ahead', () => {
    const freezes = [freeze('2027-01-01T00:00:00Z', '2028-06-01T00:00:00Z')]
    assert.equal(calendarAt(MONDAY_10, { windows: [OFFICE], freezes }, 'x').next_open, null)
    assert.equal(calendarAt(MONDAY_10, { freezes }, 'x').next_open, null)
  })

  it('stays closed if a freeze cannot be read', () => {
    assert.equal(calendarAt(MONDAY_10, { freezes: [freeze('soon', 'later')] }, 'x').open, false)
  })

  it('holds for an environment in any letter case', () => {
    const always = freeze('2027-01-01T00:00:00Z', '2028-01-01T00:00:00Z', { environments: ['production'] })
    const parameters = { windows: [{ ...OFFICE, environments: ['production'] }], freezes: [always] }
    for (const environment of ['production', 'Production', 'PRODUCTION']) {
      const calendar = calendarAt(SATURDAY, parameters, environment)
      assert.equal(calendar.restricted, true, environment)
      assert.equal(calendar.freezes.length, 1, environment)
    }
    assert.equal(calendarAt(SATURDAY, parameters, 'test').open, true)
  })
})
