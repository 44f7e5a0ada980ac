import { formatInstant, parseInstant } from '../../core/time.ts'
import { spanBucket } from '../time-spans.ts'
import type { ReadSession } from './session.ts'

/** Bounds of the log index between which all entries of a time range lie; entries outside the range may lie there too. */
export interface IndexRange {
  first: number | undefined
  last: number | undefined
}

/** Finds where in the log a time range lies; undefined if nothing does. */
export async function indexRange(session: ReadSession, from: string | undefined, to: string | undefined): Promise<IndexRange | undefined> {
  const first = from === undefined ? undefined : await bound(session, 'select min(first_idx) as idx from log_spans where bucket >= ?', from)
  const last = to === undefined ? undefined : await bound(session, 'select max(last_idx) as idx from log_spans where bucket <= ?', to)
  return first === null || last === null ? undefined : { first, last }
}

/** The time as rows hold it, so that texts compare as times do. */
export function storedTime(at: string): string {
  const ms = parseInstant(at)
  if (ms === undefined) throw new TypeError(`not an RFC 3339 time: ${at}`)
  return formatInstant(ms)
}

async function bound(session: ReadSession, sql: string, at: string): Promise<number | null> {
  const [row] = await session.all(sql, [spanBucket(at) ?? 0])
  return row?.['idx'] == null ? null : Number(row['idx'])
}
