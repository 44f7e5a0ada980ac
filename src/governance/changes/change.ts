import type { JsonValue } from '../../core/log-entry.ts'
import type { Access } from '../../core/principal.ts'

/** `expired`: nobody decided in time. `outdated`: what it was to change was changed otherwise in the meantime. */
export const CHANGE_STATES = ['pending', 'approved', 'rejected', 'withdrawn', 'expired', 'outdated'] as const

export type ChangeState = (typeof CHANGE_STATES)[number]

/** Who had a hand in a change, with everybody through whose hands their credential went. */
export interface Participant {
  id: string
  name: string
  /** Ids of the principal and of all who could have sent what was sent (see `ownersOf`). */
  owners: readonly string[]
  person: NonNullable<Access['person']>
}

/** A change that waits, or waited, for a second person. */
export interface Change {
  id: string
  /** What is done, such as `issuer.put`. */
  kind: string
  /** What it is done to, such as `issuers/github`. */
  target: string
  /** One plain sentence. */
  summary: string
  /** What of the target becomes different, as it is; null if there is none yet. */
  before: JsonValue
  /** The same as it would be; null if it is to be removed. */
  after: JsonValue
  /** Revision of the target that the change was made for. */
  baseRevision: number
  proposedBy: Participant
  /** RFC 3339. */
  proposedAt: string
  /** RFC 3339. */
  expiresAt: string
  state: ChangeState
  decidedBy: Participant | null
  decidedAt: string | null
  comment: string | null
}

/** A change with what was asked for, by which it is checked and carried out. */
export interface StoredChange extends Change {
  payload: JsonValue
}

/** The record that the log entries about a change speak for: `body.digest` is `canonicalDigest` of it. */
export function changeRecord({ payload, ...change }: StoredChange): object {
  return { ...change, payload }
}

/** A pending change of which the time has run out is expired. @param now milliseconds since the epoch */
export function stateAt({ state, expiresAt }: Pick<Change, 'state' | 'expiresAt'>, now: number): ChangeState {
  // A time that can't be read counts as past.
  return state === 'pending' && !(Date.parse(expiresAt) > now) ? 'expired' : state
}
