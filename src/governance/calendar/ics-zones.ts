import ICAL from 'ical.js'

import { isTimeZone } from '../../core/wall-clock.ts'
import { componentsOf, textOf, valuesOf, type Component } from './ics-component.ts'
import { spansOf, type WallClock } from './recurrence.ts'
import { readRule, RecurrenceFault } from './rule-text.ts'
import { listedClock, zoneClock, type Onset } from './wall-clocks.ts'

const MAX_OBSERVANCES = 40
const MAX_ONSETS = 2000
const FIRST = Date.UTC(1970, 0)
const LAST = Date.UTC(2200, 0)

/** The time zones of an iCalendar file. One that has an IANA name is taken from there, since files seldom tell of all changes. */
export class IcsZones {
  readonly #components: readonly Component[]
  readonly #ownZone: string | undefined
  readonly #clocks = new Map<string, WallClock>()

  /** @param ownZone of what names none */
  constructor(components: readonly Component[], ownZone: string | undefined) {
    this.#components = components
    this.#ownZone = ownZone
  }

  /** @throws {RecurrenceFault} if nothing says what the clocks show there */
  clock(tzid: string | undefined): WallClock {
    if (tzid === undefined && this.#ownZone === undefined) {
      throw new RecurrenceFault('Its days or times are of no time zone: name one as "zone".')
    }
    const key = tzid ?? ''
    const clock = this.#clocks.get(key) ?? (tzid === undefined ? zoneClock(this.#ownZone ?? '') : this.#clockOf(tzid))
    this.#clocks.set(key, clock)
    return clock
  }

  #clockOf(tzid: string): WallClock {
    const component = this.#components.find((each) => valuesOf(each, 'tzid')[0]?.value === tzid)
    const location = component && valuesOf(component, 'x-lic-location')[0]?.value
    const known = [tzid, tzid.split('/').slice(-2).join('/'), ...(typeof location === 'string' ? [location] : [])].find(isTimeZone)
    if (known !== undefined) return zoneClock(known)
    if (!component) throw new RecurrenceFault(`"${tzid.slice(0, 80)}" is no IANA time zone, and the file has no VTIMEZONE for it.`)
    const observances = [...componentsOf(component, 'standard'), ...componentsOf(component, 'daylight')]
    if (observances.length === 0 || observances.length > MAX_OBSERVANCES) {
      throw new RecurrenceFault(`The VTIMEZONE "${tzid.slice(0, 80)}" has no rules, or more than ${MAX_OBSERVANCES}.`)
    }
    const onsets = observances.flatMap(onsetsOf).sort((a, b) => Temporal.PlainDateTime.compare(a.wall, b.wall))
    if (onsets.length === 0 || onsets.length > MAX_ONSETS)
      throw new RecurrenceFault(`The VTIMEZONE "${tzid.slice(0, 80)}" has too many changes.`)
    return listedClock(onsets)
  }
}

function onsetsOf(observance: Component): Onset[] {
  const [offsetBefore, offsetAfter] = [offsetMs(textOf(observance, 'tzoffsetfrom')), offsetMs(textOf(observance, 'tzoffsetto'))]
  const start = readStart(textOf(observance, 'dtstart'))
  const rule = valuesOf(observance, 'rrule')[0]?.value
  const further = valuesOf(observance, 'rdate').map(({ value }) => readStart(String(value)))
  const read = rule === undefined ? null : readRule(ICAL.Recur.fromData(rule as object).toString())
  if (read && !read.text.includes('FREQ=YEARLY')) throw new RecurrenceFault('A change of the clocks in a VTIMEZONE is not yearly.')
  // On the wall clock throughout: as if it were UTC.
  const clock = zoneClock('UTC')
  const starts = spansOf(
    {
      ...{ clock, start, rule: read, length: { days: 0, ms: 1000 } },
      ...{ extra: [], extraStarts: further, excluded: new Set(), excludedDays: new Set() },
    },
    read ? FIRST : Number.NEGATIVE_INFINITY,
    LAST,
  )
  return starts.map((span) => ({ wall: clock.wallTimeAt(span.start), offsetBefore, offsetAfter }))
}

/** Zones begin long before anybody plans. */
function readStart(text: string): Temporal.PlainDateTime {
  try {
    return Temporal.PlainDateTime.from(text.replace(/Z$/, ''), { overflow: 'reject' })
  } catch (error) {
    throw new RecurrenceFault('A VTIMEZONE has a DTSTART or RDATE that is no time.', { cause: error })
  }
}

/** `+02:00` or `-03:30:15`. */
function offsetMs(text: string): number {
  const [, sign, hours, minutes, seconds = '0'] = /^([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(text) ?? []
  if (sign === undefined) throw new RecurrenceFault('A VTIMEZONE has an offset that is none.')
  return (sign === '-' ? -1000 : 1000) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds))
}
