import type { Generated } from 'kysely'

/** Approvals and requests for them. */
export interface ApprovalTable {
  no: Generated<number>
  id: string
  kind: 'approval' | 'request'
  subject: string
  /** Stage and environment in lower case (see `placeKey`). */
  place: string
  stage: string
  environment: string
  /** `''` for any. */
  repository: string
  /** As it was written; one whose time has run out keeps it. */
  state: 'requested' | 'approved' | 'revoked'
  /** Id of a principal. */
  given_by: string
  /** RFC 3339 UTC. */
  expires_at: string
  /** JSON; the column says the state. */
  record: string
}

/** Since when approvals are waited for; gone once a verdict had enough. */
export interface ApprovalWaitTable {
  subject: string
  place: string
  /** `''` for none. */
  repository: string
  /** RFC 3339 UTC. */
  since: string
}
