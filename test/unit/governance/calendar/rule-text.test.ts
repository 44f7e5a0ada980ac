import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readFreeze, readWindow, type FreezeDraft, type WindowDraft } from '../../../../src/governance/calendar/read-item.ts'

const NOW = Date.parse('2026-11-21T00:00:00Z')

function window(rrule: string, more: WindowDraft = {}): object {
  return readWindow('w', { zone: 'Europe/Berlin', dtstart: '2020-01-01T09:00', duration: 'PT8H', rrule, ...more }, NOW)
}

function refusal(work: () => unknown): { code?: string; field?: string } {
  try {
    work()
  } catch (error) {
    return error as { code?: string; field?: string }
  }
  return {}
}

describe('A rule', () => {
  for (const rule of [
    ...[
      'FREQ=DAILY',
      'freq=weekly;byday=mo,we',
      'RRULE:FREQ=MONTHLY;BYDAY=-1FR',
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29',
      'FREQ=YEARLY;BYMONTHDAY=29',
    ],
    ...['FREQ=YEARLY;BYWEEKNO=1,53;BYDAY=MO', 'FREQ=DAILY;COUNT=1000', 'FREQ=DAILY;UNTIL=20301231', 'FREQ=DAILY;BYHOUR=9,12;BYMINUTE=0,30'],
  ]) {
    it(`is taken: ${rule}`, () => void window(rule))
  }

  for (const rule of [
    ...['FREQ=SECONDLY', 'FREQ=MINUTELY', 'FREQ=HOURLY', 'FREQ=NEVER', 'INTERVAL=2', 'FREQ=DAILY;COUNT=1000000000', 'FREQ=DAILY;COUNT=0'],
    ...['FREQ=DAILY;INTERVAL=0', 'FREQ=DAILY;INTERVAL=1000000000', 'FREQ=DAILY;COUNT=2;UNTIL=20301231', 'FREQ=DAILY;UNTIL=tomorrow'],
    ...['FREQ=DAILY;UNTIL=20300231', 'FREQ=DAILY;FREQ=WEEKLY', 'FREQ=DAILY;BYMONTH=13', 'FREQ=DAILY;BYMONTHDAY=0', 'FREQ=DAILY;BYDAY=XX'],
    ...[
      'FREQ=DAILY;BYDAY=1MO',
      'FREQ=WEEKLY;BYMONTHDAY=1',
      'FREQ=MONTHLY;BYSETPOS=1',
      'FREQ=DAILY;BYSECOND=30',
      'FREQ=DAILY;RSCALE=HEBREW',
    ],
    ...['FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'],
    ...['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=5', 'FREQ=YEARLY;BYWEEKNO=1;BYMONTH=7', 'FREQ=MONTHLY;BYDAY=MO;BYSETPOS=300'],
    ...['FREQ=DAILY\nRRULE:FREQ=SECONDLY', `FREQ=DAILY;${'A'.repeat(600)}`, 'FREQ=DAILY;X=1'],
  ]) {
    it(`is refused before long: ${rule.slice(0, 60)}`, () => {
      const started = performance.now()
      assert.equal(refusal(() => window(rule)).code, 'window_invalid')
      assert.ok(performance.now() - started < 3000, 'it takes too long to refuse')
    })
  }
})

describe('Times of a window', () => {
  const weekly: WindowDraft = { zone: 'Europe/Berlin', weekdays: ['mon'], from: '09:00', to: '17:00' }
  const cases: readonly [what: string, draft: WindowDraft, field: string][] = [
    ['a zone that is none', { ...weekly, zone: 'Mars/Olympus' }, 'body.zone'],
    ['an offset', { ...weekly, zone: '+02:00' }, 'body.zone'],
    ['a time of day that is none', { ...weekly, from: '25:00' }, 'body.from'],
    ['a start at the end of the day', { ...weekly, from: '24:00' }, 'body.from'],
    ['a missing end', { zone: 'UTC', weekdays: ['mon'], from: '09:00' }, 'body.to'],
    ['two sorts at once', { ...weekly, dtstart: '2027-01-01T09:00' }, 'body.weekdays'],
    ['neither duration nor end', { zone: 'UTC', dtstart: '2027-01-01T09:00' }, 'body.rrule'],
    ['both duration and end', { zone: 'UTC', dtstart: '2027-01-01T09:00', duration: 'PT1H', to: '10:00' }, 'body.rrule'],
    ['months', { zone: 'UTC', dtstart: '2027-01-01T09:00', duration: 'P1M' }, 'body.rrule'],
    ['more than a year', { zone: 'UTC', dtstart: '2027-01-01T09:00', duration: 'P367D' }, 'body.rrule'],
    ['no time at all', { zone: 'UTC', dtstart: '2027-01-01T09:00', duration: 'PT0S' }, 'body.rrule'],
    ['an offset in the start', { zone: 'UTC', dtstart: '2027-01-01T09:00Z', duration: 'PT1H' }, 'body.rrule'],
    ['a day that there is none of', { zone: 'UTC', dtstart: '2027-02-29T09:00', duration: 'PT1H' }, 'body.rrule'],
    ['an environment with a blank', { ...weekly, environments: ['a b'] }, 'body.environments'],
    ['a reason of two lines', { ...weekly, reason: 'a\nb' }, 'body.reason'],
  ]
  for (const [what, draft, field] of cases) {
    it(`are refused: ${what}`, () => {
      const { code, field: named } = refusal(() => readWindow('w', draft, NOW))
      assert.deepEqual([code, named], ['window_invalid', field])
    })
  }

  it('may not be called next', () => assert.equal(refusal(() => readWindow('next', weekly, NOW)).field, 'body.name'))
})

describe('A freeze', () => {
  const span = { from: '2026-12-21T00:00:00Z', until: '2027-01-04T00:00:00Z' }
  const cases: readonly [what: string, draft: FreezeDraft, field: string][] = [
    ['that ends as it begins', { from: span.from, until: span.from }, 'body.until'],
    ['of a time without an offset', { ...span, from: '2026-12-21T00:00:00' }, 'body.until'],
    ['with an exception for what nobody can prove', { ...span, except: [{ context: { labels: 'severity-1' } }] }, 'body.except.0'],
    ['with an exception for nothing', { ...span, except: [{}] }, 'body.except.0'],
    ['of a file without events', { ics: 'BEGIN:VCALENDAR\nEND:VCALENDAR' }, 'body.ics'],
    ['of a file and a span', { ...span, ics: 'BEGIN:VCALENDAR\nEND:VCALENDAR' }, 'body.from'],
  ]
  for (const [what, draft, field] of cases) {
    it(`is refused: one ${what}`, () => {
      const { code, field: named } = refusal(() => readFreeze('f', draft, NOW))
      assert.deepEqual([code, named], ['freeze_invalid', field])
    })
  }
})
