import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { calendarAt } from '../../../../src/governance/calendar/calendar.ts'
import { NOTHING_PROVEN } from '../../../../src/governance/calendar/exceptions.ts'
import type { StoredWindow, WindowTimes } from '../../../../src/governance/calendar/model.ts'
import { windowRule } from '../../../../src/governance/calendar/rules.ts'

const MINUTE = 60_000
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

function stored(times: WindowTimes): StoredWindow {
  return { ...{ name: 'w', reason: null, environments: null, revision: 1, updatedAt: '', updatedBy: '' }, ...times }
}

function isOpen(times: WindowTimes): (at: number) => boolean {
  const rules = { windows: [windowRule(stored(times))], freezes: [] }
  return (at) => calendarAt(at, 'production', rules, NOTHING_PROVEN).open
}

/** What a clock on the wall shows, as `Intl` has it: nothing of Temporal, nor of the code under test. */
function clockIn(zone: string): (at: number) => { day: string; minute: number; date: string } {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, hourCycle: 'h23', weekday: 'short', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit' },
  })
  return (at) => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
    return {
      day: String(part['weekday']).toLowerCase(),
      minute: Number(part['hour']) * 60 + Number(part['minute']),
      date: `${part['year']}-${part['month']}-${part['day']}`,
    }
  }
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}

/** Whether the wall clock is within the hours of one of the days; what crosses midnight belongs to the day on which it begins. */
function expected(zone: string, days: readonly string[], from: string, to: string): (at: number) => boolean {
  const clock = clockIn(zone)
  const [start, end] = [minuteOf(from), minuteOf(to)]
  const before = (day: string): string => WEEKDAYS[(WEEKDAYS.findIndex((each) => each === day) + 6) % 7] ?? ''
  return (at) => {
    const { day, minute } = clock(at)
    if (start < end) return days.includes(day) && minute >= start && minute < end
    return (days.includes(day) && minute >= start) || (days.includes(before(day)) && minute < end)
  }
}

/** Where the clocks change in 2027, each with a day before and after; Asia/Kolkata never changes. */
const CHANGES = [
  ['Europe/Berlin', '2027-03-27T00:00:00Z'],
  ['Europe/Berlin', '2027-10-30T00:00:00Z'],
  ['America/New_York', '2027-03-13T00:00:00Z'],
  ['America/New_York', '2027-11-06T00:00:00Z'],
  ['Asia/Kolkata', '2027-03-27T00:00:00Z'],
  ['Australia/Lord_Howe', '2027-04-02T12:00:00Z'],
  ['Australia/Lord_Howe', '2027-10-01T12:00:00Z'],
] as const

/** Outside of the repeated hour an end on the wall is one instant; within it, see the table below. */
const HOURS = [
  ['09:00', '17:00'],
  ['22:00', '05:00'],
  ['00:00', '24:00'],
  ['02:15', '06:30'],
  ['00:30', '03:45'],
] as const

/** A start in the hour that comes twice means the first, and what began then goes on: the wall alone can't tell. */
function beginsTwice(zone: string, from: string, opens: string): boolean {
  return zone === 'Europe/Berlin' && from.startsWith('2027-10') && opens === '02:15'
}

const DAYS = ['mon', 'fri', 'sat', 'sun'] as const
const BYDAY = 'BYDAY=MO,FR,SA,SU'

describe('every minute of three days around a change of the clocks', () => {
  for (const [zone, from] of CHANGES) {
    for (const [opens, closes] of HOURS.filter((hours) => !beginsTwice(zone, from, hours[0]))) {
      it(`agrees with the clock on the wall in ${zone} from ${from.slice(0, 10)}, ${opens} to ${closes}`, () => {
        const weekly = isOpen({ zone, weekdays: DAYS, from: opens, to: closes })
        const recurring = isOpen({ zone, dtstart: `2026-01-02T${opens}`, to: closes, rrule: `FREQ=WEEKLY;${BYDAY}` })
        const byWall = expected(zone, DAYS, opens, closes)
        const start = Date.parse(from)
        for (let at = start; at < start + 3 * 24 * 60 * MINUTE; at += MINUTE) {
          const open = byWall(at)
          assert.equal(weekly(at), open, `${new Date(at).toISOString()}, by the week`)
          assert.equal(recurring(at), open, `${new Date(at).toISOString()}, by the rule`)
        }
      })
    }
  }
})

