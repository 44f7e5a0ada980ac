import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { directoryBlobStore } from '../blobs/directory.ts'
import { migrate } from '../migrations/migrate.ts'
import { LocalRevisions } from '../readers/revisions.ts'
import type { OpenEngine, StorageOptions } from '../storage.ts'
import { WriterClient } from '../writer/client.ts'
import { SqliteConnection } from './connection.ts'
import { diskRoom } from './disk-room.ts'
import { lockDataDirectory } from './lock.ts'
import { sqliteMigrationConnection } from './migration-connection.ts'
import { openSqliteReadSession } from './read-session.ts'

/** Opens the embedded database of a data directory, which this process then has for itself. */
export async function openEmbedded({ dataDir, hooks, limits }: StorageOptions): Promise<OpenEngine> {
  const blobDirectory = join(dataDir, 'blobs')
  await mkdir(blobDirectory, { recursive: true, mode: 0o700 })
  const lock = lockDataDirectory(dataDir)
  try {
    const path = join(dataDir, 'portcullis.db')
    await migrateFile(path)
    const revisions = new LocalRevisions()
    const writer = await WriterClient.start({ engine: 'sqlite', path }, (changed) => revisions.note(changed), hooks, limits)
    return {
      session: openSqliteReadSession(path),
      writer,
      revisions,
      blobs: directoryBlobStore(blobDirectory),
      room: diskRoom(dataDir),
      release: () => lock.release(),
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function migrateFile(path: string): Promise<void> {
  const connection = new SqliteConnection(path, 'write')
  try {
    await migrate(sqliteMigrationConnection(connection.database))
  } finally {
    connection.close()
  }
}
