import type { EntryDraft } from '../../core/log-entry.ts'
import { forgetExpiredClaims } from '../writer/idempotency.ts'
import { forgetUsedJwts } from './used-jwts.ts'
import type { WriteBatch } from '../writer/write-batch.ts'

/** Facts that change nothing else. */
export async function appendEntries(batch: WriteBatch, entries: readonly EntryDraft[]): Promise<void> {
  for (const entry of entries) batch.append(entry)
}

/** The first leaf, unless the log has one. */
export async function createLog(batch: WriteBatch, first: EntryDraft): Promise<void> {
  if (batch.logSize === 0) batch.append(first)
}

/** Proves that storage takes writes: the caller reads the value back. */
export async function noteHealth(batch: WriteBatch, value: string): Promise<void> {
  await batch.engine.run('insert into settings (name, value) values (?, ?) on conflict (name) do update set value = excluded.value', [
    'health',
    value,
  ])
}

/** @param now milliseconds since the epoch */
export async function forgetClaims(batch: WriteBatch, now: number): Promise<void> {
  await forgetExpiredClaims(batch, now)
  await forgetUsedJwts(batch, now)
}
