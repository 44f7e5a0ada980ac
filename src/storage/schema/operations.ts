import type { Generated } from 'kysely'

import type { OperationState } from '../../operations/model.ts'

/** Work in the background. */
export interface OperationTable {
  no: Generated<number>
  id: string
  kind: string
  state: OperationState
  owner: string
  /** JSON of `NewOperation`. */
  record: string
  done: number
  total: number
  /** JSON, as are result and error. */
  checkpoint: string
  result: string
  error: string
  started_at: string | null
  finished_at: string | null
  attempts: number
  /** Who runs it; null for nobody. */
  runner: string | null
  /** Milliseconds since the epoch. */
  leased_until: number
}

/** What operations found. */
export interface OperationItemTable {
  operation_no: number
  no: number
  /** JSON. */
  item: string
}
