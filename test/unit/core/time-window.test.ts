import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import * as timetables from '../../../src/core/timetable.ts'
import { weeklyTimetable, type WeeklyWindow } from '../../../src/core/time-window.ts'
import { isTimeZone } from '../../../src/core/wall-clock.ts'

const openAt = (windows: WeeklyWindow[], at: number): WeeklyWindow[] => windows.filter((window) => weeklyTimetable(window).spanAt(at))
const openingFrom = (windows: WeeklyWindow[], at: number): number | undefined => timetables.openingFrom(windows.map(weeklyTimetable), at)
const closingAfter = (windows: WeeklyWindow[], at: number, horizonMs: number): number | undefined =>
  timetables.closingAfter(windows.map(weeklyTimetable), at, horizonMs)

const YEAR_MS = 366 * 86_400_000
const at = (text: string): number => Date.parse(text)
const utc = (instant: number | undefined): string | undefined => (instant === undefined ? undefined : new Date(instant).toISOString())

function weekly(parts: Partial<WeeklyWindow>): WeeklyWindow {
  return { name: 'window', zone: 'UTC', weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:00', ...parts }
}

/** The opening of a window that is next after an instant: its first instant and the first instant that no longer belongs to it. */
function nextOpening(window: WeeklyWindow, after: string): [string | undefined, string | undefined] {
  const start = openingFrom([window], at(after))
  return [utc(start), start === undefined ? undefined : utc(closingAfter([window], start, YEAR_MS))]
}

describe('time zones', () => {
  for (const zone of ['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5']) {
    it(`knows ${zone}`, () => assert.equal(isTimeZone(zone), true))
  }
  for (const zone of ['', '+02:00', '-05', 'Mars/Olympus', 'Europe/Berlin[u-ca=iso8601]', '2027-01-01T00:00:00[Europe/Berlin]', ' UTC']) {
    it(`refuses ${JSON.stringify(zone)}`, () => assert.equal(isTimeZone(zone), false))
  }
})

describe('a weekly window', () => {
  const office = weekly({ zone: 'Europe/Berlin' })

  it('is open from its first instant', () => {
    assert.equal(openAt([office], at('2027-01-04T07:59:59.999Z')).length, 0)
    assert.equal(openAt([office], at('2027-01-04T08:00:00Z')).length, 1)
  })

  it('is closed at the instant at which it ends', () => {
    assert.equal(openAt([office], at('2027-01-04T15:59:59.999Z')).length, 1)
    assert.equal(openAt([office], at('2027-01-04T16:00:00Z')).length, 0)
  })

  it('next opens on the following working day', () => {
    assert.deepEqual(nextOpening(office, '2027-01-08T18:00:00Z'), ['2027-01-11T08:00:00.000Z', '2027-01-11T16:00:00.000Z'])
  })

  it('counts the weekday in its own zone', () => {
    const monday = weekly({ zone: 'Pacific/Auckland', weekdays: ['mon'], from: '00:00', to: '01:00' })
    assert.deepEqual(nextOpening(monday, '2027-01-02T00:00:00Z'), ['2027-01-03T11:00:00.000Z', '2027-01-03T12:00:00.000Z'])
  })

  it('reaches over midnight when it ends no later than it starts', () => {
    const night = weekly({ weekdays: ['fri'], from: '22:00', to: '02:00' })
    assert.equal(openAt([night], at('2027-01-09T01:59:00Z')).length, 1)
    assert.equal(openAt([night], at('2027-01-09T22:30:00Z')).length, 0)
    assert.deepEqual(nextOpening(night, '2027-01-05T00:00:00Z'), ['2027-01-08T22:00:00.000Z', '2027-01-09T02:00:00.000Z'])
  })

  it('lasts a whole day when both times are equal', () => {
    assert.deepEqual(nextOpening(weekly({ weekdays: ['sat'], from: '06:00', to: '06:00' }), '2027-01-05T00:00:00Z'), [
      '2027-01-09T06:00:00.000Z',
      '2027-01-10T06:00:00.000Z',
    ])
  })

  it('may end at 24:00', () => {
    assert.deepEqual(nextOpening(weekly({ weekdays: ['sat'], from: '20:00', to: '24:00' }), '2027-01-05T00:00:00Z'), [
      '2027-01-09T20:00:00.000Z',
      '2027-01-10T00:00:00.000Z',
    ])
  })

  it('opens at once where it is open already', () => {
    assert.equal(utc(openingFrom([office], at('2027-01-04T10:00:00Z'))), '2027-01-04T10:00:00.000Z')
  })
})

describe('several windows', () => {
  const morning = weekly({ from: '08:00', to: '12:00' })
  const afternoon = weekly({ from: '12:00', to: '16:00' })
  const evening = weekly({ from: '15:00', to: '20:00' })

  it('close together where they touch or overlap', () => {
    assert.equal(utc(closingAfter([evening, morning, afternoon], at('2027-01-04T09:00:00Z'), YEAR_MS)), '2027-01-04T20:00:00.000Z')
  })

  it('close apart where there is a gap between them', () => {
    assert.equal(utc(closingAfter([morning, evening], at('2027-01-04T09:00:00Z'), YEAR_MS)), '2027-01-04T12:00:00.000Z')
  })

  it('have no closing while they cover the whole horizon', () => {
    const workdays = weekly({ from: '00:00', to: '24:00' })
    const weekend = weekly({ weekdays: ['sat', 'sun'], from: '00:00', to: '24:00' })
    assert.equal(utc(closingAfter([workdays], at('2027-01-04T09:00:00Z'), 30 * 86_400_000)), '2027-01-09T00:00:00.000Z')
    assert.equal(closingAfter([workdays, weekend], at('2027-01-04T09:00:00Z'), 30 * 86_400_000), undefined)
  })

  it('close every day if they are open for a part of every day', () => {
    const closings = { '17:00': '2027-01-04T17:00:00.000Z', '24:00': '2027-01-05T00:00:00.000Z' }
    for (const [to, closing] of Object.entries(closings)) {
      const daily = weekly({ weekdays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '09:00', to })
      assert.equal(utc(closingAfter([daily], at('2027-01-04T12:00:00Z'), YEAR_MS)), closing)
    }
  })

  it('have no closing if one of them never closes', () => {
    const always = weekly({ weekdays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '06:00', to: '06:00' })
    assert.equal(closingAfter([always], at('2027-01-04T09:00:00Z'), Infinity), undefined)
    assert.equal(closingAfter([{ ...always, from: '00:00', to: '24:00' }], at('2027-01-04T09:00:00Z'), Infinity), undefined)
  })

  it('have no closing while none is open', () => {
    assert.equal(closingAfter([morning], at('2027-01-04T20:00:00Z'), YEAR_MS), undefined)
  })

  it('open with the one that opens first', () => {
    assert.equal(utc(openingFrom([evening, afternoon], at('2027-01-04T09:00:00Z'))), '2027-01-04T12:00:00.000Z')
  })

  it('never open if there are none', () => assert.equal(openingFrom([], 0), undefined))
})

describe('where the clocks are put forward', () => {
  const sunday = (parts: Partial<WeeklyWindow>): WeeklyWindow => weekly({ weekdays: ['sun'], ...parts })

  it('a start in the skipped hour is the moment of the jump (Europe/Berlin, 2027-03-28, 02:00 to 03:00)', () => {
    assert.deepEqual(nextOpening(sunday({ zone: 'Europe/Berlin', from: '02:30', to: '04:00' }), '2027-03-27T12:00:00Z'), [
      '2027-03-28T01:00:00.000Z',
      '2027-03-28T02:00:00.000Z',
    ])
  })

  it('an end in the skipped hour is the moment of the jump (America/New_York, 2027-03-14)', () => {
    assert.deepEqual(nextOpening(sunday({ zone: 'America/New_York', from: '01:00', to: '02:30' }), '2027-03-13T12:00:00Z'), [
      '2027-03-14T06:00:00.000Z',
      '2027-03-14T07:00:00.000Z',
    ])
  })

  it('a window inside the skipped hour opens a week later', () => {
    for (const to of ['02:45', '03:00']) {
      const window = sunday({ zone: 'Europe/Berlin', from: '02:10', to })
      const [start] = nextOpening(window, '2027-03-27T12:00:00Z')
      assert.equal(start, '2027-04-04T00:10:00.000Z')
    }
  })

  it('half an hour is skipped where the clocks move by half an hour (Australia/Lord_Howe, 2027-10-03, 02:00 to 02:30)', () => {
    assert.deepEqual(nextOpening(sunday({ zone: 'Australia/Lord_Howe', from: '02:15', to: '03:00' }), '2027-10-02T00:00:00Z'), [
      '2027-10-02T15:30:00.000Z',
      '2027-10-02T16:00:00.000Z',
    ])
  })

  it('a window around the jump is shorter by the skipped hour', () => {
    assert.deepEqual(nextOpening(sunday({ zone: 'Europe/Berlin', from: '01:00', to: '05:00' }), '2027-03-27T12:00:00Z'), [
      '2027-03-28T00:00:00.000Z',
      '2027-03-28T03:00:00.000Z',
    ])
  })

  it('a date that a zone left out altogether has no opening (Pacific/Apia, 2011-12-30)', () => {
    const friday = weekly({ zone: 'Pacific/Apia', weekdays: ['fri'], from: '09:00', to: '17:00' })
    assert.deepEqual(nextOpening(friday, '2011-12-29T12:00:00Z'), ['2012-01-05T19:00:00.000Z', '2012-01-06T03:00:00.000Z'])
  })
})

describe('where the clocks are put back', () => {
  const sunday = (parts: Partial<WeeklyWindow>): WeeklyWindow => weekly({ weekdays: ['sun'], ...parts })

  it('a window inside the repeated hour holds from its first start to its second end (Europe/Berlin, 2027-10-31)', () => {
    assert.deepEqual(nextOpening(sunday({ zone: 'Europe/Berlin', from: '02:15', to: '02:45' }), '2027-10-30T12:00:00Z'), [
      '2027-10-31T00:15:00.000Z',
      '2027-10-31T01:45:00.000Z',
    ])
  })

  it('a start in the repeated hour is the first (America/New_York, 2027-11-07)', () => {
    assert.deepEqual(nextOpening(sunday({ zone: 'America/New_York', from: '01:30', to: '04:00' }), '2027-11-06T12:00:00Z'), [
      '2027-11-07T05:30:00.000Z',
      '2027-11-07T09:00:00.000Z',
    ])
  })

  it('an end in the repeated hour is the second (America/New_York, 2027-11-07)', () => {
    assert.deepEqual(nextOpening(sunday({ zone: 'America/New_York', from: '00:30', to: '01:30' }), '2027-11-06T12:00:00Z'), [
      '2027-11-07T04:30:00.000Z',
      '2027-11-07T06:30:00.000Z',
    ])
  })

  it('half an hour is repeated where the clocks move by half an hour (Australia/Lord_Howe, 2027-04-04, 01:30 to 02:00)', () => {
    assert.deepEqual(nextOpening(sunday({ zone: 'Australia/Lord_Howe', from: '01:30', to: '01:45' }), '2027-04-03T00:00:00Z'), [
      '2027-04-03T14:30:00.000Z',
      '2027-04-03T15:15:00.000Z',
    ])
  })
})
