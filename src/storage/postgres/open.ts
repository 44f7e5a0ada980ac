import { randomBytes } from 'node:crypto'

import { AppError } from '../../core/app-error.ts'
import { databaseBlobStore } from '../blobs/database.ts'
import type { StorageErrorCode } from '../errors.ts'
import type { Room } from '../health.ts'
import { migrate } from '../migrations/migrate.ts'
import { SharedRevisions } from '../readers/revisions.ts'
import type { OpenEngine, StorageOptions } from '../storage.ts'
import { WriterClient } from '../writer/client.ts'
import { requireDurability } from './durability.ts'
import { isPostgresUnavailable } from './failure.ts'
import { postgresMigrationConnection } from './migration-connection.ts'
import { openPostgresReadSession } from './read-session.ts'

/** Connects to PostgreSQL, which any number of replicas may share. */
export async function openPostgres(url: string, { hooks, limits }: Pick<StorageOptions, 'hooks' | 'limits'>): Promise<OpenEngine> {
  requirePostgresUrl(url)
  const session = openPostgresReadSession(url)
  try {
    await prepareServer(session)
    const writer = await WriterClient.start({ engine: 'postgres', url }, () => undefined, hooks, limits)
    return {
      session,
      writer,
      revisions: new SharedRevisions(session),
      blobs: databaseBlobStore(session.pool),
      room: serverRoom(writer),
      release: () => undefined,
    }
  } catch (error) {
    await session.close()
    throw isPostgresUnavailable(error) ? unreachable(url, error) : error
  }
}

async function prepareServer({ pool }: ReturnType<typeof openPostgresReadSession>): Promise<void> {
  const client = await pool.connect()
  try {
    await requireDurability(async (setting) => {
      const { rows } = await client.query(`select current_setting('${setting}') as value`)
      return String((rows as { value: unknown }[])[0]?.value)
    })
    await migrate(postgresMigrationConnection(client))
  } finally {
    client.release()
  }
}

/** How full its disk is the server doesn't tell; a row of some size needs new pages, as decisions do. */
function serverRoom(writer: WriterClient): Room {
  return {
    assertFree: async () => undefined,
    tryWrite: (bytes) => writer.submit('noteHealth', randomBytes(bytes / 2).toString('hex')),
  }
}

/** The URL holds a password: only the server is named. */
function unreachable(url: string, cause: unknown): AppError<StorageErrorCode> {
  const { message, code } = cause as Error & { code?: string }
  return new AppError('database_unreachable', `PostgreSQL at ${new URL(url).host} can't be used: ${message || code}.`, {
    remedy: 'See that the server runs, and that PORTCULLIS_DATABASE_URL names its address, user, password and database.',
    cause,
  })
}

function requirePostgresUrl(url: string): void {
  const scheme = URL.canParse(url) ? new URL(url).protocol : ''
  if (scheme === 'postgres:' || scheme === 'postgresql:') return
  throw new AppError<StorageErrorCode>('database_url_invalid', 'The database URL is not one of PostgreSQL.', {
    field: 'PORTCULLIS_DATABASE_URL',
    remedy: 'Write it as postgres://USER:PASSWORD@HOST:5432/DATABASE, or leave it out for the embedded database.',
  })
}
