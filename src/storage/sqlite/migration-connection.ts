import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

import type { MigrationConnection } from '../migrations/migrate.ts'
import { SQLITE_TYPES } from '../migrations/migration.ts'
import { SQLITE_BUSY, sqliteErrorCode } from './failure.ts'

const RETRY_MS = 10
const MAX_TRIES = 3000

/** Migrates an embedded database. Others wait their turn without blocking the thread, on which the one whose turn it is may run. */
export function sqliteMigrationConnection(database: DatabaseSync): MigrationConnection {
  database.exec('pragma busy_timeout = 0')
  return {
    types: SQLITE_TYPES,
    execute: async (sql) => database.exec(sql),
    query: async (sql) => database.prepare(sql).all(),
    beginExclusive: async () => {
      for (let tries = 1; !tryBegin(database, tries === MAX_TRIES); tries++) await sleep(RETRY_MS)
    },
  }
}

function tryBegin(database: DatabaseSync, last: boolean): boolean {
  try {
    database.exec('begin immediate')
    return true
  } catch (error) {
    if (last || sqliteErrorCode(error) !== SQLITE_BUSY) throw error
    return false
  }
}
