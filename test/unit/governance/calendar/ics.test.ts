import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readIcs, requireIcsAnswerable } from '../../../../src/governance/calendar/ics.ts'
import { recurringSource } from '../../../../src/governance/calendar/schedules.ts'

const NOW = Date.parse('2026-11-21T00:00:00Z')

/** A zone that no IANA name tells of, with the rules of Berlin. */
const OWN_ZONE = `BEGIN:VTIMEZONE
TZID:Office
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE`

function file(...parts: string[]): string {
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', ...parts, 'END:VCALENDAR'].join('\n')
}

function event(...lines: string[]): string {
  return ['BEGIN:VEVENT', ...lines, 'END:VEVENT'].join('\n')
}

function spans(text: string, zone?: string, from = '2026-12-01', until = '2028-12-01'): string[] {
  const events = readIcs(text, zone)
  requireIcsAnswerable(events, NOW)
  const short = (at: number): string => new Date(at).toISOString().slice(0, 16)
  return recurringSource(events)
    .spans(Date.parse(from), Date.parse(until))
    .map(({ start, end }) => `${short(start)} ${short(end)}`)
}

describe('An iCalendar file', () => {
  it('freezes whole days of its zone, also as they recur', () => {
    const holidays = file(
      event('UID:1', 'DTSTART;VALUE=DATE:20261225', 'DTEND;VALUE=DATE:20261227', 'RRULE:FREQ=YEARLY', 'TRANSP:TRANSPARENT'),
    )
    assert.deepEqual(spans(holidays, 'Europe/Berlin'), ['2026-12-24T23:00 2026-12-26T23:00', '2027-12-24T23:00 2027-12-26T23:00'])
  })

  it('means one day by an all-day event without an end', () => {
    assert.deepEqual(spans(file(event('UID:1', 'DTSTART;VALUE=DATE:20270328')), 'Europe/Berlin'), ['2027-03-27T23:00 2027-03-28T22:00'])
  })

  it('keeps to the clocks of the zone that a time names', () => {
    const daily = event('UID:1', 'DTSTART;TZID=America/New_York:20270313T090000', 'DURATION:PT2H', 'RRULE:FREQ=DAILY;COUNT=3')
    assert.deepEqual(spans(file(daily)), [
      '2027-03-13T14:00 2027-03-13T16:00',
      '2027-03-14T13:00 2027-03-14T15:00',
      '2027-03-15T13:00 2027-03-15T15:00',
    ])
  })

  it('reads a VTIMEZONE whose name nobody knows', () => {
    const daily = event('UID:1', 'DTSTART;TZID=Office:20270327T023000', 'DTEND;TZID=Office:20270327T033000', 'RRULE:FREQ=DAILY;COUNT=3')
    assert.deepEqual(spans(file(OWN_ZONE, daily)), [
      '2027-03-27T01:30 2027-03-27T02:30',
      // The clocks skip its start, which is the moment of the jump.
      '2027-03-28T01:00 2027-03-28T02:00',
      '2027-03-29T00:30 2027-03-29T01:30',
    ])
  })

  it('leaves out what EXDATE names, and adds what RDATE does', () => {
    const daily = event(
      ...['UID:1', 'DTSTART:20270101T090000Z', 'DTEND:20270101T100000Z', 'RRULE:FREQ=DAILY;COUNT=3', 'EXDATE:20270102T090000Z'],
      ...['RDATE:20270110T090000Z', 'RDATE;VALUE=PERIOD:20270111T000000Z/PT5H,20270112T000000Z/20270112T010000Z'],
    )
    assert.deepEqual(spans(file(daily)), [
      ...['2027-01-01T09:00 2027-01-01T10:00', '2027-01-03T09:00 2027-01-03T10:00', '2027-01-10T09:00 2027-01-10T10:00'],
      ...['2027-01-11T00:00 2027-01-11T05:00', '2027-01-12T00:00 2027-01-12T01:00'],
    ])
  })

  it('moves an occurrence to where its override stands, and drops one that was cancelled', () => {
    const daily = event('UID:1', 'DTSTART:20270101T090000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=3')
    const moved = event('UID:1', 'RECURRENCE-ID:20270102T090000Z', 'DTSTART:20270102T150000Z', 'DURATION:PT2H')
    const dropped = event('UID:1', 'RECURRENCE-ID:20270103T090000Z', 'STATUS:CANCELLED', 'DTSTART:20270103T090000Z', 'DURATION:PT1H')
    assert.deepEqual(spans(file(daily, moved, dropped)), ['2027-01-01T09:00 2027-01-01T10:00', '2027-01-02T15:00 2027-01-02T17:00'])
  })

  it('may hold several calendars, and events that take no time count for nothing', () => {
    const one = file(event('UID:1', 'DTSTART:20270101T090000Z'))
    const other = file(event('UID:2', 'DTSTART:20270102T090000Z', 'DURATION:PT1H'))
    assert.deepEqual(spans(`${one}\n${other}`), ['2027-01-02T09:00 2027-01-02T10:00'])
  })

  const start = 'DTSTART:20270101T000000Z'
  const refused: readonly [what: string, text: string, reason: RegExp][] = [
    ['nothing', '', /no VCALENDAR|can't be read/],
    ['another format', '{"a": 1}', /can't be read/],
    ['a card', 'BEGIN:VCARD\nEND:VCARD', /no VCALENDAR/],
    ['one that never ends', 'BEGIN:VCALENDAR\nBEGIN:VEVENT', /can't be read/],
    ['one without a zone', file(event('UID:1', 'DTSTART;VALUE=DATE:20270101')), /name one as "zone"/],
    [
      'one of an unknown zone',
      file(event('UID:1', 'DTSTART;TZID=Nowhere:20270101T000000', 'DURATION:PT1H')),
      /"Nowhere" is no IANA time zone/,
    ],
    ['a day that there is none of', file(event('UID:1', 'DTSTART:20270230T000000Z', 'DURATION:PT1H')), /DTSTART/],
    ['an end before the start', file(event('UID:1', start, 'DTEND:20261231T000000Z')), /ends before it begins/],
    ['an event without a start', file(event('UID:1', 'SUMMARY:Party')), /Event 1 \("Party"\): It has no DTSTART/],
    ['a rule by the second', file(event('UID:1', start, 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY')), /recurs within a day/],
    [
      'a rule that matches nothing',
      file(event('UID:1', start, 'DURATION:PT1H', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31')),
      /no day at all/,
    ],
    [
      'an override of all that follow',
      file(event('UID:1', 'RECURRENCE-ID;RANGE=THISANDFUTURE:20270102T000000Z', start, 'DURATION:PT1H')),
      /RANGE/,
    ],
    ['too many events', file(...Array.from({ length: 1001 }, (_, at) => event(`UID:${at}`, start))), /more than 1000 events/],
    [
      'too many rules',
      file(...Array.from({ length: 101 }, (_, at) => event(`UID:${at}`, start, 'DURATION:PT1H', 'RRULE:FREQ=YEARLY'))),
      /More than 100/,
    ],
    [
      'too many dates',
      file(event('UID:1', start, 'DURATION:PT1H', `EXDATE:${'20270101T000000Z,'.repeat(600)}20270101T000000Z`)),
      /more than 500/,
    ],
    [
      'too many spans',
      file(...Array.from({ length: 15 }, (_, at) => event(`UID:${at}`, start, 'DURATION:PT1H', 'RRULE:FREQ=DAILY'))),
      /more than 5000 spans/,
    ],
    ['a file that is too long', file(`X-NOTE:${'a'.repeat(256 * 1024)}`), /longer than 256 KiB/],
    [
      'a zone that changes by the day',
      file(
        OWN_ZONE.replace('FREQ=YEARLY;BYDAY=-1SU', 'FREQ=DAILY'),
        event('UID:1', 'DTSTART;TZID=Office:20270101T000000', 'DURATION:PT1H'),
      ),
      /not yearly/,
    ],
  ]
  for (const [what, text, reason] of refused) {
    it(`is refused: ${what}`, () => {
      const started = performance.now()
      assert.throws(() => requireIcsAnswerable(readIcs(text, undefined), NOW), reason)
      assert.ok(performance.now() - started < 5000, 'it takes too long to refuse')
    })
  }
})
