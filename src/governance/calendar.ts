import { isSamePlace } from '../core/place-name.ts'
import { closingAfter, openAt, openingFrom, type WeeklyWindow } from '../core/time-window.ts'
import { formatInstant, parseInstant } from '../core/time.ts'

/** A weekly window in which changes may pass; without `environments` it concerns all of them. */
export interface ChangeWindow extends WeeklyWindow {
  environments?: readonly string[]
}

/** A span in which nothing passes: `from` belongs to it, `until` (both RFC 3339) doesn't. */
export interface Freeze {
  name: string
  from: string
  until: string
  reason?: string | null
  environments?: readonly string[]
}

/** Windows and freezes in relation to one instant: `input.calendar` of a pack. Times are RFC 3339 UTC. */
export interface Calendar {
  /** False when no window is defined for the environment: then it is always open but for freezes. */
  restricted: boolean
  open: boolean
  /** Names of the windows that are open. */
  windows: string[]
  /** When the current opening ends, by the close of its windows or by a freeze; null if it is closed or has no end within five weeks. */
  closes_at: string | null
  /** When it next opens; null while open, or if it doesn't open within a year. */
  next_open: string | null
  freezes: { name: string; reason: string | null; until: string }[]
  /** Start of the next freeze, if one is defined. */
  next_freeze_at: string | null
}

const DAY_MS = 24 * 60 * 60 * 1000
const OPENING_HORIZON_MS = 366 * DAY_MS
/** Windows that follow each other without a gap for so long are taken to have no end: to follow them further costs too much. */
const CLOSING_HORIZON_MS = 35 * DAY_MS

interface FreezeSpan {
  freeze: Freeze
  start: number
  end: number
}

/**
 * Says how an instant (milliseconds since the epoch) stands to the windows and freezes of an environment.
 * @param parameters parameters of a pack that defines `windows` or `freezes`, checked and filled in by its schema
 */
export function calendarAt(now: number, parameters: Readonly<Record<string, unknown>>, environment: string): Calendar {
  const windows = concerning(parameters['windows'] as readonly ChangeWindow[] | undefined, environment)
  const freezes = concerning(parameters['freezes'] as readonly Freeze[] | undefined, environment).map(spanOf)
  const inForce = freezes.filter(({ start, end }) => start <= now && now < end)
  const nextFreeze = earliest(freezes.map(({ start }) => start).filter((start) => start > now))
  const openWindows = openAt(windows, now)
  const open = inForce.length === 0 && (windows.length === 0 || openWindows.length > 0)
  return {
    restricted: windows.length > 0,
    open,
    windows: openWindows.map(({ name }) => name),
    closes_at: open ? written(earliest([closingAfter(windows, now, CLOSING_HORIZON_MS), nextFreeze])) : null,
    next_open: open ? null : written(nextOpening(now, windows, freezes)),
    freezes: inForce.map(({ freeze, end }) => ({ name: freeze.name, reason: freeze.reason ?? null, until: formatInstant(end) })),
    next_freeze_at: written(nextFreeze),
  }
}

/** The first instant from `now` on at which a window is open and no freeze in force; undefined if there is none within a year. */
function nextOpening(now: number, windows: readonly ChangeWindow[], freezes: readonly FreezeSpan[]): number | undefined {
  let at: number | undefined = now
  while (at !== undefined && at - now <= OPENING_HORIZON_MS) {
    const candidate: number | undefined = windows.length === 0 ? at : openingFrom(windows, at)
    if (candidate === undefined) return undefined
    const frozenUntil: number | undefined = freezes.find(({ start, end }) => start <= candidate && candidate < end)?.end
    if (frozenUntil === undefined) return candidate - now <= OPENING_HORIZON_MS ? candidate : undefined
    at = frozenUntil
  }
  return undefined
}

function concerning<Item extends { environments?: readonly string[] }>(items: readonly Item[] | undefined, environment: string): Item[] {
  return (items ?? []).filter((item) => item.environments === undefined || item.environments.some((name) => isSamePlace(name, environment)))
}

/** A freeze whose times can't be read holds for ever: the schema refuses it, and nothing passes if it came here all the same. */
function spanOf(freeze: Freeze): FreezeSpan {
  const [start, end] = [parseInstant(freeze.from), parseInstant(freeze.until)]
  return start === undefined || end === undefined
    ? { freeze, start: Number.MIN_SAFE_INTEGER, end: Date.UTC(9999, 0) }
    : { freeze, start, end }
}

function earliest(instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((instant) => instant !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}

function written(instant: number | undefined): string | null {
  return instant === undefined ? null : formatInstant(instant)
}
