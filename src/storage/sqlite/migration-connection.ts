import type { DatabaseSync } from 'node:sqlite'

import type { MigrationConnection } from '../migrations/migrate.ts'
import { SQLITE_TYPES } from '../migrations/migration.ts'

/** Migrates an embedded database; other connections wait at `begin immediate`. */
export function sqliteMigrationConnection(database: DatabaseSync): MigrationConnection {
  return {
    types: SQLITE_TYPES,
    execute: async (sql) => database.exec(sql),
    query: async (sql) => database.prepare(sql).all(),
    beginExclusive: async () => database.exec('begin immediate'),
  }
}
