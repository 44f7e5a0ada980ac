import type { Generated } from 'kysely'

/** What passes nowhere. */
export interface BlockTable {
  /** Grows with every block: what was judged by an earlier one didn't know of it. */
  no: Generated<number>
  id: string
  subject: string
  /** RFC 3339 UTC. */
  expires_at: string | null
  lifted_at: string | null
  lifted_by: string | null
  /** JSON, as it was placed. */
  record: string
}
