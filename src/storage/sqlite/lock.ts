import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { AppError } from '../../core/app-error.ts'
import type { StorageErrorCode } from '../errors.ts'
import { makePrivate } from './data-directory.ts'
import { sqliteErrorCode, SQLITE_BUSY } from './failure.ts'

/** Held while a process uses a data directory. The operating system frees it when the process dies, however it dies. */
export interface DirectoryLock {
  release(): void
}

/**
 * Takes the data directory for this process by an exclusive transaction on a database of its own, which stays open.
 * @throws {AppError} `data_dir_locked` if another process (or another service in this one) has it
 */
export function lockDataDirectory(directory: string): DirectoryLock {
  const path = join(directory, 'portcullis.lock.db')
  makePrivate(path)
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('pragma journal_mode = delete; begin exclusive')
  } catch (error) {
    database.close()
    if (sqliteErrorCode(error) !== SQLITE_BUSY) throw error
    throw new AppError<StorageErrorCode>('data_dir_locked', 'Another process uses the data directory.', {
      remedy:
        'Stop the other process, give this one a PORTCULLIS_DATA_DIR of its own, or run several on one PostgreSQL (PORTCULLIS_DATABASE_URL).',
      cause: error,
    })
  }
  return { release: () => database.close() }
}
