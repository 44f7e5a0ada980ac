import { formatInstant } from '../../core/time.ts'
import { calendarAt, type Calendar } from './calendar.ts'
import { NOTHING_PROVEN } from './exceptions.ts'
import type { CalendarRules } from './rules.ts'

/** How an environment stands at an instant. Times are RFC 3339 UTC. */
export interface Opening {
  environment: string
  at: string
  open: boolean
  /** False where no window is defined: then only freezes close it. */
  restricted: boolean
  /** Names of the windows that are open. */
  windows: string[]
  freezes: { name: string; reason: string | null; until: string }[]
  /** When it opens; null while it is open, or if it doesn't within a year. */
  opensAt: string | null
  /** When it closes; null while it is closed, or if it stays open for five weeks. */
  closesAt: string | null
  nextFreezeAt: string | null
  /** The bindings that make it count. Without any, windows and freezes stop nobody here. */
  bindings: string[]
}

/** Calendars of several bindings agree soon, or within no year. */
const MOST_ROUNDS = 100

/**
 * Says when all of the calendars are open: what one binding denies, no other allows.
 * @param at milliseconds since the epoch
 */
export function openingOf(environment: string, at: number, calendars: readonly CalendarRules[], bindings: string[]): Opening {
  const now = calendarsAt(environment, at, calendars)
  const open = now.every((calendar) => calendar.open)
  return {
    environment,
    at: formatInstant(at),
    open,
    restricted: now.some(({ restricted }) => restricted),
    windows: namesOf(now.flatMap(({ windows }) => windows)),
    freezes: [...new Map(now.flatMap(({ freezes }) => freezes).map((freeze) => [freeze.name, freeze])).values()],
    opensAt: open ? null : opensAt(environment, at, calendars),
    closesAt: open ? earliest(now.map(({ closes_at: closes }) => closes)) : null,
    nextFreezeAt: earliest(now.map(({ next_freeze_at: next }) => next)),
    bindings,
  }
}

function opensAt(environment: string, from: number, calendars: readonly CalendarRules[]): string | null {
  let at = from
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const closed = calendarsAt(environment, at, calendars).filter(({ open }) => !open)
    if (closed.length === 0) return formatInstant(at)
    const openings = closed.map(({ next_open: next }) => next)
    if (openings.includes(null)) return null
    at = Math.max(...openings.map((opening) => Date.parse(opening ?? '')))
  }
  return null
}

function calendarsAt(environment: string, at: number, calendars: readonly CalendarRules[]): Calendar[] {
  return calendars.map((rules) => calendarAt(at, environment, rules, NOTHING_PROVEN))
}

/** Instants in one form are in the order of their texts. */
function earliest(instants: readonly (string | null)[]): string | null {
  return instants.reduce((first, instant) => (first !== null && (instant === null || first < instant) ? first : instant), null)
}

function namesOf(names: readonly string[]): string[] {
  return [...new Set(names)]
}
