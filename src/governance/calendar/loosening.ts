import { canonicalJson } from '../../core/canonical-json.ts'
import { listedTimetable, mergedSpans, type Span } from '../../core/timetable.ts'
import { concerning } from './calendar.ts'
import { joinedRules, type CalendarFreeze, type CalendarRules } from './rules.ts'
import type { Schedule } from './schedule.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** So far ahead openings are compared, and freezes, of which each stands for itself. */
const OPENINGS_AHEAD_MS = 366 * DAY_MS
const FREEZES_AHEAD_MS = 5 * OPENINGS_AHEAD_MS
/** Spans of one rule that are compared. What has more counts as loosened. */
const MOST_SPANS = 20_000
/** Stands for every environment that no rule names; no name of one. */
const ANY_OTHER = '*'

/**
 * True if after a change something may pass at a time at which it could not before: somewhere it is open longer, a freeze stops less, or
 * there is a further exception from it.
 * @param beside what parameters of bindings define: each of them is a calendar together with what is stored
 * @param now milliseconds since the epoch
 */
export function isLoosened(before: CalendarRules, after: CalendarRules, beside: readonly CalendarRules[], now: number): boolean {
  if (before.freezes.some((freeze) => stopsLess(freeze, replacementOf(freeze, after), now))) return true
  const spans = new SpanReader(now)
  return [{ windows: [], freezes: [] }, ...beside].some((more) => {
    const [old, fresh] = [joinedRules(before, more), joinedRules(after, more)]
    return environmentsOf(old, fresh).some((environment) => {
      const was = spans.openings(old, environment)
      const becomes = spans.openings(fresh, environment)
      return !was || !becomes || !areWithin(becomes, was)
    })
  })
}

function replacementOf({ name }: CalendarFreeze, { freezes }: CalendarRules): CalendarFreeze | undefined {
  return freezes.find((freeze) => freeze.name === name)
}

function stopsLess(freeze: CalendarFreeze, replacement: CalendarFreeze | undefined, now: number): boolean {
  if (replacement === freeze) return false
  const until = now + FREEZES_AHEAD_MS
  const was = spansOf(freeze.schedule, now, until)
  if (was?.length === 0) return false
  const becomes = replacement && spansOf(replacement.schedule, now, until)
  if (!was || !replacement || !becomes || !areWithin(was, becomes)) return true
  return !concernsAllOf(replacement, freeze) || replacement.except.some((exception) => !hasException(freeze, exception))
}

function concernsAllOf({ environments: names }: CalendarFreeze, { environments: needed }: CalendarFreeze): boolean {
  if (names === null || needed === null) return names === null
  return needed.every((name) => names.some((other) => other.toLowerCase() === name.toLowerCase()))
}

function hasException({ except }: CalendarFreeze, exception: object): boolean {
  return except.some((known) => canonicalJson(known) === canonicalJson(exception))
}

function environmentsOf(...rules: readonly CalendarRules[]): string[] {
  const names = rules.flatMap(({ windows, freezes }) => [...windows, ...freezes].flatMap(({ environments }) => environments ?? []))
  return [...new Set([...names.map((name) => name.toLowerCase()), ANY_OTHER])]
}

/** Works out when environments are open in the time to come, each schedule once. */
class SpanReader {
  readonly #from: number
  readonly #until: number
  readonly #known = new Map<Schedule, readonly Span[] | undefined>()

  constructor(now: number) {
    this.#from = now
    this.#until = now + OPENINGS_AHEAD_MS
  }

  /** Undefined if that takes too long. */
  openings(rules: CalendarRules, environment: string): Span[] | undefined {
    const windows = concerning(rules.windows, environment)
    const open = windows.length === 0 ? [{ start: this.#from, end: this.#until }] : this.#all(windows)
    const closed = this.#all(concerning(rules.freezes, environment))
    return open && closed && without(open, closed)
  }

  #all(items: readonly { schedule: Schedule }[]): Span[] | undefined {
    const lists = items.map(({ schedule }) => {
      if (!this.#known.has(schedule)) this.#known.set(schedule, spansOf(schedule, this.#from, this.#until))
      return this.#known.get(schedule)
    })
    return lists.includes(undefined) ? undefined : mergedSpans(lists.flatMap((list) => list ?? []))
  }
}

/** The spans of a schedule within a range, cut to it; undefined if they are too many. */
function spansOf(schedule: Schedule, from: number, until: number): Span[] | undefined {
  const spans: Span[] = []
  let at = from
  while (at < until) {
    // To work a year out costs much, and what is worked out holds for one.
    const timetable = schedule.from(at)
    const known = Math.min(at + 365 * DAY_MS, until)
    while (at < known) {
      const start = timetable.spanAt(at) ? at : timetable.nextStart(at)
      const span = start === undefined || start >= known ? undefined : timetable.spanAt(start)
      if (span && start !== undefined) spans.push({ start, end: Math.min(span.end, until) })
      if (spans.length > MOST_SPANS) return undefined
      at = span?.end ?? known
    }
  }
  return spans
}

/** @param holes merged */
function without(spans: readonly Span[], holes: readonly Span[]): Span[] {
  return spans.flatMap((span) => {
    const parts: Span[] = []
    let start = span.start
    for (const hole of holes) {
      if (hole.end <= start || hole.start >= span.end) continue
      if (hole.start > start) parts.push({ start, end: hole.start })
      start = hole.end
    }
    return start < span.end ? [...parts, { start, end: span.end }] : parts
  })
}

/** @param outer merged */
function areWithin(inner: readonly Span[], outer: readonly Span[]): boolean {
  const whole = listedTimetable(mergedSpans(outer))
  return inner.every(({ start, end }) => (whole.spanAt(start)?.end ?? start) >= end)
}
