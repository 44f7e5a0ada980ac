import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

import type { Database } from '../schema/database.ts'
import type { BulkTable, Cell } from '../writer/bulk-table.ts'
import type { WriteEngine } from '../writer/engine.ts'
import { clientConfig, numberPlaceholders } from './client-config.ts'
import { isPostgresUnavailable } from './failure.ts'

/** The writing connection to PostgreSQL; it connects when a batch begins, and again after it was lost. */
export function openPostgresEngine(url: string): WriteEngine {
  const link = new WritingLink(url)
  const query = (sql: string): Promise<pg.QueryResult> => link.query(sql)
  return {
    kysely: link.kysely,
    begin: async () => {
      await link.connect()
      await query('begin')
      // One row that every replica's writer locks: batches follow one another, so that nobody can fork the tree.
      const { rows } = await query('select size, frontier from log_tree where id = 1 for update')
      const tree = rows[0] as { size: number; frontier: Uint8Array }
      return { size: tree.size, frontier: tree.frontier }
    },
    commit: async () => {
      const { command } = await query('commit')
      // The server answers a COMMIT of a failed transaction with ROLLBACK, without an error.
      if (command !== 'COMMIT') throw new Error('the transaction was rolled back')
    },
    rollback: () => link.rollback(),
    savepoint: async () => void (await query('savepoint operation')),
    releaseSavepoint: async () => void (await query('release savepoint operation')),
    rollbackToSavepoint: async () => void (await query('rollback to savepoint operation; release savepoint operation')),
    get: async (sql, parameters) => (await link.prepared(sql, parameters)).rows[0] as Record<string, unknown> | undefined,
    run: async (sql, parameters) => void (await link.prepared(sql, parameters)),
    insert: async (table, rows) => void (await link.query(insertQuery(table, rows))),
    isUnavailable: isPostgresUnavailable,
    close: () => link.close(),
  }
}

/** One connection under Kysely and raw queries alike. */
class WritingLink {
  readonly kysely: Kysely<Database>
  readonly #url: string
  #client: pg.Client | undefined
  readonly #names = new Map<string, string>()

  constructor(url: string) {
    this.#url = url
    const query = (text: string, values: unknown[]): Promise<pg.QueryResult> => this.query({ text, values })
    const connect = async () => ({ query, release: () => undefined })
    this.kysely = new Kysely<Database>({
      // Our transactions are begun and ended by the batch; Kysely only borrows the connection.
      dialect: new PostgresDialect({ pool: { connect, end: async () => undefined, options: {} } as never }),
    })
  }

  async connect(): Promise<void> {
    if (this.#client) return
    const client = new pg.Client({
      ...clientConfig(this.#url),
      application_name: 'portcullis writer',
      // A replica that hangs in the middle of a batch must not hold the tree for ever.
      idle_in_transaction_session_timeout: 30_000,
      // Before we give up ourselves, so that the connection stays usable.
      statement_timeout: 50_000,
    })
    // Without a listener a lost connection would end the process; the next query reports it.
    client.on('error', () => this.#forget(client))
    client.on('end', () => this.#forget(client))
    await client.connect()
    this.#client = client
  }

  async query(query: string | pg.QueryConfig): Promise<pg.QueryResult> {
    const client = this.#client
    if (!client) throw new Error('the connection to PostgreSQL was terminated')
    try {
      return await client.query(query)
    } catch (error) {
      // It still works on that query: another one, even ROLLBACK, would queue behind it.
      if (error instanceof Error && error.message === 'Query read timeout') this.#drop(client)
      throw error
    }
  }

  prepared(sql: string, parameters: readonly Cell[]): Promise<pg.QueryResult> {
    let name = this.#names.get(sql)
    if (name === undefined) {
      name = `statement_${this.#names.size}`
      this.#names.set(sql, name)
    }
    return this.query({ name, text: numberPlaceholders(sql), values: parameters.map(storableCell) })
  }

  /** A connection on which even ROLLBACK fails is dropped. */
  async rollback(): Promise<void> {
    const client = this.#client
    if (!client) return
    try {
      await client.query('rollback')
    } catch {
      this.#drop(client)
    }
  }

  async close(): Promise<void> {
    await this.#client?.end()
  }

  #drop(client: pg.Client): void {
    this.#forget(client)
    void client.end().catch(() => undefined)
  }

  #forget(client: pg.Client): void {
    if (this.#client === client) this.#client = undefined
  }
}

/** All rows in one statement: one array a column. */
function insertQuery(table: BulkTable, rows: readonly (readonly Cell[])[]): pg.QueryConfig {
  const names = table.columns.map(([name]) => name).join(', ')
  const arrays = table.columns.map(([, type], at) => `$${at + 1}::${type}[]`).join(', ')
  return {
    name: `insert_${table.name}`,
    text: `insert into ${table.name} (${names}) select * from unnest(${arrays}) ${table.onConflict ?? ''}`,
    values: table.columns.map((_, at) => rows.map((row) => storableCell(row[at] ?? null))),
  }
}

/** PostgreSQL keeps no NUL in text; attacker-controlled text may hold one. */
function storableCell(cell: Cell): Cell {
  if (typeof cell === 'string') return cell.includes('\0') ? cell.replaceAll('\0', '\uFFFD') : cell
  return cell instanceof Uint8Array && !Buffer.isBuffer(cell) ? Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength) : cell
}
