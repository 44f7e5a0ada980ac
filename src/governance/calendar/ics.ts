import ICAL from 'ical.js'

import { componentsOf, readCalendarText, textOf, valuesOf, type Component, type PropertyValue } from './ics-component.ts'
import { readDuration, readWall } from './read-recurrence.ts'
import { requireAnswerable, spansOf, type Length, type Recurrence, type WallClock } from './recurrence.ts'
import { readRule, RecurrenceFault } from './rule-text.ts'
import { IcsZones } from './ics-zones.ts'
import { zoneClock } from './wall-clocks.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const MAX_EVENTS = 1000
const MAX_RULES = 100
const MAX_DATES = 500
/** Spans of all events together that begin within a year. */
const MAX_SPANS = 5000

/**
 * Reads the events of an iCalendar file (RFC 5545) that somebody uploads: VEVENT with its rule, dates, exceptions and overrides. Whether an
 * event is marked as free or busy doesn't count, since calendars of holidays mark theirs as free; a cancelled one doesn't.
 * @param zone IANA time zone of what names none: all-day events, and times without a zone
 * @throws {RecurrenceFault} whatever is wrong with it, naming the event
 */
export function readIcs(text: string, zone: string | undefined): Recurrence[] {
  const calendars = readCalendarText(text)
  const events = calendars.flatMap((calendar) => {
    const zones = new IcsZones(componentsOf(calendar, 'vtimezone'), zone)
    return componentsOf(calendar, 'vevent').map((component) => ({ component, zones }))
  })
  if (events.length > MAX_EVENTS) throw new RecurrenceFault(`The file has more than ${MAX_EVENTS} events.`)
  const read = events.flatMap(({ component, zones }, at) => naming(component, at, () => readEvent(component, zones) ?? []))
  if (read.filter(({ recurrence }) => recurrence.rule).length > MAX_RULES) {
    throw new RecurrenceFault(`More than ${MAX_RULES} events of the file have a rule.`)
  }
  return withOverrides(read)
}

/** Sees that all of it can be worked out. @param now milliseconds since the epoch @throws {RecurrenceFault} */
export function requireIcsAnswerable(recurrences: readonly Recurrence[], now: number): void {
  let spans = 0
  for (const recurrence of recurrences) {
    // What only lists dates can't fail; what has a rule may.
    if (recurrence.rule) requireAnswerable(recurrence, now)
    spans += spansOf(recurrence, now, now + 400 * DAY_MS).length
    if (spans > MAX_SPANS) throw new RecurrenceFault(`The file makes more than ${MAX_SPANS} spans in a year.`)
  }
}

interface ReadEvent {
  uid: string
  recurrence: Recurrence
  cancelled: boolean
  /** Which occurrence of the same UID it stands for: an instant, or a day. */
  replaces: { instant: number } | { day: string } | null
}

function readEvent(event: Component, zones: IcsZones): ReadEvent | undefined {
  const start = only(event, 'dtstart')
  if (!start) throw new RecurrenceFault('It has no DTSTART.')
  if (valuesOf(event, 'exrule').length > 0) throw new RecurrenceFault('EXRULE is not read: list the days as EXDATE.')
  const clock = clockOf(start, zones)
  const wall = wallOf('DTSTART', start)
  const rules = valuesOf(event, 'rrule')
  if (rules.length > 1) throw new RecurrenceFault('It has several rules: make them several events.')
  const [extra, excluded] = [valuesOf(event, 'rdate'), valuesOf(event, 'exdate')]
  if (extra.length > MAX_DATES || excluded.length > MAX_DATES) throw new RecurrenceFault(`RDATE or EXDATE lists more than ${MAX_DATES}.`)
  const length = lengthOf(event, { start, wall, clock }, zones)
  if (length === undefined) return undefined
  const recurrence: Recurrence = {
    clock,
    start: wall,
    length,
    rule: rules[0] === undefined ? null : readRule(ICAL.Recur.fromData(rules[0].value as object).toString()),
    extra: extra.flatMap((value) => periodOf(value, zones) ?? []),
    extraStarts: extra.flatMap((value) => (value.type === 'period' ? [] : [clock.wallTimeAt(instantOf('RDATE', value, zones))])),
    excluded: new Set(excluded.flatMap((value) => (value.type === 'date' ? [] : [instantOf('EXDATE', value, zones)]))),
    excludedDays: new Set(excluded.flatMap((value) => (value.type === 'date' ? [dayOf('EXDATE', value)] : []))),
  }
  return { uid: textOf(event, 'uid'), recurrence, cancelled: isCancelled(event), replaces: replacedBy(event, zones) }
}

