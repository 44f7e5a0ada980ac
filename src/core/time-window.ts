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

/** A half-open span in milliseconds since the epoch: `start` belongs to it, `end` doesn't. */
export interface Span {
  start: number
  end: number
}

/** A weekly window opens again within eight days, or, if a change of the clocks swallows that opening, a week later. */
const SEARCH_DAYS = 16

/** True if `name` is an IANA time zone (offsets such as `+02:00` are none: they know no summer time). */
export function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name)
    return /^[A-Za-z][A-Za-z0-9._+/-]*$/.test(name)
  } catch {
    return false
  }
}

/** The windows that are open at the instant. */
export function openAt<Window extends WeeklyWindow>(windows: readonly Window[], at: number): Window[] {
  return windows.filter((window) => spanAround(window, at) !== undefined)
}

/**
 * When the opening that holds at the instant ends, windows that overlap or touch each other taken as one.
 * @returns undefined if nothing is open, or if it stays open for at least `horizonMs`
 */
export function closingAfter(windows: readonly WeeklyWindow[], at: number, horizonMs: number): number | undefined {
  if (windows.some(isEndless)) return undefined
  let end = at
  while (end - at < horizonMs) {
    const reached = Math.max(...windows.map((window) => spanAround(window, end)?.end ?? end))
    if (reached <= end) return end > at ? end : undefined
    end = reached
  }
  return undefined
}

/** The first instant, `at` included, at which any of the windows is open; undefined without windows. */
export function openingFrom(windows: readonly WeeklyWindow[], at: number): number | undefined {
  const openings = windows.flatMap((window) => (spanAround(window, at) ? [at] : (nextStart(window, at) ?? [])))
  return openings.length > 0 ? Math.min(...openings) : undefined
}

/** Whole days on every day of the week. */
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
  const start = instantOf(date, window.from, window.zone, 'earlier')
  const end = instantOf(lastDay, window.to, window.zone, 'later')
  return start < end ? { start, end } : undefined
}

function dateIn(zone: string, at: number): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate()
}

/** The instant of a time on the wall clock; `which` chooses between the two of a repeated hour. */
function instantOf(date: Temporal.PlainDate, time: string, zone: string, which: 'earlier' | 'later'): number {
  const midnightAfter = time === '24:00'
  const wall = (midnightAfter ? date.add({ days: 1 }) : date).toPlainDateTime(midnightAfter ? '00:00' : time)
  const zoned = wall.toZonedDateTime(zone, { disambiguation: which })
  return zoned.toPlainDateTime().equals(wall) ? zoned.epochMilliseconds : jumpAt(wall, zone)
}

/** The moment at which the clocks jumped over a time. */
function jumpAt(wall: Temporal.PlainDateTime, zone: string): number {
  const before = wall.toZonedDateTime(zone, { disambiguation: 'earlier' })
  return before.getTimeZoneTransition('next')?.epochMilliseconds ?? before.epochMilliseconds
}
