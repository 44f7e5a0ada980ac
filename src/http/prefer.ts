const WAIT = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i

/** A proxy between would give up after longer. */
const MOST_SECONDS = 60

/**
 * For how many seconds a client prefers to wait (RFC 7240, section 4.3), 60 at most. A preference that can't be read is none.
 * @param header `Prefer`, where several are joined by commas
 */
export function preferredWait(header: string | undefined): number {
  const waits = (header ?? '').split(',').flatMap((preference) => WAIT.exec(preference)?.[1] ?? [])
  return Math.min(Number(waits[0] ?? 0), MOST_SECONDS)
}
