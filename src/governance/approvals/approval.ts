import type { Participant } from '../changes/change.ts'

/** What an approval is for. Letter case of stage and environment doesn't count; an approval for no repository is for any. */
export interface ApprovalPlace {
  /** Identity of the subject: another digest is another subject. */
  subject: string
  stage: string
  environment: string
  repository: string | null
}

/** `requested`: somebody asks people to approve. `approved`: it holds, or was answered if it is a request. */
export const APPROVAL_STATES = ['requested', 'approved', 'revoked', 'expired'] as const
export type ApprovalState = (typeof APPROVAL_STATES)[number]

/** One person's word that a subject may pass somewhere, or the request for it. */
export interface Approval extends ApprovalPlace {
  id: string
  kind: 'approval' | 'request'
  state: ApprovalState
  /** Who gave or requested it, as they were then. */
  by: ApprovalParty
  /** RFC 3339. */
  at: string
  /** RFC 3339: from then on it doesn't count. */
  expiresAt: string
  comment: string | null
  /** Id of the request that it answers. */
  request: string | null
  revokedBy: ApprovalParty | null
  revokedAt: string | null
  /** Why it was revoked. */
  reason: string | null
}

/** Who had a hand in an approval; `person` is null for a workload, which can only request one. */
export interface ApprovalParty extends Omit<Participant, 'person'> {
  person: Participant['person'] | null
}

/** An approval with its approver as they are now. */
export interface HeldApproval {
  approval: Approval
  holder: { name: string; isPerson: boolean; groups: readonly string[] }
}

/** The state at a time. @param now milliseconds since the epoch */
export function approvalStateAt({ state, expiresAt }: Pick<Approval, 'state' | 'expiresAt'>, now: number): ApprovalState {
  // A time that can't be read counts as past.
  return state !== 'revoked' && !(Date.parse(expiresAt) > now) ? 'expired' : state
}

/** Stage and environment as they are looked up: the caller chooses their spelling. */
export function placeKey({ stage, environment }: Pick<ApprovalPlace, 'stage' | 'environment'>): string {
  return `${stage.toLowerCase()} ${environment.toLowerCase()}`
}
