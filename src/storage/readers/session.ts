import type { Kysely } from 'kysely'

import type { Database } from '../schema/database.ts'

export type Row = Record<string, unknown>
export type Parameter = string | number | null | readonly string[] | readonly number[]

/** Reads the committed state, on either engine. */
export interface ReadSession {
  readonly engine: 'sqlite' | 'postgres'
  readonly kysely: Kysely<Database>
  /** Rows of a statement with `?` placeholders; a list parameter stands where `oneOf` put its placeholder. */
  all(sql: string, parameters?: readonly Parameter[]): Promise<Row[]>
  /** SQL for "column is one of the list parameter". */
  oneOf(column: string): string
  /** The column in a condition that may not choose the index: SQLite would walk another one than the chosen. */
  unindexed(column: string): string
  /** A table of one column `value` for FROM: the items of the list parameter that stands in its place. */
  each(alias: string, type: 'text' | 'integer'): string
  close(): Promise<void>
}
