import { RRuleTemporal } from 'rrule-temporal'

import type { Span } from '../../core/timetable.ts'
import { RecurrenceFault, untilTime, type RecurrenceRule } from './rule-text.ts'

/** Which instants (milliseconds since the epoch) the times on a wall clock are. */
export interface WallClock {
  /** Of a time that the clocks skip, the moment of the jump. */
  instantOf(wall: Temporal.PlainDateTime, which: 'earlier' | 'later'): number
  wallTimeAt(instant: number): Temporal.PlainDateTime
}

/** How long an occurrence lasts: days on the calendar and then time on a stopwatch, or up to a time of the day. */
export type Length = { days: number; ms: number } | { to: Temporal.PlainTime }

/** A span that recurs on a wall clock. */
export interface Recurrence {
  clock: WallClock
  /** When it begins first; the time of day that its rule takes over. */
  start: Temporal.PlainDateTime
  length: Length
  rule: RecurrenceRule | null
  /** Further spans, and starts beside the rule. */
  extra: readonly Span[]
  extraStarts: readonly Temporal.PlainDateTime[]
  /** Starts that don't count (milliseconds since the epoch), and days (`2026-12-24`) on which none does. */
  excluded: ReadonlySet<number>
  excludedDays: ReadonlySet<string>
}

const DAY_MS = 24 * 60 * 60 * 1000
/** Periods (days, weeks, months or years) and candidate times that are gone through for one answer. */
const MOST_PERIODS = 5000
const MOST_CANDIDATES = 20_000

/** The longest that one occurrence can last, in milliseconds. */
export function longest({ length }: Recurrence): number {
  return 'to' in length ? 2 * DAY_MS : (length.days + 1) * DAY_MS + length.ms
}

/**
 * The spans that begin within a range of time (milliseconds since the epoch), in no order.
 * @throws {RecurrenceFault} if the rule can't be worked out within its bounds
 */
export function spansOf(recurrence: Recurrence, from: number, until: number): Span[] {
  const { clock, extra, extraStarts, excluded, excludedDays } = recurrence
  // The clocks of the world are within a day of UTC.
  const starts = [...ruleStarts(recurrence, from - DAY_MS, until + DAY_MS), ...extraStarts]
  return [
    ...starts.flatMap((wall) => {
      const start = clock.instantOf(wall, 'earlier')
      if (start < from || start >= until || excluded.has(start) || excludedDays.has(wall.toPlainDate().toString())) return []
      return [{ start, end: endOf(recurrence, wall, start) }]
    }),
    ...extra.filter(({ start }) => start >= from && start < until),
  ]
}

/**
 * Sees that the rule can be worked out, and that it ever matches.
 * @throws {RecurrenceFault}
 */
export function requireAnswerable(recurrence: Recurrence, now: number): void {
  const { clock, start, rule, extra, extraStarts } = recurrence
  const begin = clock.instantOf(start, 'earlier')
  for (const at of [begin, now]) spansOf(recurrence, at, at + 400 * DAY_MS)
  if (!rule || extra.length + extraStarts.length > 0) return
  if (rule.count === null && guarded(() => expander(recurrence).next(new Date(utcMs(start)), true)) === null) {
    throw new RecurrenceFault('The rule matches no day at all.')
  }
  if (rule.count !== null && counted(recurrence).length === 0) throw new RecurrenceFault('The rule matches no day at all.')
}

/**
 * Starts on the wall clock. The library gets them as if they were times of UTC, where no hour is skipped or repeated: which instants they
 * are, the clock says.
 */
function ruleStarts(recurrence: Recurrence, from: number, until: number): Temporal.PlainDateTime[] {
  const { start, rule } = recurrence
  if (!rule) return [start]
  const last = lastStart(recurrence)
  const starts =
    rule.count === null
      ? guarded(() => expander(recurrence).between(new Date(from - 1), new Date(until + 1), true)).map((zoned) => toPlain(zoned))
      : counted(recurrence)
  return last ? starts.filter((wall) => Temporal.PlainDateTime.compare(wall, last) <= 0) : starts
}

function counted(recurrence: Recurrence): Temporal.PlainDateTime[] {
  return guarded(() => expander(recurrence).all()).map((zoned) => toPlain(zoned))
}

function lastStart({ rule, clock }: Recurrence): Temporal.PlainDateTime | undefined {
  if (!rule?.until) return undefined
  const named = untilTime(rule.until.text)
  return rule.until.utc ? clock.wallTimeAt(utcMs(named)) : named
}

function expander({ start, rule }: Recurrence): RRuleTemporal {
  const dtstart = start.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '')
  const count = rule === null || rule.count === null ? '' : `;COUNT=${rule.count}`
  return new RRuleTemporal({
    rruleString: `DTSTART;TZID=UTC:${dtstart}\nRRULE:${rule?.text ?? ''}${count}`,
    maxIterations: MOST_PERIODS,
    maxCandidateEvaluations: MOST_CANDIDATES,
    cache: false,
  })
}

function endOf({ clock, length }: Recurrence, wall: Temporal.PlainDateTime, start: number): number {
  if (!('to' in length)) {
    const through = length.days === 0 ? start : clock.instantOf(wall.add({ days: length.days }), 'later')
    return through + length.ms
  }
  const sameDay = wall.toPlainDate().toPlainDateTime(length.to)
  const passed = Temporal.PlainDateTime.compare(sameDay, wall) <= 0 ? 1 : 0
  return clock.instantOf(sameDay.add({ days: passed }), 'later')
}

function toPlain(zoned: { toString(): string }): Temporal.PlainDateTime {
  return Temporal.PlainDateTime.from(zoned.toString())
}

function utcMs(wall: Temporal.PlainDateTime): number {
  return wall.toZonedDateTime('UTC').epochMilliseconds
}

/** The library throws where a rule exceeds the bounds that it was given. */
function guarded<Value>(work: () => Value): Value {
  try {
    return work()
  } catch (error) {
    throw new RecurrenceFault('The rule matches no day at all, or takes too long to work out.', { cause: error })
  }
}
