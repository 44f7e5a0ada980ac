import { AppError } from '../../core/app-error.ts'
import { canonicalJson } from '../../core/canonical-json.ts'
import { sha256Digest } from '../../core/digest.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import type { StorageErrorCode } from '../errors.ts'
import type { WriteBatch } from '../writer/write-batch.ts'

/**
 * Appends an entry and keeps the canonical record that it speaks for.
 * @param repository whose lists show the entry
 * @throws {AppError} `record_digest_differs` if the entry names another record: a fault of the program, found before it is in the log
 */
export function appendWithRecord(batch: WriteBatch, entry: EntryDraft, record: object, repository: string | null = null): number {
  const text = canonicalJson(record)
  if (entry.body.digest !== sha256Digest(text)) {
    throw new AppError<StorageErrorCode>(
      'record_digest_differs',
      `The log entry ${entry.type} does not speak for the record that is written.`,
    )
  }
  return batch.append(entry, text, repository)
}
