import { instantOf, wallTimeIn } from '../../core/wall-clock.ts'
import type { WallClock } from './recurrence.ts'

/** The clocks of an IANA time zone. */
export function zoneClock(zone: string): WallClock {
  return { instantOf: (wall, which) => instantOf(wall, zone, which), wallTimeAt: (instant) => wallTimeIn(zone, instant) }
}

/** When an offset from UTC begins to hold, on the wall clock as it was until then. */
export interface Onset {
  wall: Temporal.PlainDateTime
  /** Milliseconds. */
  offsetBefore: number
  offsetAfter: number
}

/** The clocks of a place that only a list of changes describes. @param onsets in the order of time, at least one */
export function listedClock(onsets: readonly Onset[]): WallClock {
  const first = onsets[0]?.offsetBefore ?? 0
  return {
    // Of a repeated hour both mean the first: what ends there ends an hour early rather than late.
    instantOf: (wall) => {
      const onset = onsets.findLast((each) => Temporal.PlainDateTime.compare(each.wall, wall) <= 0)
      if (!onset) return utcMs(wall) - first
      return Math.max(utcMs(wall) - onset.offsetAfter, utcMs(onset.wall) - onset.offsetBefore)
    },
    wallTimeAt: (instant) => {
      const onset = onsets.findLast((each) => utcMs(each.wall) - each.offsetBefore <= instant)
      return wallTimeIn('UTC', instant + (onset?.offsetAfter ?? first))
    },
  }
}

function utcMs(wall: Temporal.PlainDateTime): number {
  return wall.toZonedDateTime('UTC').epochMilliseconds
}