function isCancelled(event: Component): boolean {
  return textOf(event, 'status').toUpperCase() === 'CANCELLED'
}

function replacedBy(event: Component, zones: IcsZones): ReadEvent['replaces'] {
  const id = only(event, 'recurrence-id')
  if (!id) return null
  if (id.parameters['range'] !== undefined)
    throw new RecurrenceFault('RECURRENCE-ID with RANGE is not read: end the rule, and begin another.')
  return id.type === 'date' ? { day: dayOf('RECURRENCE-ID', id) } : { instant: instantOf('RECURRENCE-ID', id, zones) }
}

/** Each override takes the occurrence that it stands for out of the event that it belongs to. */
function withOverrides(events: readonly ReadEvent[]): Recurrence[] {
  const overrides = Map.groupBy(
    events.filter(({ replaces }) => replaces !== null),
    ({ uid }) => uid,
  )
  return events
    .filter(({ cancelled }) => !cancelled)
    .map(({ uid, recurrence, replaces }) => {
      const replaced = replaces === null ? (overrides.get(uid) ?? []).flatMap((override) => override.replaces ?? []) : []
      return {
        ...recurrence,
        excluded: new Set([...recurrence.excluded, ...replaced.flatMap((one) => ('instant' in one ? [one.instant] : []))]),
        excludedDays: new Set([...recurrence.excludedDays, ...replaced.flatMap((one) => ('day' in one ? [one.day] : []))]),
      }
    })
}

interface EventStart {
  start: PropertyValue
  wall: Temporal.PlainDateTime
  clock: WallClock
}

/** Undefined for an event that takes no time. */
function lengthOf(event: Component, { start, wall, clock }: EventStart, zones: IcsZones): Length | undefined {
  const [end, duration] = [only(event, 'dtend'), only(event, 'duration')]
  if (duration) return String(duration.value).startsWith('-') ? refuseEnd() : readDuration(String(duration.value))
  if (!end) return start.type === 'date' ? { days: 1, ms: 0 } : undefined
  if (end.type !== start.type) throw new RecurrenceFault('DTSTART and DTEND are not both days, or both times.')
  if (start.type === 'date') {
    const { days } = wall.toPlainDate().until(wallOf('DTEND', end).toPlainDate())
    return days > 0 ? readDuration(`P${days}D`) : refuseEnd()
  }
  const ms = instantOf('DTEND', end, zones) - clock.instantOf(wall, 'earlier')
  if (ms < 0) refuseEnd()
  return ms === 0 ? undefined : readDuration(`PT${Math.round(ms / 1000)}S`)
}

function refuseEnd(): never {
  throw new RecurrenceFault('It ends before it begins.')
}

function periodOf(value: PropertyValue, zones: IcsZones): { start: number; end: number } | undefined {
  if (value.type !== 'period') return undefined
  const [from, to] = (value.value as readonly string[]).map(String)
  const part = (text: string | undefined): PropertyValue => ({ ...value, type: 'date-time', value: text ?? '' })
  const start = instantOf('RDATE', part(from), zones)
  if (!to?.startsWith('P')) return { start, end: instantOf('RDATE', part(to), zones) }
  const { days, ms } = readDuration(to)
  return { start, end: start + days * DAY_MS + ms }
}

function clockOf({ type, value, parameters }: PropertyValue, zones: IcsZones): WallClock {
  if (type !== 'date' && String(value).endsWith('Z')) return zoneClock('UTC')
  return zones.clock(type === 'date' ? undefined : parameters['tzid'])
}

function instantOf(what: string, value: PropertyValue, zones: IcsZones): number {
  return clockOf(value, zones).instantOf(wallOf(what, value), 'earlier')
}

function wallOf(what: string, { type, value }: PropertyValue): Temporal.PlainDateTime {
  return readWall(what, type === 'date' ? `${String(value)}T00:00` : String(value).replace(/Z$/, ''))
}

function dayOf(what: string, value: PropertyValue): string {
  return wallOf(what, value).toPlainDate().toString()
}

function only(event: Component, name: string): PropertyValue | undefined {
  const [value, ...more] = valuesOf(event, name)
  if (more.length > 0) throw new RecurrenceFault(`It has more than one ${name.toUpperCase()}.`)
  return value
}

function naming<Value>(event: Component, at: number, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof RecurrenceFault)) throw error
    const summary = textOf(event, 'summary').slice(0, 60)
    throw new RecurrenceFault(`Event ${at + 1}${summary === '' ? '' : ` ("${summary}")`}: ${error.message}`, { cause: error })
  }
}
