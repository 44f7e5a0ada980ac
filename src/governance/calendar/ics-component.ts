import ICAL from 'ical.js'

import { RecurrenceFault } from './rule-text.ts'

/** A component of an iCalendar file, as jCal (RFC 7265) writes it: name, properties, components within. */
export type Component = readonly [name: string, properties: readonly Property[], components: readonly Component[]]
type Property = readonly [name: string, parameters: Readonly<Record<string, string>>, type: string, ...values: unknown[]]

/** One value of a property. */
export interface PropertyValue {
  parameters: Readonly<Record<string, string>>
  type: string
  value: unknown
}

const MAX_CHARACTERS = 256 * 1024

/** The calendars of a file. Attacker-controlled. @throws {RecurrenceFault} if it is no iCalendar file, or too long */
export function readCalendarText(text: string): Component[] {
  if (text.length > MAX_CHARACTERS) throw new RecurrenceFault(`The file is longer than ${MAX_CHARACTERS / 1024} KiB.`)
  const parsed = parse(text)
  const calendars = (typeof parsed[0] === 'string' ? [parsed] : parsed) as Component[]
  if (calendars.length === 0 || calendars.some(([name]) => name !== 'vcalendar')) {
    throw new RecurrenceFault('The file is no VCALENDAR (RFC 5545).')
  }
  return calendars
}

function parse(text: string): unknown[] {
  try {
    return ICAL.parse(text) as unknown[]
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 120) : ''
    throw new RecurrenceFault(`The file can't be read as iCalendar (RFC 5545): ${reason}.`, { cause: error })
  }
}

export function componentsOf([, , components]: Component, name: string): Component[] {
  return components.filter(([found]) => found === name)
}

/** All values of a property, wherever it stands. */
export function valuesOf([, properties]: Component, name: string): PropertyValue[] {
  return properties.flatMap(([found, parameters, type, ...values]) => {
    return found === name ? values.map((value) => ({ parameters, type, value })) : []
  })
}

/** The text of a property's first value; empty if it has none. */
export function textOf(component: Component, name: string): string {
  const value = valuesOf(component, name)[0]?.value
  return typeof value === 'string' ? value : ''
}
