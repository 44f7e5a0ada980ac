import { int64Of, type Builtin } from './builtin.ts'
import { parseDuration } from './go-duration.ts'
import { formatGoTime } from './go-layout.ts'
import { offsetSeconds, safeNanoseconds, zonedTime } from './zoned-time.ts'

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const
const RFC3339_NANO = '2006-01-02T15:04:05.999999999Z07:00'

/** Time arithmetic on values from the input; nothing here reads a clock. Each equals OPA's own (Go's `time` package). */
export const timeBuiltins: Readonly<Record<string, Builtin>> = {
  'time.parse_rfc3339_ns': (text) => (typeof text === 'string' ? parseRfc3339(text) : undefined),
  'time.parse_duration_ns': (text) => (typeof text === 'string' ? parseDuration(text) : undefined),
  'time.clock': (operand) => {
    const time = zonedTime(operand)?.time
    return time && [time.hour, time.minute, time.second]
  },
  'time.date': (operand) => {
    const time = zonedTime(operand)?.time
    return time && [time.year, time.month, time.day]
  },
  'time.weekday': (operand) => {
    const time = zonedTime(operand)?.time
    return time && WEEKDAYS[time.dayOfWeek - 1]
  },
  'time.format': (operand) => {
    const zoned = zonedTime(operand)
    return zoned && formatGoTime(zoned.time, zoned.layout === '' ? RFC3339_NANO : zoned.layout)
  },
  'time.add_date': (operand, years, months, days) => {
    const time = zonedTime(operand)?.time
    const parts = [int64Of(years), int64Of(months), int64Of(days)] as const
    return time && parts[0] !== undefined && parts[1] !== undefined && parts[2] !== undefined
      ? addDate(time, parts[0], parts[1], parts[2])
      : undefined
  },
  'time.diff': (first, second) => {
    const [a, b] = [zonedTime(first)?.time, zonedTime(second)?.time]
    return a && b && difference(a, b)
  },
}

/** What Go's `time.Parse` accepts as RFC3339: more than the RFC, such as a one-digit hour and a comma before the fraction. */
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/

function parseRfc3339(text: string): bigint | undefined {
  const match = RFC3339.exec(text)
  if (!match) return undefined
  const [, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.map(Number)
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)]
  // No int64 of nanoseconds reaches further back; Date.UTC misreads years below 100.
  if (year < 1600 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 24 || offsetMinutes > 60) return undefined
  const offset = (match[8] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * 60
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - offset
  const nanoseconds = (match[7] ?? '').slice(0, 9).padEnd(9, '0')
  return safeNanoseconds(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds))
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/** No sum further away than this lands within int64 nanoseconds again. */
const FAR_DAYS = 1_000_000n

/** Go's `Time.AddDate`: fields out of range carry over (October 32 is November 1), then the wall clock is looked up in the zone. */
function addDate(time: Temporal.ZonedDateTime, years: bigint, months: bigint, days: bigint): bigint | undefined {
  const monthIndex = BigInt(time.year) * 12n + BigInt(time.month - 1) + years * 12n + months
  if (abs(monthIndex) > FAR_DAYS || abs(days) > FAR_DAYS) return undefined
  const year = Number(monthIndex - modulo(monthIndex, 12n)) / 12
  const dayMs = new Date(0).setUTCFullYear(year, Number(modulo(monthIndex, 12n)), time.day) + Number(days) * 86_400_000
  const clock = BigInt(time.hour * 3600 + time.minute * 60 + time.second)
  const wall = (BigInt(dayMs) / 1000n + clock) * 1_000_000_000n + modulo(time.epochNanoseconds, 1_000_000_000n)
  return safeNanoseconds(wall - BigInt(goOffset(wall, time.timeZoneId)) * 1_000_000_000n)
}

/** The offset that Go's `time.Date` takes for a wall clock: the one in force at that reading taken as UTC, corrected once. */
function goOffset(wall: bigint, zone: string): number {
  const guess = offsetAt(wall, zone)
  return guess === 0 ? 0 : offsetAt(wall - BigInt(guess) * 1_000_000_000n, zone)
}

function offsetAt(ns: bigint, zone: string): number {
  return offsetSeconds(new Temporal.ZonedDateTime(ns, zone))
}

function modulo(a: bigint, b: bigint): bigint {
  return ((a % b) + b) % b
}

function abs(a: bigint): bigint {
  return a < 0n ? -a : a
}

/** OPA's `time.diff`: calendar years, months, days, then clock, both read in the first one's zone. */
function difference(first: Temporal.ZonedDateTime, second: Temporal.ZonedDateTime): number[] {
  let [a, b] = [first, second.withTimeZone(first.timeZoneId)]
  if (a.epochNanoseconds > b.epochNanoseconds) [a, b] = [b, a]
  let [year, month, day] = [b.year - a.year, b.month - a.month, b.day - a.day]
  let [hour, minute, second_] = [b.hour - a.hour, b.minute - a.minute, b.second - a.second]
  if (second_ < 0) [second_, minute] = [second_ + 60, minute - 1]
  if (minute < 0) [minute, hour] = [minute + 60, hour - 1]
  if (hour < 0) [hour, day] = [hour + 24, day - 1]
  if (day < 0) [day, month] = [day + a.daysInMonth, month - 1]
  if (month < 0) [month, year] = [month + 12, year - 1]
  return [year, month, day, hour, minute, second_]
}
