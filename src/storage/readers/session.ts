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
  close(): Promise<void>
}
