import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

import { Kysely, SqliteDialect } from 'kysely'

import type { Database } from '../schema/database.ts'

export type Row = Record<string, unknown>

const STATEMENT_CACHE_LIMIT = 300

/** A SQLite connection that keeps its prepared statements, for raw SQL and, as `kysely`, for built queries. */
export class SqliteConnection {
  readonly database: DatabaseSync
  readonly kysely: Kysely<Database>
  readonly #statements = new Map<string, StatementSync>()

  constructor(path: string, mode: 'write' | 'read') {
    this.database = new DatabaseSync(path, { timeout: 5000, readOnly: mode === 'read', enableForeignKeyConstraints: true })
    this.database.exec(mode === 'read' ? READ_PRAGMAS : WRITE_PRAGMAS)
    this.kysely = new Kysely<Database>({ dialect: new SqliteDialect({ database: this.#forKysely() }) })
  }

  /** The prepared statement for this text; the least recently prepared one gives way. */
  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.database.prepare(sql)
      if (this.#statements.size >= STATEMENT_CACHE_LIMIT) this.#forgetOldest()
      this.#statements.set(sql, statement)
    }
    return statement
  }

  all(sql: string, parameters: readonly SQLInputValue[] = []): Row[] {
    return this.statement(sql).all(...parameters)
  }

  close(): void {
    if (this.database.isOpen) this.database.close()
  }

  #forgetOldest(): void {
    const [oldest] = this.#statements.keys()
    if (oldest !== undefined) this.#statements.delete(oldest)
  }

  #forKysely(): ConstructorParameters<typeof SqliteDialect>[0]['database'] {
    return {
      close: () => this.close(),
      prepare: (sql) => {
        const statement = this.statement(sql)
        const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[]
        return {
          reader: statement.columns().length > 0,
          all: (parameters) => statement.all(...values(parameters)),
          run: (parameters) => statement.run(...values(parameters)),
          iterate: (parameters) => statement.iterate(...values(parameters)),
        }
      },
    }
  }
}

// `synchronous = full` syncs the write-ahead log before a commit returns: what survives a power cut.
const WRITE_PRAGMAS = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma wal_autocheckpoint = 2000;
  pragma journal_size_limit = 67108864;
  pragma cache_size = -32000;
  pragma temp_store = memory;
`

const READ_PRAGMAS = `
  pragma query_only = on;
  pragma cache_size = -16000;
  pragma temp_store = memory;
`
