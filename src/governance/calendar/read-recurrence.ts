import { isTimeZone } from '../../core/wall-clock.ts'
import type { RecurringTimes } from './model.ts'
import type { Length, Recurrence } from './recurrence.ts'
import { readRule, RecurrenceFault } from './rule-text.ts'
import { zoneClock } from './wall-clocks.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** The longest that one occurrence may last. */
const MOST_DAYS = 366
const MOST_DATES = 500
const LOCAL_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/
const DATE = /^\d{4}-\d{2}-\d{2}$/
/** Between them nobody plans, and everything can be worked out. */
const YEARS = { first: 1970, last: 2199 }

/**
 * Reads spans that recur as RFC 5545 says.
 * @throws {RecurrenceFault} whatever is wrong with them
 */
export function readRecurrence({ zone, dtstart, duration, to, rrule, rdate = [], exdate = [] }: RecurringTimes): Recurrence {
  if (!isTimeZone(zone)) throw new RecurrenceFault(`"${zone.slice(0, 80)}" is no IANA time zone.`)
  if (rdate.length > MOST_DATES || exdate.length > MOST_DATES) throw new RecurrenceFault(`rdate or exdate lists more than ${MOST_DATES}.`)
  const clock = zoneClock(zone)
  return {
    clock,
    start: readWall('dtstart', dtstart),
    length: readLength(duration, to),
    rule: rrule === undefined ? null : readRule(rrule),
    extra: [],
    extraStarts: rdate.map((text) => readWall('rdate', text)),
    excluded: new Set(exdate.filter((text) => !DATE.test(text)).map((text) => clock.instantOf(readWall('exdate', text), 'earlier'))),
    excludedDays: new Set(exdate.filter((text) => DATE.test(text)).map((text) => readDay(text))),
  }
}

/** A time on a wall clock, `2026-12-01T09:00`. @throws {RecurrenceFault} if there is no such time, or nobody plans for it */
export function readWall(what: string, text: string): Temporal.PlainDateTime {
  try {
    const wall = LOCAL_TIME.test(text) ? Temporal.PlainDateTime.from(text, { overflow: 'reject' }) : undefined
    if (wall && wall.year >= YEARS.first && wall.year <= YEARS.last) return wall
  } catch {
    // Told below.
  }
  throw new RecurrenceFault(
    `${what} "${text.slice(0, 40)}" is no time of the years ${YEARS.first} to ${YEARS.last} like 2026-12-01T09:00, without an offset.`,
  )
}

function readDay(text: string): string {
  return readWall('exdate', `${text}T00:00`).toPlainDate().toString()
}

/** How long one lasts, by an ISO 8601 duration. @throws {RecurrenceFault} if it is none, or longer than a year */
export function readDuration(text: string): { days: number; ms: number } {
  try {
    const { years, months, weeks, days, sign, ...time } = parts(Temporal.Duration.from(text))
    const length = { days: weeks * 7 + days, ms: ((time.hours * 60 + time.minutes) * 60 + time.seconds) * 1000 }
    if (years === 0 && months === 0 && sign > 0 && length.days + length.ms / DAY_MS <= MOST_DAYS) return length
  } catch {
    // Told below.
  }
  throw new RecurrenceFault(`"${text.slice(0, 40)}" is no duration of at most ${MOST_DAYS} days like PT8H or P2D.`)
}

function parts({ years, months, weeks, days, hours, minutes, seconds, sign }: Temporal.Duration) {
  return { years, months, weeks, days, hours, minutes, seconds, sign }
}

function readLength(duration: string | undefined, to: string | undefined): Length {
  if (duration !== undefined && to === undefined) return readDuration(duration)
  if (duration === undefined && to !== undefined) return { to: Temporal.PlainTime.from(to === '24:00' ? '00:00' : to) }
  throw new RecurrenceFault('It needs either a duration, or "to": the time of day at which it ends.')
}
