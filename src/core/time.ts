/** RFC 3339 date-time with an explicit offset, seconds required, at most nanoseconds. */
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/

/** Formats an instant (milliseconds since the epoch) as RFC 3339 in UTC with milliseconds. */
export function formatInstant(epochMs: number): string {
  return new Date(epochMs).toISOString()
}

/**
 * Reads an RFC 3339 date-time that carries an offset.
 * @returns milliseconds since the epoch (finer digits are cut off), or undefined when the text is not such a time.
 */
export function parseInstant(text: unknown): number | undefined {
  if (typeof text !== 'string' || !RFC3339.test(text)) return undefined
  const epochMs = Date.parse(
    text
      .replace(' ', 'T')
      .replace(/(\.\d{3})\d+/, '$1')
      .toUpperCase(),
  )
  return Number.isNaN(epochMs) ? undefined : epochMs
}
