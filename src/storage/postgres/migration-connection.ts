import type pg from 'pg'

import type { MigrationConnection } from '../migrations/migrate.ts'
import { POSTGRES_TYPES } from '../migrations/migration.ts'

// Any number will do, as long as every migrator of Portcullis takes the same one.
const MIGRATION_LOCK = 7_026_221_845

/** Migrates PostgreSQL; an advisory lock, freed with the transaction, lets one migrator run at a time. */
export function postgresMigrationConnection(client: pg.ClientBase): MigrationConnection {
  return {
    types: POSTGRES_TYPES,
    execute: async (sql) => void (await client.query(sql)),
    query: async (sql) => (await client.query(sql)).rows as Record<string, unknown>[],
    beginExclusive: async () => {
      await client.query('begin')
      await client.query(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    },
  }
}
