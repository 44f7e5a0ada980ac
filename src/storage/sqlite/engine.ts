import type { SQLInputValue } from 'node:sqlite'

import type { BulkTable, Cell } from '../writer/bulk-table.ts'
import type { StoredTree, WriteEngine } from '../writer/engine.ts'
import { SqliteConnection } from './connection.ts'
import { isSqliteUnavailable } from './failure.ts'

/** The writing connection of an embedded database. */
export function openSqliteEngine(path: string): WriteEngine {
  const connection = new SqliteConnection(path, 'write')
  const { database } = connection
  const run = (sql: string, parameters: readonly Cell[] = []): void =>
    void connection.statement(sql).run(...(parameters as SQLInputValue[]))
  return {
    kysely: connection.kysely,
    begin: async () => {
      run('begin immediate')
      return readTree(connection)
    },
    commit: async () => run('commit'),
    rollback: async () => {
      try {
        // SQLite has rolled back by itself after some failures, such as a full disk.
        if (database.isTransaction) run('rollback')
      } catch {
        // The next `begin` tells whether the connection still works.
      }
    },
    savepoint: async () => run('savepoint operation'),
    releaseSavepoint: async () => run('release operation'),
    rollbackToSavepoint: async () => {
      run('rollback to operation')
      run('release operation')
    },
    get: async (sql, parameters) => connection.statement(sql).get(...(parameters as SQLInputValue[])),
    run: async (sql, parameters) => run(sql, parameters),
    insert: async (table, rows) => {
      const statement = connection.statement(insertSql(table))
      for (const row of rows) statement.run(...(row as SQLInputValue[]))
    },
    isUnavailable: isSqliteUnavailable,
    close: async () => {
      // No `pragma optimize`: statistics of a young table mislead the planner when it has grown, and our queries name their index.
      database.exec('pragma wal_checkpoint(truncate)')
      connection.close()
    },
  }
}

function readTree(connection: SqliteConnection): StoredTree {
  const row = connection.statement('select size, frontier from log_tree where id = 1').get()
  return row ? { size: Number(row['size']), frontier: row['frontier'] as Uint8Array } : { size: 0, frontier: new Uint8Array() }
}

const texts = new WeakMap<BulkTable, string>()

function insertSql(table: BulkTable): string {
  let text = texts.get(table)
  if (text === undefined) {
    const names = table.columns.map(([name]) => name)
    text = `insert into ${table.name} (${names.join(', ')}) values (${names.map(() => '?').join(', ')}) ${table.onConflict ?? ''}`
    texts.set(table, text)
  }
  return text
}
