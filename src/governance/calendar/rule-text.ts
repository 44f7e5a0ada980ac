/** What is wrong with a recurrence, as one plain sentence. */
export class RecurrenceFault extends Error {}

/** A recurrence rule, checked part by part. */
export interface RecurrenceRule {
  /** Every part but COUNT and UNTIL, in the form of RFC 5545. */
  text: string
  count: number | null
  /** In which occurrences may still begin: on the wall clock, a whole day, or an instant (`Z`). */
  until: { text: string; utc: boolean } | null
}

const MAX_CHARACTERS = 500
const MAX_COUNT = 1000
const MAX_INTERVAL = 1000
/** More than these in a day are one window, or none. */
const MAX_TIMES_PER_DAY = 8

const WEEKDAY = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/
const UNTIL = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$/

/** The parts that a rule may have, each with the numbers that it takes, or a check of its own. */
const PARTS: Readonly<Record<string, (value: string) => boolean>> = {
  FREQ: (value) => ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'].includes(value),
  INTERVAL: (value) => isWithin(value, 1, MAX_INTERVAL),
  COUNT: (value) => isWithin(value, 1, MAX_COUNT),
  UNTIL: (value) => UNTIL.test(value),
  WKST: (value) => /^(MO|TU|WE|TH|FR|SA|SU)$/.test(value),
  BYDAY: (value) => value.split(',').every(isWeekday),
  BYMONTH: (value) => areWithin(value, 1, 12),
  BYMONTHDAY: (value) => areWithin(value, 1, 31, true),
  BYYEARDAY: (value) => areWithin(value, 1, 366, true),
  BYWEEKNO: (value) => areWithin(value, 1, 53, true),
  BYSETPOS: (value) => areWithin(value, 1, 366, true),
  BYHOUR: (value) => areWithin(value, 0, 23),
  BYMINUTE: (value) => areWithin(value, 0, 59),
  BYSECOND: (value) => /^0+$/.test(value),
}

/**
 * Reads a recurrence rule (RFC 5545, section 3.3.10). What a library would pass over in silence is refused, and so is what recurs within a
 * day: hours belong into BYHOUR.
 * @throws {RecurrenceFault}
 */
export function readRule(rule: string): RecurrenceRule {
  if (rule.length > MAX_CHARACTERS) throw new RecurrenceFault(`The rule is longer than ${MAX_CHARACTERS} characters.`)
  const parts = new Map<string, string>()
  for (const part of rule
    .trim()
    .replace(/^RRULE:/i, '')
    .toUpperCase()
    .split(';')) {
    const [name = '', value = '', ...rest] = part.split('=')
    const fits = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined
    if (!fits || rest.length > 0 || parts.has(name))
      throw new RecurrenceFault(`The rule has a part that it can't have: "${part.slice(0, 40)}".`)
    if (!fits(value)) throw new RecurrenceFault(whyRefused(name, value))
    parts.set(name, value)
  }
  const freq = parts.get('FREQ')
  if (freq === undefined) throw new RecurrenceFault('The rule names no FREQ.')
  refuseCombinations(freq, parts)
  const [count, until] = [parts.get('COUNT'), parts.get('UNTIL')]
  if (count !== undefined && until !== undefined) throw new RecurrenceFault('The rule has COUNT and UNTIL: only one of them can end it.')
  return {
    text: [...parts].flatMap(([name, value]) => (name === 'COUNT' || name === 'UNTIL' ? [] : [`${name}=${value}`])).join(';'),
    count: count === undefined ? null : Number(count),
    until: until === undefined ? null : { text: until, utc: until.endsWith('Z') },
  }
}

/** The wall-clock time that an UNTIL names; of a day its last second. @throws {RecurrenceFault} if there is no such time */
export function untilTime(text: string): Temporal.PlainDateTime {
  const [, year = '', month = '', day = '', hour = '23', minute = '59', second = '59'] = UNTIL.exec(text) ?? []
  try {
    return Temporal.PlainDateTime.from(`${year}-${month}-${day}T${hour}:${minute}:${second}`)
  } catch {
    throw new RecurrenceFault(`There is no such time as UNTIL=${text}.`)
  }
}

function refuseCombinations(freq: string, parts: ReadonlyMap<string, string>): void {
  const [days, hours, minutes] = ['BYDAY', 'BYHOUR', 'BYMINUTE'].map((name) => parts.get(name)?.split(',') ?? [])
  const numbered = days?.some((day) => /\d/.test(day)) === true
  if (numbered && (!['MONTHLY', 'YEARLY'].includes(freq) || parts.has('BYWEEKNO'))) {
    throw new RecurrenceFault('Numbers before weekdays in BYDAY are for FREQ=MONTHLY and FREQ=YEARLY without BYWEEKNO.')
  }
  if (parts.has('BYWEEKNO') && freq !== 'YEARLY') throw new RecurrenceFault('BYWEEKNO is for FREQ=YEARLY.')
  if (parts.has('BYYEARDAY') && freq !== 'YEARLY') throw new RecurrenceFault('BYYEARDAY is for FREQ=YEARLY.')
  if (parts.has('BYMONTHDAY') && freq === 'WEEKLY') throw new RecurrenceFault('BYMONTHDAY is not for FREQ=WEEKLY.')
  if (parts.has('BYSETPOS') && ![...parts.keys()].some((name) => name.startsWith('BY') && name !== 'BYSETPOS')) {
    throw new RecurrenceFault('BYSETPOS needs another BY part to choose from.')
  }
  if (Math.max(1, hours?.length ?? 0) * Math.max(1, minutes?.length ?? 0) > MAX_TIMES_PER_DAY) {
    throw new RecurrenceFault(`The rule begins more than ${MAX_TIMES_PER_DAY} times a day.`)
  }
}

function whyRefused(name: string, value: string): string {
  const shown = `${name}=${value.slice(0, 40)}`
  if (name === 'FREQ' && ['HOURLY', 'MINUTELY', 'SECONDLY'].includes(value)) {
    return `${shown} recurs within a day; write FREQ=DAILY with BYHOUR and BYMINUTE.`
  }
  if (name === 'COUNT') return `${shown} is no count from 1 to ${MAX_COUNT}; end it with UNTIL.`
  return `${shown} is not what RFC 5545 or this service takes there.`
}

function isWeekday(day: string): boolean {
  const [, number] = WEEKDAY.exec(day) ?? [undefined, undefined]
  return WEEKDAY.test(day) && (number === undefined || isWithin(number.replace(/^[+-]/, ''), 1, 53))
}

function areWithin(list: string, least: number, most: number, signed = false): boolean {
  const items = list.split(',')
  return items.length <= most + 1 && items.every((item) => isWithin(signed ? item.replace(/^[+-]/, '') : item, least, most))
}

function isWithin(text: string, least: number, most: number): boolean {
  return /^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= most
}
