import type { Generated } from 'kysely'

export interface BindingTable {
  name: string
  revision: number
  /** JSON of the binding. */
  record: string
}

/** Every state that a binding ever had; `record` is null where it was deleted. */
export interface BindingRevisionTable {
  no: Generated<number>
  name: string
  revision: number
  record: string | null
  at: string
}
