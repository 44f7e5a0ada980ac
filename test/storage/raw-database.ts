import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import pg from 'pg'

import type { Place } from '../support/storage.ts'

/** Runs one statement with the database in hand. @returns the rows that it changed */
export async function execute({ dataDir, databaseUrl }: Place, sql: string): Promise<number> {
  if (databaseUrl !== undefined) return (await onPostgres(databaseUrl, sql)).rowCount ?? 0
  using database = new DatabaseSync(join(dataDir, 'portcullis.db'))
  return Number(database.prepare(sql).run().changes)
}

/** The number of rows of a table. */
export async function count({ dataDir, databaseUrl }: Place, table: string): Promise<number> {
  const sql = `select count(*) as n from ${table}`
  if (databaseUrl !== undefined) return Number(((await onPostgres(databaseUrl, sql)).rows as { n: unknown }[])[0]?.n)
  using database = new DatabaseSync(join(dataDir, 'portcullis.db'))
  return Number(database.prepare(sql).get()?.['n'])
}

async function onPostgres(connectionString: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await client.query(sql)
  } finally {
    await client.end()
  }
}
