import { isFreeText } from '../../core/free-text.ts'
import { isPlaceName, PLACE_NAME_REMEDY } from '../../core/place-name.ts'
import { repositoryGlobFault, REPOSITORY_GLOB_REMEDY } from '../../core/repository.ts'
import { parseInstant } from '../../core/time.ts'
import type { Weekday } from '../../core/time-window.ts'
import { isTimeZone } from '../../core/wall-clock.ts'
import { invalid, type CalendarKind } from './errors.ts'
import { PROVABLE_KEYS } from './exceptions.ts'
import { readIcs, requireIcsAnswerable } from './ics.ts'
import type { CalendarItem, FreezeException, FreezeExceptions, FreezeTimes, IcsTimes, WeeklyTimes, WindowTimes } from './model.ts'
import { readRecurrence } from './read-recurrence.ts'
import { requireAnswerable } from './recurrence.ts'
import { RecurrenceFault } from './rule-text.ts'

/** A window as it is written: the times of a week, or those of a recurrence. */
export interface WindowDraft {
  reason?: string | null
  environments?: readonly string[] | null
  zone?: string
  weekdays?: readonly Weekday[]
  from?: string
  to?: string
  dtstart?: string
  duration?: string
  rrule?: string
  rdate?: readonly string[]
  exdate?: readonly string[]
}

/** A freeze as it is written: one span, a file, or times as a window has. */
export interface FreezeDraft extends WindowDraft {
  until?: string
  ics?: string
  except?: readonly FreezeException[]
}

type Settings = Pick<CalendarItem, 'reason' | 'environments'>

const MAX_REASON = 500
const MAX_PATTERN = 512

/**
 * Reads a window. What could not be worked out later is refused now.
 * @param now milliseconds since the epoch
 * @throws {AppError} `window_invalid`, naming the field
 */
export function readWindow(name: string, draft: WindowDraft, now: number): { name: string } & Settings & WindowTimes {
  requireName('window', name)
  return { name, ...readSettings('window', draft), ...readWindowTimes('window', draft, now) }
}

/**
 * Reads a freeze.
 * @param now milliseconds since the epoch
 * @throws {AppError} `freeze_invalid`, naming the field
 */
export function readFreeze(name: string, draft: FreezeDraft, now: number): { name: string } & Settings & FreezeTimes & FreezeExceptions {
  requireName('freeze', name)
  return { name, ...readSettings('freeze', draft), except: (draft.except ?? []).map(readException), ...readFreezeTimes(draft, now) }
}

/** The contract says so too; `next` stands for a question in the API. */
function requireName(kind: CalendarKind, name: string): void {
  if (/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name) && name !== 'next') return
  throw invalid(
    kind,
    'name',
    `"${name.slice(0, 80)}" can be no name of a ${kind}.`,
    'Use lower-case letters, digits, dots, dashes and underscores; next is reserved.',
  )
}

function readSettings(kind: CalendarKind, { reason = null, environments = null }: WindowDraft): Settings {
  if (reason !== null && !isFreeText(reason, MAX_REASON)) {
    throw invalid(
      kind,
      'reason',
      'The reason is empty, too long or has control characters.',
      `Write at most ${MAX_REASON} characters on one line.`,
    )
  }
  const malformed = environments?.find((name) => !isPlaceName(name))
  if (malformed !== undefined) {
    throw invalid(kind, 'environments', `"${malformed.slice(0, 80)}" can be no name of an environment.`, PLACE_NAME_REMEDY)
  }
  return { reason, environments }
}

function readFreezeTimes(draft: FreezeDraft, now: number): FreezeTimes {
  if (draft.ics !== undefined) return readIcsTimes(exactly('freeze', draft, ['ics'], ['zone']), now)
  if (draft.until === undefined) return readWindowTimes('freeze', draft, now)
  const { from, until } = exactly('freeze', draft, ['from', 'until'])
  const [start, end] = [parseInstant(from), parseInstant(until)]
  if (start !== undefined && end !== undefined && start < end) return { from, until }
  throw invalid('freeze', 'until', '"until" is not after "from", or one of them is no time.', 'Write both like 2026-12-24T00:00:00+01:00.')
}

function readIcsTimes({ ics, zone }: IcsTimes, now: number): IcsTimes {
  if (zone !== undefined) requireZone('freeze', zone)
  return orRefuse('freeze', 'ics', 'Correct the file, or leave out what a freeze does not need.', () => {
    const events = readIcs(ics, zone)
    if (events.length === 0) throw new RecurrenceFault('The file has no event that takes any time.')
    requireIcsAnswerable(events, now)
    return { ics, ...(zone !== undefined && { zone }) }
  })
}

