import { listedTimetable, mergedSpans, type Span } from '../../core/timetable.ts'
import { weeklyTimetable } from '../../core/time-window.ts'
import { parseInstant } from '../../core/time.ts'
import { readIcs } from './ics.ts'
import type { FixedTimes, FreezeTimes, WindowTimes } from './model.ts'
import { longest, spansOf, type Recurrence } from './recurrence.ts'
import { readRecurrence } from './read-recurrence.ts'
import { ALWAYS, constantSchedule, ExpandedSchedule, type Schedule } from './schedule.ts'

/** When a window is open; never, should it be beyond reading. */
export function windowSchedule(name: string, times: WindowTimes): Schedule {
  return scheduleOf(name, times, [])
}

/** When a freeze is in force; always, should it be beyond reading. */
export function freezeSchedule(name: string, times: FreezeTimes): Schedule {
  if ('until' in times) return fixedSchedule(times)
  return 'ics' in times ? recurring(() => readIcs(times.ics, times.zone), ALWAYS) : scheduleOf(name, times, ALWAYS)
}

/** A span whose times can't be read holds for ever. */
export function fixedSchedule({ from, until }: FixedTimes): Schedule {
  const [start, end] = [parseInstant(from), parseInstant(until)]
  return constantSchedule(listedTimetable(start === undefined || end === undefined ? ALWAYS : [{ start, end }]))
}

function scheduleOf(name: string, times: WindowTimes, otherwise: readonly Span[]): Schedule {
  if ('dtstart' in times) return recurring(() => [readRecurrence(times)], otherwise)
  return constantSchedule(weeklyTimetable({ name, ...times }))
}

function recurring(read: () => readonly Recurrence[], otherwise: readonly Span[]): Schedule {
  let recurrences: readonly Recurrence[]
  try {
    recurrences = read()
  } catch {
    return constantSchedule(listedTimetable(otherwise))
  }
  return new ExpandedSchedule(recurringSource(recurrences), otherwise)
}

/** All of several recurrences. */
export function recurringSource(recurrences: readonly Recurrence[]): { longestMs: number; spans(from: number, until: number): Span[] } {
  return {
    longestMs: recurrences.reduce((most, recurrence) => Math.max(most, longest(recurrence)), 0),
    spans: (from, until) => mergedSpans(recurrences.flatMap((recurrence) => spansOf(recurrence, from, until))),
  }
}
