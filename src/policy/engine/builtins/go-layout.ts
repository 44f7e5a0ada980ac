import { offsetSeconds } from './zoned-time.ts'

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** The names that OPA takes for layouts of Go's `time` package. */
const NAMED_LAYOUTS: Readonly<Record<string, string>> = {
  ANSIC: 'Mon Jan _2 15:04:05 2006',
  UnixDate: 'Mon Jan _2 15:04:05 MST 2006',
  RubyDate: 'Mon Jan 02 15:04:05 -0700 2006',
  RFC822: '02 Jan 06 15:04 MST',
  RFC822Z: '02 Jan 06 15:04 -0700',
  RFC850: 'Monday, 02-Jan-06 15:04:05 MST',
  RFC1123: 'Mon, 02 Jan 2006 15:04:05 MST',
  RFC1123Z: 'Mon, 02 Jan 2006 15:04:05 -0700',
  RFC3339: '2006-01-02T15:04:05Z07:00',
  RFC3339Nano: '2006-01-02T15:04:05.999999999Z07:00',
}

/** The elements of a layout, in the order in which Go's `nextStdChunk` tries them. */
const ELEMENT = new RegExp(
  [
    'January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|3|4|5|PM|pm',
    'Z070000|Z07:00:00|Z0700|Z07:00|Z07|-070000|-07:00:00|-0700|-07:00|-07',
    '[.,]0+(?![0-9])|[.,]9+(?![0-9])',
  ].join('|'),
  'g',
)

/**
 * Go's `Time.Format`.
 * @param layout a Go layout, or the name of one of OPA's
 * @throws {Error} for the element MST outside UTC: zone abbreviations aren't known here, and another text would be a wrong answer
 */
export function formatGoTime(time: Temporal.ZonedDateTime, layout: string): string {
  const pattern = Object.hasOwn(NAMED_LAYOUTS, layout) ? (NAMED_LAYOUTS[layout] ?? layout) : layout
  return pattern.replaceAll(ELEMENT, (element) => formatElement(time, element))
}

function formatElement(time: Temporal.ZonedDateTime, element: string): string {
  if (/^[.,]/.test(element)) return formatFraction(time, element)
  if (/^(?:Z|-)07/.test(element)) return formatOffset(offsetSeconds(time), element)
  const format = Object.hasOwn(FIELDS, element) ? FIELDS[element] : undefined
  return format ? format(time) : element
}

const FIELDS: Readonly<Record<string, (time: Temporal.ZonedDateTime) => string>> = {
  January: ({ month }) => MONTHS[month - 1] ?? '',
  Jan: ({ month }) => (MONTHS[month - 1] ?? '').slice(0, 3),
  '1': ({ month }) => String(month),
  '01': ({ month }) => pad(month, 2),
  Monday: ({ dayOfWeek }) => DAYS[dayOfWeek - 1] ?? '',
  Mon: ({ dayOfWeek }) => (DAYS[dayOfWeek - 1] ?? '').slice(0, 3),
  '2': ({ day }) => String(day),
  _2: ({ day }) => String(day).padStart(2),
  '02': ({ day }) => pad(day, 2),
  __2: ({ dayOfYear }) => String(dayOfYear).padStart(3),
  '002': ({ dayOfYear }) => pad(dayOfYear, 3),
  '15': ({ hour }) => pad(hour, 2),
  '3': ({ hour }) => String(hour % 12 || 12),
  '03': ({ hour }) => pad(hour % 12 || 12, 2),
  '4': ({ minute }) => String(minute),
  '04': ({ minute }) => pad(minute, 2),
  '5': ({ second }) => String(second),
  '05': ({ second }) => pad(second, 2),
  '2006': ({ year }) => pad(year, 4),
  '06': ({ year }) => pad(year % 100, 2),
  PM: ({ hour }) => (hour >= 12 ? 'PM' : 'AM'),
  pm: ({ hour }) => (hour >= 12 ? 'pm' : 'am'),
  MST: ({ timeZoneId }) => {
    if (timeZoneId !== 'UTC') throw new Error('time.format: the abbreviation of a time zone (MST in the layout) is only offered in UTC')
    return 'UTC'
  },
}

function formatFraction(time: Temporal.ZonedDateTime, element: string): string {
  const nanoseconds = pad(time.millisecond * 1_000_000 + time.microsecond * 1000 + time.nanosecond, 9)
  const digits = nanoseconds.slice(0, element.length - 1)
  if (element[1] === '0') return `${element[0]}${digits}`
  const trimmed = digits.replace(/0+$/, '')
  return trimmed === '' ? '' : `${element[0]}${trimmed}`
}

function formatOffset(seconds: number, element: string): string {
  if (element.startsWith('Z') && seconds === 0) return 'Z'
  const minutes = Math.trunc(seconds / 60)
  const parts = [pad(Math.trunc(Math.abs(minutes) / 60), 2), pad(Math.abs(minutes) % 60, 2), pad(Math.abs(seconds) % 60, 2)]
  const shown = parts.slice(0, element.replaceAll(/[^0]/g, '').length === 1 ? 1 : wantsSeconds(element) ? 3 : 2)
  return `${minutes < 0 ? '-' : '+'}${shown.join(element.includes(':') ? ':' : '')}`
}

function wantsSeconds(element: string): boolean {
  return /0000|00:00$/.test(element)
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0')
}
