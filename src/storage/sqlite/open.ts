import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { AppError, isAppError } from '../../core/app-error.ts'
import { directoryBlobStore } from '../blobs/directory.ts'
import type { StorageErrorCode } from '../errors.ts'
import { migrate } from '../migrations/migrate.ts'
import { LocalRevisions } from '../readers/revisions.ts'
import type { OpenEngine, StorageOptions } from '../storage.ts'
import { WriterClient } from '../writer/client.ts'
import { SqliteConnection } from './connection.ts'
import { makePrivate, prepareDataDirectory, takeRightsAway } from './data-directory.ts'
import { diskRoom } from './disk-room.ts'
import { isSqliteUnavailable } from './failure.ts'
import { lockDataDirectory } from './lock.ts'
import { sqliteMigrationConnection } from './migration-connection.ts'
import { openSqliteReadSession } from './read-session.ts'

/**
 * Opens the embedded database of a data directory, which this process then has for itself.
 * @throws {AppError} `data_dir_unusable`, `data_dir_locked` or `database_unusable`
 */
export async function openEmbedded({ dataDir, hooks, limits }: StorageOptions): Promise<OpenEngine> {
  prepareDataDirectory(dataDir)
  const blobDirectory = join(dataDir, 'blobs')
  const path = join(dataDir, 'portcullis.db')
  await using parts = new AsyncDisposableStack()
  try {
    await mkdir(blobDirectory, { recursive: true, mode: 0o700 })
    const lock = lockDataDirectory(dataDir)
    parts.defer(() => lock.release())
    // What SQLite makes beside the database gets the rights of the database.
    makePrivate(path)
    for (const suffix of ['-wal', '-shm']) takeRightsAway(path + suffix)
    await migrateFile(path)
    const revisions = new LocalRevisions()
    const writer = parts.use(await WriterClient.start({ engine: 'sqlite', path }, (changed) => revisions.note(changed), hooks, limits))
    const session = openSqliteReadSession(path)
    parts.move()
    return { session, writer, revisions, blobs: directoryBlobStore(blobDirectory), room: diskRoom(dataDir), release: () => lock.release() }
  } catch (error) {
    throw isAppError(error) ? error : unusable(path, error)
  }
}

function unusable(path: string, cause: unknown): unknown {
  if (!isSqliteUnavailable(cause) && !(cause instanceof Error && 'syscall' in cause)) return cause
  return new AppError<StorageErrorCode>('database_unusable', `The database ${path} can't be used: ${(cause as Error).message}.`, {
    remedy: 'See that the disk has room and that this user owns the files; put a damaged database back from a backup.',
    cause,
  })
}

async function migrateFile(path: string): Promise<void> {
  const connection = new SqliteConnection(path, 'write')
  try {
    await migrate(sqliteMigrationConnection(connection.database))
  } finally {
    connection.close()
  }
}
