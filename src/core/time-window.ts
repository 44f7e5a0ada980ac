import { listedTimetable, type Span, type Timetable } from './timetable.ts'
import { instantOf, wallTimeIn } from './wall-clock.ts'

/** Days of the week, in the order of ISO 8601: the first is Monday. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]

/**
 * A span that recurs weekly on the wall clock of a time zone.
 *
 * A `to` that isn't after `from` lies on the next day, so equal times are a whole day. Where the clocks are changed:
 * - a time that the clocks skip stands for the moment of the jump; a window that lies wholly in the skipped hour doesn't open that day
 * - of a time that occurs twice, `from` means the first and `to` the second: a window that touches the repeated hour holds through both
 */
export interface WeeklyWindow {
  name: string
  /** IANA time zone, such as `Europe/Berlin`. */
  zone: string
  /** The days on which it opens. */
  weekdays: readonly Weekday[]
  /** `HH:MM`. */
  from: string
  /** `HH:MM`, at most `24:00`. */
  to: string
}

/** A weekly window opens again within eight days, or, if a change of the clocks swallows that opening, a week later. */
const SEARCH_DAYS = 16

/** Whole days on every day of the week. */
const WITHOUT_END: Span = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY }

/** The openings of a weekly window. */
export function weeklyTimetable(window: WeeklyWindow): Timetable {
  if (isEndless(window)) return listedTimetable([WITHOUT_END])
  return { spanAt: (at) => spanAround(window, at), nextStart: (after) => nextStart(window, after) }
}

function isEndless({ weekdays, from, to }: WeeklyWindow): boolean {
  return (from === to || (from === '00:00' && to === '24:00')) && WEEKDAYS.every((weekday) => weekdays.includes(weekday))
}

/** The opening of one window that holds at the instant; of two (after a change of the clocks) the one that ends last. */
function spanAround(window: WeeklyWindow, at: number): Span | undefined {
  const today = dateIn(window.zone, at)
  return [today.subtract({ days: 1 }), today]
    .map((date) => spanOn(window, date))
    .filter((span) => span !== undefined && span.start <= at && at < span.end)
    .reduce((last, span) => (last && span && last.end > span.end ? last : span), undefined)
}

function nextStart(window: WeeklyWindow, after: number): number | undefined {
  const today = dateIn(window.zone, after)
  for (let days = 0; days <= SEARCH_DAYS; days++) {
    const span = spanOn(window, today.add({ days }))
    if (span && span.start > after) return span.start
  }
  return undefined
}

function spanOn(window: WeeklyWindow, date: Temporal.PlainDate): Span | undefined {
  const weekday = WEEKDAYS[date.dayOfWeek - 1]
  if (weekday === undefined || !window.weekdays.includes(weekday)) return undefined
  const lastDay = window.to > window.from ? date : date.add({ days: 1 })
  const start = instantOf(timeOn(date, window.from), window.zone, 'earlier')
  const end = instantOf(timeOn(lastDay, window.to), window.zone, 'later')
  return start < end ? { start, end } : undefined
}

function dateIn(zone: string, at: number): Temporal.PlainDate {
  return wallTimeIn(zone, at).toPlainDate()
}

function timeOn(date: Temporal.PlainDate, time: string): Temporal.PlainDateTime {
  return time === '24:00' ? date.add({ days: 1 }).toPlainDateTime() : date.toPlainDateTime(time)
}
