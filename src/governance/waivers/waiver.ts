import type { Participant } from '../changes/change.ts'

/** `expired`: its time has run out, approved or not. */
export const WAIVER_STATES = ['requested', 'approved', 'rejected', 'revoked', 'expired'] as const

export type WaiverState = (typeof WAIVER_STATES)[number]

/** What a waiver is about. What isn't said is null and does not limit; everything that is said must fit. */
export interface WaiverScope {
  /** Exactly `violations[].rule`. */
  rule: string
  /** Id or alias of the finding, in the letter case that reports give it. */
  vulnerability: string | null
  /** Package URL: without a version all versions, with `?vers=` those of a range. */
  purl: string | null
  /** Identity of the subject. */
  subject: string | null
  /** Glob. */
  repository: string | null
  environment: string | null
  stage: string | null
}

/** One approver's word. */
export interface WaiverApproval {
  by: Participant
  /** RFC 3339 UTC. */
  at: string
  comment: string | null
}

/** How a waiver ended before its time. */
export interface WaiverEnd {
  by: Actor
  /** RFC 3339 UTC. */
  at: string
  reason: string
}

/** Who did something that takes no person: `person` is null for a workload. */
export type Actor = Omit<Participant, 'person'> & { person: Participant['person'] | null }

/** An exception from a rule, for a while, by the word of somebody other than who wants it. */
export interface Waiver {
  id: string
  scope: WaiverScope
  reason: string
  /** RFC 3339 UTC. */
  expiresAt: string
  state: WaiverState
  requestedBy: Actor
  /** RFC 3339 UTC. */
  requestedAt: string
  /** How many different people have to approve it. */
  approvalsNeeded: number
  approvals: readonly WaiverApproval[]
  /** RFC 3339 UTC: the last approval that was needed; it counts from then on. */
  approvedAt: string | null
  rejected: WaiverEnd | null
  revoked: WaiverEnd | null
}

/** The record that the log entries about a waiver speak for: `body.digest` is `canonicalDigest` of it. */
export function waiverRecord(waiver: Waiver): object {
  return waiver
}

/** A waiver of which the time has run out is expired, unless it ended otherwise. @param now milliseconds since the epoch */
export function stateAt({ state, expiresAt }: Pick<Waiver, 'state' | 'expiresAt'>, now: number): WaiverState {
  // A time that can't be read counts as past.
  return (state === 'requested' || state === 'approved') && !(Date.parse(expiresAt) > now) ? 'expired' : state
}
