import type { Kysely } from 'kysely'

import type { Database } from '../schema/database.ts'
import type { BulkTable, Cell } from './bulk-table.ts'

/** The right edge of the committed tree, as it is stored. */
export interface StoredTree {
  size: number
  frontier: Uint8Array
}

/** The one connection that writes, on either engine. Used by one batch at a time. */
export interface WriteEngine {
  /** Built queries, on the same connection and in the same transaction. */
  readonly kysely: Kysely<Database>
  /** Begins a batch and reads the tree; nobody else can append until it ends. */
  begin(): Promise<StoredTree>
  /** Returns once the batch is on disk. */
  commit(): Promise<void>
  /** Undoes the batch; never throws. */
  rollback(): Promise<void>
  savepoint(): Promise<void>
  releaseSavepoint(): Promise<void>
  rollbackToSavepoint(): Promise<void>
  /** One row of a query with `?` placeholders. */
  get(sql: string, parameters: readonly Cell[]): Promise<Record<string, unknown> | undefined>
  /** A statement with `?` placeholders. */
  run(sql: string, parameters: readonly Cell[]): Promise<void>
  insert(table: BulkTable, rows: readonly (readonly Cell[])[]): Promise<void>
  /** True for failures that lie outside of the statement: disk full, connection lost. The whole batch is lost, and may be tried again. */
  isUnavailable(error: unknown): boolean
  close(): Promise<void>
}
