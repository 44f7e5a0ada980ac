import type { Generated } from 'kysely'

/** Named records that are replaced as a whole: bindings, projects, teams, issuers, windows, freezes. */
export interface RevisedTable {
  name: string
  revision: number
  /** JSON, with the revision. */
  record: string
}

/** Every state that such a record ever had; `record` is null where it was removed. */
export interface RevisionTable {
  no: Generated<number>
  name: string
  revision: number
  record: string | null
  at: string
}
