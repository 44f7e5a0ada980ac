/**
 * Milliseconds of an ISO 8601 duration made of weeks, days (24 hours each), hours, minutes and seconds.
 * @returns undefined if the text is no such duration, is negative or zero, or names months or years
 */
export function durationMs(text: string): number | undefined {
  const ms = durationOrNoneMs(text)
  return ms === 0 ? undefined : ms
}

/** The same, where no time at all (`PT0S`) is a duration too. */
export function durationOrNoneMs(text: string): number | undefined {
  let duration: Temporal.Duration
  try {
    duration = Temporal.Duration.from(text)
  } catch {
    return undefined
  }
  if (duration.years !== 0 || duration.months !== 0 || duration.sign < 0) return undefined
  return duration.total({ unit: 'milliseconds', relativeTo: Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO('UTC') })
}
