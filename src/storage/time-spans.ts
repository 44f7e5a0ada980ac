import { parseInstant } from '../core/time.ts'

const BUCKET_MS = 600_000

/** The ten-minute bucket of `log_spans` that a time falls into; undefined if the text is no RFC 3339 time. */
export function spanBucket(at: string): number | undefined {
  const ms = parseInstant(at)
  return ms === undefined ? undefined : Math.floor(ms / BUCKET_MS)
}
