import { isSamePlace } from '../../core/place-name.ts'
import { formatInstant } from '../../core/time.ts'
import { clearFrom, closingAfter, type Timetable } from '../../core/timetable.ts'
import { isExcepted, type ProvenFacts } from './exceptions.ts'
import type { CalendarFreeze, CalendarRules, CalendarWindow } from './rules.ts'

/** Windows and freezes in relation to one instant: `input.calendar` of a pack. Times are RFC 3339 UTC. */
export interface Calendar {
  /** False when no window is defined for the environment: then it is always open but for freezes. */
  restricted: boolean
  open: boolean
  /** Names of the windows that are open, the first 20. */
  windows: string[]
  /** When the current opening ends, by the close of its windows or by a freeze; null if it is closed or has no end within five weeks. */
  closes_at: string | null
  /** When it next opens; null while open, or if it doesn't open within a year. */
  next_open: string | null
  /** Those in force, the first 20. */
  freezes: { name: string; reason: string | null; until: string }[]
  /** Names of freezes in force that don't count, since an exception is met; the first 20. */
  excepted: string[]
  /** Start of the next freeze, if one is defined. */
  next_freeze_at: string | null
}

const DAY_MS = 24 * 60 * 60 * 1000
const OPENING_HORIZON_MS = 366 * DAY_MS
/** Windows that follow each other without a gap for so long are taken to have no end: to follow them further costs too much. */
const CLOSING_HORIZON_MS = 35 * DAY_MS
/** What is told of each list: it is kept with every decision. */
const MOST_NAMED = 20

/**
 * Says how an instant (milliseconds since the epoch) stands to the windows and freezes of an environment. It is open if any window is open and
 * no freeze is in force of which no exception is met; where no window concerns it, only freezes close it.
 * @param proven what is known for certain of whoever asks
 */
export function calendarAt(now: number, environment: string, rules: CalendarRules, proven: ProvenFacts): Calendar {
  const windows = concerning(rules.windows, environment).map((window) => ({ window, timetable: window.schedule.from(now) }))
  const freezes = concerning(rules.freezes, environment).map((freeze) => ({ freeze, timetable: freeze.schedule.from(now) }))
  const [excepted, counting] = partition(freezes, ({ freeze }) => isExcepted(freeze, proven))
  const inForce = counting.flatMap(({ freeze, timetable }) => {
    const span = timetable.spanAt(now)
    return span ? [{ name: freeze.name, reason: freeze.reason, until: formatInstant(span.end) }] : []
  })
  const openWindows = windows.filter(({ timetable }) => timetable.spanAt(now))
  const open = inForce.length === 0 && (windows.length === 0 || openWindows.length > 0)
  const tables = { open: windows.map(({ timetable }) => timetable), closed: counting.map(({ timetable }) => timetable) }
  const nextFreeze = nextStart(tables.closed, now)
  return {
    restricted: windows.length > 0,
    open,
    windows: openWindows.slice(0, MOST_NAMED).map(({ window }) => window.name),
    closes_at: open ? written(earliest([closingAfter(tables.open, now, CLOSING_HORIZON_MS), nextFreeze])) : null,
    next_open: open ? null : written(clearFrom(tables, now, OPENING_HORIZON_MS)),
    freezes: inForce.slice(0, MOST_NAMED),
    excepted: excepted
      .filter(({ timetable }) => timetable.spanAt(now))
      .slice(0, MOST_NAMED)
      .map(({ freeze }) => freeze.name),
    next_freeze_at: written(nextFreeze),
  }
}

/** The rules that concern an environment: those that name none, or it in any letter case. */
export function concerning<Item extends CalendarWindow | CalendarFreeze>(items: readonly Item[], environment: string): Item[] {
  return items.filter(({ environments }) => environments === null || environments.some((name) => isSamePlace(name, environment)))
}

function nextStart(timetables: readonly Timetable[], now: number): number | undefined {
  return earliest(timetables.map((timetable) => timetable.nextStart(now)))
}

function partition<Item>(items: readonly Item[], chosen: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(chosen), items.filter((item) => !chosen(item))]
}

function earliest(instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((instant) => instant !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}

function written(instant: number | undefined): string | null {
  return instant === undefined ? null : formatInstant(instant)
}
