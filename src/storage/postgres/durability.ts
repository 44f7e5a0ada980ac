import { AppError } from '../../core/app-error.ts'
import type { StorageErrorCode } from '../errors.ts'

/**
 * A verdict is spoken only once it is on disk: a server that does not sync cannot hold the log.
 * @throws {AppError} `database_not_durable`
 */
export async function requireDurability(show: (setting: string) => Promise<string>): Promise<void> {
  for (const setting of ['fsync', 'synchronous_commit']) {
    if ((await show(setting)) !== 'off') continue
    throw new AppError<StorageErrorCode>(
      'database_not_durable',
      `The PostgreSQL server runs with ${setting} = off: a power cut would lose verdicts that were given out.`,
      {
        remedy: `Set ${setting} = on for the server, the database and the role (ALTER SYSTEM, ALTER DATABASE, ALTER ROLE), and reload.`,
      },
    )
  }
}
