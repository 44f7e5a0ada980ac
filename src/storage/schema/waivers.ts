import type { Generated } from 'kysely'

import type { WaiverState } from '../../governance/waivers/waiver.ts'

/** What waivers are searched by; all of it stands in the record too. */
export interface WaiverTable {
  no: Generated<number>
  id: string
  /** As it was written; one whose time has run out stays as it was. */
  state: Exclude<WaiverState, 'expired'>
  rule: string
  vulnerability: string | null
  subject: string | null
  repository: string | null
  environment: string | null
  stage: string | null
  requested_by: string
  /** SHA-256 over who asks for what, why and until when. */
  request_digest: string
  /** This and the following times: RFC 3339 UTC with milliseconds, so that they compare as text. */
  expires_at: string
  approved_at: string | null
  revoked_at: string | null
  /** JSON of the waiver. */
  record: string
}