describe('a table of instants', () => {
  const nightly = (zone: string, at: string, until: string): WindowTimes => ({
    zone,
    dtstart: `2027-01-01T${at}`,
    to: until,
    rrule: 'FREQ=DAILY',
  })
  const lasting = (zone: string, at: string, duration: string): WindowTimes => ({
    ...{ zone, dtstart: `2027-01-01T${at}`, duration, rrule: 'FREQ=DAILY' },
  })
  const table: readonly [what: string, times: WindowTimes, instants: readonly [at: string, open: boolean][]][] = [
    [
      'a start that the clocks skip is the moment of the jump',
      nightly('Europe/Berlin', '02:30', '04:00'),
      [
        ['2027-03-28T00:59:59.999Z', false],
        ['2027-03-28T01:00:00.000Z', true],
        ['2027-03-28T01:59:59.999Z', true],
        ['2027-03-28T02:00:00.000Z', false],
        ['2027-03-29T00:29:59.999Z', false],
        ['2027-03-29T00:30:00.000Z', true],
      ],
    ],
    [
      'hours that the clocks skip altogether do not open',
      nightly('America/New_York', '02:10', '02:50'),
      [
        ['2027-03-13T07:10:00.000Z', true],
        ['2027-03-14T06:59:59.999Z', false],
        ['2027-03-14T07:00:00.000Z', false],
        ['2027-03-15T06:10:00.000Z', true],
      ],
    ],
    [
      'in a repeated hour the start is the first and the end the second',
      nightly('Europe/Berlin', '02:15', '02:45'),
      [
        ['2027-10-31T00:14:59.999Z', false],
        ['2027-10-31T00:15:00.000Z', true],
        ['2027-10-31T00:50:00.000Z', true],
        ['2027-10-31T01:44:59.999Z', true],
        ['2027-10-31T01:45:00.000Z', false],
      ],
    ],
    [
      'a duration in hours runs on a stopwatch',
      lasting('America/New_York', '01:00', 'PT2H'),
      [
        ['2027-11-07T04:59:59.999Z', false],
        ['2027-11-07T05:00:00.000Z', true],
        ['2027-11-07T06:59:59.999Z', true],
        ['2027-11-07T07:00:00.000Z', false],
        ['2027-03-14T06:00:00.000Z', true],
        ['2027-03-14T07:59:59.999Z', true],
        ['2027-03-14T08:00:00.000Z', false],
      ],
    ],
    [
      'a duration in days runs on the calendar',
      { zone: 'Europe/Berlin', dtstart: '2027-03-27T12:00', duration: 'P1D', rrule: 'FREQ=YEARLY' },
      [
        ['2027-03-27T10:59:59.999Z', false],
        ['2027-03-27T11:00:00.000Z', true],
        ['2027-03-28T09:59:59.999Z', true],
        ['2027-03-28T10:00:00.000Z', false],
      ],
    ],
    [
      'half an hour is repeated on Lord Howe',
      nightly('Australia/Lord_Howe', '01:30', '01:45'),
      [
        ['2027-04-03T14:29:59.999Z', false],
        ['2027-04-03T14:30:00.000Z', true],
        ['2027-04-03T15:14:59.999Z', true],
        ['2027-04-03T15:15:00.000Z', false],
      ],
    ],
    [
      'a quarter past six in the evening UTC is a quarter to midnight in Kolkata',
      nightly('Asia/Kolkata', '23:45', '00:15'),
      [
        ['2027-06-01T18:14:59.999Z', false],
        ['2027-06-01T18:15:00.000Z', true],
        ['2027-06-01T18:44:59.999Z', true],
        ['2027-06-01T18:45:00.000Z', false],
      ],
    ],
    [
      'the 29th of February comes in leap years',
      { zone: 'UTC', dtstart: '2024-02-29T00:00', duration: 'P1D', rrule: 'FREQ=YEARLY' },
      [
        ['2027-02-28T12:00:00.000Z', false],
        ['2027-03-01T12:00:00.000Z', false],
        ['2028-02-28T23:59:59.999Z', false],
        ['2028-02-29T00:00:00.000Z', true],
        ['2028-02-29T23:59:59.999Z', true],
        ['2028-03-01T00:00:00.000Z', false],
      ],
    ],
    [
      'the 29th of every month leaves February out',
      { zone: 'UTC', dtstart: '2026-01-29T00:00', duration: 'P1D', rrule: 'FREQ=YEARLY;BYMONTHDAY=29' },
      [
        ['2027-01-29T12:00:00.000Z', true],
        ['2027-02-28T12:00:00.000Z', false],
        ['2027-03-01T12:00:00.000Z', false],
        ['2027-03-29T12:00:00.000Z', true],
        ['2028-02-29T12:00:00.000Z', true],
      ],
    ],
    [
      'COUNT counts from the start, also what is excluded',
      { zone: 'UTC', dtstart: '2027-01-01T09:00', duration: 'PT1H', rrule: 'FREQ=DAILY;COUNT=3', exdate: ['2027-01-02'] },
      [
        ['2027-01-01T09:30:00.000Z', true],
        ['2027-01-02T09:30:00.000Z', false],
        ['2027-01-03T09:30:00.000Z', true],
        ['2027-01-04T09:30:00.000Z', false],
      ],
    ],
    [
      'UNTIL in UTC includes a start at that very instant',
      { zone: 'Europe/Berlin', dtstart: '2027-03-26T09:00', duration: 'PT1H', rrule: 'FREQ=DAILY;UNTIL=20270328T070000Z' },
      [
        ['2027-03-27T08:30:00.000Z', true],
        ['2027-03-28T07:30:00.000Z', true],
        ['2027-03-29T07:30:00.000Z', false],
      ],
    ],
    [
      'UNTIL as a day includes all of it',
      { zone: 'Asia/Kolkata', dtstart: '2027-01-01T23:00', duration: 'PT30M', rrule: 'FREQ=DAILY;UNTIL=20270102' },
      [
        ['2027-01-02T17:40:00.000Z', true],
        ['2027-01-03T17:40:00.000Z', false],
      ],
    ],
    [
      'the last working day of a month, with a further day and without another',
      {
        ...{ zone: 'Europe/Berlin', dtstart: '2027-01-29T18:00', to: '22:00', rdate: ['2027-02-10T06:00'], exdate: ['2027-03-31T18:00'] },
        rrule: 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
      },
      [
        ['2027-01-29T17:00:00.000Z', true],
        ['2027-02-10T05:00:00.000Z', true],
        ['2027-02-10T04:59:59.999Z', false],
        ['2027-02-26T17:00:00.000Z', true],
        ['2027-03-31T16:30:00.000Z', false],
        ['2027-04-30T16:30:00.000Z', true],
      ],
    ],
    [
      'without a rule it is open once, and on each further day',
      { zone: 'UTC', dtstart: '2027-05-01T09:00', duration: 'PT1H', rdate: ['2027-05-03T09:00'] },
      [
        ['2027-05-01T09:59:59.999Z', true],
        ['2027-05-02T09:30:00.000Z', false],
        ['2027-05-03T09:30:00.000Z', true],
        ['2027-05-04T09:30:00.000Z', false],
      ],
    ],
  ]
  for (const [what, times, instants] of table) {
    it(what, () => {
      const open = isOpen(times)
      for (const [at, wanted] of instants) assert.equal(open(Date.parse(at)), wanted, at)
    })
  }
})

