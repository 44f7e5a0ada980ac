import { fitsInt64, int64Of } from './builtin.ts'
import { isRegoArray, type RegoValue } from './rego-value.ts'

/** An instant in a zone, as OPA's time builtins take it. */
export interface ZonedTime {
  time: Temporal.ZonedDateTime
  /** A Go layout; empty if none was given. */
  layout: string
}

/**
 * Reads the operand `ns`, `[ns]`, `[ns, zone]` or `[ns, zone, layout]` (OPA's `tzTime`).
 * @returns undefined where OPA reports an error
 * @throws {Error} for the zone `Local`, which means the machine's: a verdict must not depend on it
 */
export function zonedTime(operand: RegoValue | undefined): ZonedTime | undefined {
  const [instant, zone = '', layout = ''] = operand !== undefined && isRegoArray(operand) ? operand : [operand]
  const ns = int64Of(instant)
  if (ns === undefined || typeof zone !== 'string' || typeof layout !== 'string') return undefined
  const time = inZone(ns, zone === '' ? 'UTC' : zone)
  return time && { time, layout }
}

function inZone(ns: bigint, zone: string): Temporal.ZonedDateTime | undefined {
  if (zone === 'Local') throw new Error('the time zone "Local" depends on the machine: name an IANA zone')
  // Temporal would take offsets, which Go does not know.
  if (!/^[A-Za-z]/.test(zone)) return undefined
  try {
    const time = new Temporal.ZonedDateTime(ns, zone)
    // Temporal ignores letter case, Go does not.
    return time.timeZoneId === zone ? time : undefined
  } catch {
    return undefined
  }
}

/** Seconds east of UTC. Whole numbers: before standard time they are not whole minutes. */
export function offsetSeconds(time: Temporal.ZonedDateTime): number {
  return time.offsetNanoseconds / 1e9
}

/** Nanoseconds since the epoch if an int64 holds them, as OPA wants it of every time that a builtin returns. */
export function safeNanoseconds(ns: bigint): bigint | undefined {
  return fitsInt64(ns) ? ns : undefined
}
