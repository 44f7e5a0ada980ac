import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

import { storageUnavailable } from '../errors.ts'
import type { ReadSession, Row } from '../readers/session.ts'
import type { Database } from '../schema/database.ts'
import { clientConfig, numberPlaceholders } from './client-config.ts'
import { isPostgresUnavailable } from './failure.ts'

const CONNECTIONS = 8

// Every list walks one index and stops after a page. Where statistics are missing or old the planner would rather gather and
// sort everything, or join whole tables: hundreds of milliseconds in place of one.
const PLANNING = ['jit', 'enable_seqscan', 'enable_bitmapscan', 'enable_hashjoin', 'enable_mergejoin']
  .map((setting) => `set ${setting} = off`)
  .join('; ')

/** Its types don't say so, but the pool waits for the promise. */
const prepareConnection = (async (client: pg.ClientBase) => void (await client.query(PLANNING))) as (client: pg.ClientBase) => void

/** Reads PostgreSQL over a small pool. */
export function openPostgresReadSession(url: string): ReadSession & { pool: pg.Pool } {
  const pool = new pg.Pool({
    ...clientConfig(url),
    max: CONNECTIONS,
    idleTimeoutMillis: 60_000,
    // Before the connection is handed out; if it fails, so does whoever waits for it.
    onConnect: prepareConnection,
  })
  // An idle connection that is lost says so here; the next query opens another one.
  pool.on('error', () => undefined)
  const texts = new Map<string, string>()
  const numbered = (sql: string): string => {
    const text = texts.get(sql) ?? numberPlaceholders(sql)
    if (texts.size < 1000) texts.set(sql, text)
    return text
  }
  return {
    engine: 'postgres',
    pool,
    kysely: new Kysely<Database>({ dialect: new PostgresDialect({ pool }) }),
    all: async (sql, parameters = []) => {
      try {
        return (await pool.query(numbered(sql), [...parameters])).rows as Row[]
      } catch (error) {
        throw isPostgresUnavailable(error) ? storageUnavailable(error) : error
      }
    },
    oneOf: (column) => `${column} = any(?)`,
    unindexed: (column) => column,
    each: (alias, type) => `unnest(?::${type === 'text' ? 'text' : 'bigint'}[]) as ${alias}(value)`,
    close: () => pool.end(),
  }
}
