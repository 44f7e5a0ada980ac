/** A half-open span in milliseconds since the epoch: `start` belongs to it, `end` doesn't. */
export interface Span {
  start: number
  end: number
}

/** Spans of time, however they are worked out. */
export interface Timetable {
  /** The span that holds at the instant; of several the one that ends last. */
  spanAt(at: number): Span | undefined
  /** The first start after the instant; undefined if none follows within a year. */
  nextStart(after: number): number | undefined
}

/** Whoever follows spans goes no further than so many: what lies beyond isn't answered. */
const MOST_STEPS = 2000

/**
 * When the opening that holds at the instant ends, timetables that overlap or touch each other taken as one.
 * @returns undefined if nothing is open, or if it stays open for at least `horizonMs`; too early rather than too late if it takes too
 *   many steps to find out
 */
export function closingAfter(timetables: readonly Timetable[], at: number, horizonMs: number): number | undefined {
  let end = at
  for (let step = 0; step < MOST_STEPS && end - at < horizonMs; step++) {
    const reached = Math.max(...timetables.map((timetable) => timetable.spanAt(end)?.end ?? end))
    if (reached <= end) return end > at ? end : undefined
    end = reached
  }
  return end - at < horizonMs ? end : undefined
}

/** The first instant, `at` included, at which any of them is open; undefined where none is. */
export function openingFrom(timetables: readonly Timetable[], at: number): number | undefined {
  const openings = timetables.flatMap((timetable) => (timetable.spanAt(at) ? [at] : (timetable.nextStart(at) ?? [])))
  return openings.length > 0 ? Math.min(...openings) : undefined
}

/**
 * The first instant, `at` included, at which one of the open ones holds (without any: always) and none of the closed ones.
 * @returns undefined if there is none within `horizonMs`, or if it takes too many steps to find it
 */
export function clearFrom(
  { open, closed }: { open: readonly Timetable[]; closed: readonly Timetable[] },
  at: number,
  horizonMs: number,
): number | undefined {
  let candidate: number | undefined = at
  for (let step = 0; step < MOST_STEPS; step++) {
    const opening: number | undefined = open.length === 0 ? candidate : openingFrom(open, candidate)
    if (opening === undefined || opening - at > horizonMs) return undefined
    const ends = closed.flatMap((timetable) => timetable.spanAt(opening)?.end ?? [])
    if (ends.length === 0) return opening
    candidate = Math.max(...ends)
  }
  return undefined
}

/** The same spans in order, those that overlap or touch each other taken as one. */
export function mergedSpans(spans: readonly Span[]): Span[] {
  const merged: Span[] = []
  for (const span of [...spans].filter(({ start, end }) => start < end).sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end)
    else merged.push({ ...span })
  }
  return merged
}

/** The timetable of spans that are known one by one. @param merged as `mergedSpans` gives them */
export function listedTimetable(merged: readonly Span[]): Timetable {
  return {
    spanAt: (at) => {
      const span = merged[firstAfter(merged, at) - 1]
      return span && at < span.end ? span : undefined
    },
    nextStart: (after) => merged[firstAfter(merged, after)]?.start,
  }
}

/** Index of the first span that starts after the instant; their count if there is none. */
function firstAfter(spans: readonly Span[], at: number): number {
  let [low, high] = [0, spans.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[middle]?.start ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return low
}
