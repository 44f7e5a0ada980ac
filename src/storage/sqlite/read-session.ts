import type { SQLInputValue } from 'node:sqlite'

import type { Parameter, ReadSession } from '../readers/session.ts'
import { SqliteConnection } from './connection.ts'

/** Reads an embedded database on the calling thread: a lookup costs microseconds, less than a message to a worker. */
export function openSqliteReadSession(path: string): ReadSession {
  const connection = new SqliteConnection(path, 'read')
  return {
    engine: 'sqlite',
    kysely: connection.kysely,
    all: async (sql, parameters = []) => connection.all(sql, parameters.map(plain)),
    oneOf: (column) => `${column} in (select value from json_each(?))`,
    unindexed: (column) => `+${column}`,
    each: (alias) => `json_each(?) as ${alias}`,
    close: async () => connection.close(),
  }
}

function plain(parameter: Parameter): SQLInputValue {
  return Array.isArray(parameter) ? JSON.stringify(parameter) : (parameter as SQLInputValue)
}
