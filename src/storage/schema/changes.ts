import type { Generated } from 'kysely'

import type { ChangeState } from '../../governance/changes/change.ts'

/** How often what changes can be proposed for was changed. */
export interface TargetRevisionTable {
  target: string
  revision: number
}

/** Changes that wait, or waited, for a second person. */
export interface ChangeTable {
  no: Generated<number>
  id: string
  kind: string
  target: string
  /** As it was written; one whose time has run out stays `pending` here. */
  state: ChangeState
  proposed_by: string
  /** RFC 3339 UTC. */
  expires_at: string
  /** JSON; the column says the state. */
  record: string
}
