/** True if `name` is an IANA time zone (offsets such as `+02:00` are none: they know no summer time). */
export function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name)
    return /^[A-Za-z][A-Za-z0-9._+/-]*$/.test(name)
  } catch {
    return false
  }
}

/**
 * The instant (milliseconds since the epoch) at which the clocks of an IANA zone show a time; of a time that they skip, the moment of the
 * jump. `which` chooses between the two of a repeated hour.
 */
export function instantOf(wall: Temporal.PlainDateTime, zone: string, which: 'earlier' | 'later'): number {
  const zoned = wall.toZonedDateTime(zone, { disambiguation: which })
  return zoned.toPlainDateTime().equals(wall) ? zoned.epochMilliseconds : jumpAt(wall, zone)
}

/** What the clocks of an IANA zone show. */
export function wallTimeIn(zone: string, at: number): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDateTime()
}

/** The moment at which the clocks jumped over a time. */
function jumpAt(wall: Temporal.PlainDateTime, zone: string): number {
  const before = wall.toZonedDateTime(zone, { disambiguation: 'earlier' })
  return before.getTimeZoneTransition('next')?.epochMilliseconds ?? before.epochMilliseconds
}
