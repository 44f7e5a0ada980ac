import { listedTimetable, mergedSpans, type Span, type Timetable } from '../../core/timetable.ts'

/** When something is open or frozen, at any time. */
export interface Schedule {
  /** What holds from an instant (milliseconds since the epoch) on, for at least the year that follows. */
  from(at: number): Timetable
}

/** One timetable for all times. */
export function constantSchedule(timetable: Timetable): Schedule {
  return { from: () => timetable }
}

/** From ever and for ever. */
export const ALWAYS: readonly Span[] = [{ start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY }]

/** What spans are worked out from. */
export interface SpanSource {
  /** The longest that one of them can last, in milliseconds. */
  longestMs: number
  /** Those that begin within a range of time. @throws if they can't be worked out */
  spans(from: number, until: number): readonly Span[]
}

const DAY_MS = 24 * 60 * 60 * 1000
/** Spans are worked out anew when time has passed into the next of these stretches. */
const STRETCH_MS = 32 * DAY_MS
const AHEAD_MS = 400 * DAY_MS

/** Works spans out as they are asked for, and remembers the last ones. */
export class ExpandedSchedule implements Schedule {
  readonly #source: SpanSource
  readonly #otherwise: readonly Span[]
  #stretch: number | undefined
  #known: Timetable = listedTimetable([])

  /** @param otherwise what holds where they can't be worked out: whatever lets nothing pass */
  constructor(source: SpanSource, otherwise: readonly Span[]) {
    this.#source = source
    this.#otherwise = otherwise
  }

  from(at: number): Timetable {
    const stretch = Math.floor(at / STRETCH_MS)
    if (stretch !== this.#stretch) {
      this.#known = listedTimetable(this.#expand(stretch * STRETCH_MS))
      this.#stretch = stretch
    }
    return this.#known
  }

  #expand(from: number): readonly Span[] {
    try {
      return mergedSpans(this.#source.spans(from - this.#source.longestMs, from + STRETCH_MS + AHEAD_MS))
    } catch {
      return this.#otherwise
    }
  }
}
