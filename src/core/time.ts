/** RFC 3339 has years of four digits. */
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z')

/** RFC 3339 date-time with an explicit offset, seconds required, at most nanoseconds. */
const RFC3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/

/** Formats an instant (milliseconds since the epoch) as RFC 3339 in UTC with milliseconds. */
export function formatInstant(epochMs: number): string {
  return new Date(Math.min(epochMs, LAST_INSTANT)).toISOString()
}

/**
 * Reads an RFC 3339 date-time that carries an offset.
 * @returns milliseconds since the epoch (finer digits are cut off), or undefined when the text is not such a time; no day of 24 hours, no
 *   30th of February and no leap second is one
 */
export function parseInstant(text: unknown): number | undefined {
  const match = typeof text === 'string' ? RFC3339.exec(text) : null
  if (!match) return undefined
  const [, date = '', time = '', fraction = '', offset = ''] = match
  // `Date` rolls over what the calendar doesn't have.
  const wall = Date.parse(`${date}T${time}Z`)
  if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(`${date}T${time}`)) return undefined
  const epochMs = Date.parse(`${date}T${time}${fraction.slice(0, 4)}${offset.toUpperCase()}`)
  return Number.isNaN(epochMs) ? undefined : epochMs
}