describe('rules of RFC 5545', () => {
  const zone = 'America/New_York'
  const clock = clockIn(zone)
  /** Each by what holds for its days, worked out from their dates alone. */
  const rules: readonly [rule: string, holds: (date: Date) => boolean][] = [
    ['FREQ=DAILY;INTERVAL=3', (date) => Math.round((date.getTime() - Date.UTC(2026, 0, 1)) / 86_400_000) % 3 === 0],
    ['FREQ=MONTHLY;BYDAY=2TU', (date) => date.getUTCDay() === 2 && date.getUTCDate() > 7 && date.getUTCDate() <= 14],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', (date) => new Date(date.getTime() + 86_400_000).getUTCDate() === 1],
    ['FREQ=MONTHLY;BYMONTHDAY=31', (date) => date.getUTCDate() === 31],
    [
      'FREQ=YEARLY;BYMONTH=11;BYDAY=4TH',
      (date) => date.getUTCMonth() === 10 && date.getUTCDay() === 4 && Math.ceil(date.getUTCDate() / 7) === 4,
    ],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=MO', (date) => [1, 5].includes(date.getUTCDay()) && weeksSince(date) % 2 === 0],
    ['FREQ=DAILY;BYMONTH=12', (date) => date.getUTCMonth() === 11],
    ['FREQ=YEARLY;BYYEARDAY=-1,1', (date) => ['01-01', '12-31'].includes(date.toISOString().slice(5, 10))],
  ]
  for (const [rrule, holds] of rules) {
    it(`${rrule} opens on the days that it says, through three years`, () => {
      const open = isOpen({ zone, dtstart: '2026-01-01T10:00', duration: 'PT5H', rrule })
      for (let at = Date.parse('2026-01-01T16:00:00Z'); at < Date.parse('2029-01-01T00:00:00Z'); at += 86_400_000) {
        const { date } = clock(at)
        assert.equal(open(at), holds(new Date(`${date}T00:00:00Z`)), date)
      }
    })
  }
})

/** Weeks that begin on Mondays; the first is that of Thursday, 2026-01-01. */
function weeksSince(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(2025, 11, 29)) / (7 * 86_400_000))
}