function readWindowTimes(kind: CalendarKind, draft: WindowDraft, now: number): WindowTimes {
  if (draft.dtstart === undefined) return readWeekly(kind, exactly(kind, draft, ['zone', 'weekdays', 'from', 'to']))
  const times = exactly(kind, draft, ['zone', 'dtstart'], ['duration', 'to', 'rrule', 'rdate', 'exdate'])
  requireZone(kind, times.zone)
  if (times.to !== undefined) requireTimeOfDay(kind, 'to', times.to)
  orRefuse(kind, 'rrule', 'See docs/calendar.md for what a rule can say.', () => requireAnswerable(readRecurrence(times), now))
  return times
}

function readWeekly(kind: CalendarKind, times: WeeklyTimes): WeeklyTimes {
  requireZone(kind, times.zone)
  requireTimeOfDay(kind, 'from', times.from)
  requireTimeOfDay(kind, 'to', times.to)
  if (times.from !== '24:00') return times
  throw invalid(kind, 'from', 'No day begins at 24:00.', 'Write 00:00, on the next day.')
}

function requireTimeOfDay(kind: CalendarKind, field: string, text: string): void {
  if (/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(text)) return
  throw invalid(kind, field, `"${text.slice(0, 40)}" is no time of day.`, 'Write it like 09:00, at most 24:00.')
}

const TIMES = ['zone', 'weekdays', 'from', 'to', 'until', 'dtstart', 'duration', 'rrule', 'rdate', 'exdate', 'ics'] as const
type TimeField = (typeof TIMES)[number]

/** The fields that describe times of one sort, all of those that it needs and none that belong to another. */
function exactly<Needed extends TimeField, Allowed extends TimeField = never>(
  kind: CalendarKind,
  draft: FreezeDraft,
  needed: readonly Needed[],
  allowed: readonly Allowed[] = [],
): { [Field in Needed]-?: NonNullable<FreezeDraft[Field]> } & { [Field in Allowed]?: NonNullable<FreezeDraft[Field]> } {
  const known: readonly TimeField[] = [...needed, ...allowed]
  const missing = needed.find((field) => draft[field] === undefined)
  const foreign = TIMES.find((field) => draft[field] !== undefined && !known.includes(field))
  if (missing === undefined && foreign === undefined) {
    return Object.fromEntries(known.flatMap((field) => (draft[field] === undefined ? [] : [[field, draft[field]]]))) as ReturnType<
      typeof exactly<Needed, Allowed>
    >
  }
  const sorts = kind === 'window' ? WINDOW_SORTS : `from and until, or ics and maybe zone, or ${WINDOW_SORTS}`
  const message = missing === undefined ? `"${foreign}" does not belong beside "${needed.join('", "')}".` : `"${missing}" is missing.`
  throw invalid(kind, missing ?? foreign ?? '', message, `Give ${sorts}.`)
}

const WINDOW_SORTS = 'zone, weekdays, from and to, or zone, dtstart and duration (or to), with rrule, rdate and exdate as needed'

function requireZone(kind: CalendarKind, zone: string): void {
  if (isTimeZone(zone)) return
  throw invalid(kind, 'zone', `"${zone.slice(0, 80)}" is no IANA time zone.`, 'Write one like Europe/Berlin.')
}

function readException({ groups, repositories, context, contextPatterns }: FreezeException, at: number): FreezeException {
  const field = `except.${at}`
  const keys = [...Object.keys(context ?? {}), ...Object.keys(contextPatterns ?? {})]
  const unprovable = keys.find((key) => !(PROVABLE_KEYS as readonly string[]).includes(key))
  if (unprovable !== undefined) {
    const remedy = `An identity can prove ${PROVABLE_KEYS.join(', ')}; groups and repositories can be proven as well.`
    throw invalid('freeze', field, `Nobody can prove the context's "${unprovable.slice(0, 80)}", so it can't be an exception.`, remedy)
  }
  if (keys.length + (groups?.length ?? 0) + (repositories?.length ?? 0) === 0) {
    throw invalid('freeze', field, 'An exception demands nothing.', 'Name groups, repositories or facts of the context.')
  }
  for (const glob of repositories ?? []) {
    const fault = repositoryGlobFault(glob)
    if (fault) throw invalid('freeze', `${field}.repositories`, `"${glob.slice(0, 80)}" ${fault}.`, REPOSITORY_GLOB_REMEDY)
  }
  for (const pattern of Object.values(contextPatterns ?? {})) {
    if (pattern.length <= MAX_PATTERN && (pattern.match(/\*+/g) ?? []).length <= 16) continue
    throw invalid('freeze', `${field}.contextPatterns`, 'A pattern is too long, or has more than 16 wildcards.', 'Shorten it.')
  }
  return {
    ...(groups && { groups }),
    ...(repositories && { repositories }),
    ...(context && { context }),
    ...(contextPatterns && { contextPatterns }),
  }
}

function orRefuse<Value>(kind: CalendarKind, field: string, remedy: string, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof RecurrenceFault)) throw error
    throw invalid(kind, field, error.message, remedy)
  }
}
