import { AppError } from '../../core/app-error.ts'
import type { WaiverState } from './waiver.ts'

export type WaiverErrorCode =
  | 'foreign_waiver'
  | 'outside_confinement'
  | 'own_waiver'
  | 'rule_not_waivable'
  | 'waiver_approver_not_proven'
  | 'waiver_decided'
  | 'waiver_expired'
  | 'waiver_expiry_invalid'
  | 'waiver_not_approved'
  | 'waiver_requester_disabled'
  | 'waiver_scope_invalid'
  | 'waiver_scope_missing'
  | 'waiver_text_invalid'
  | 'waiver_version_range'
  | 'waiver_voted'
  | 'waivers_too_many'

export function ownWaiver(whose: 'requester' | 'approver'): AppError<WaiverErrorCode> {
  const what =
    whose === 'requester'
      ? 'A waiver can’t be approved by whoever requested it, nor where one of you, or a third, made or issued the other’s token.'
      : 'You are not independent of somebody who approved it before: one of you, or a third, made or issued the other’s token.'
  return new AppError('own_waiver', what, {
    field: 'header.Authorization',
    remedy:
      'Let somebody approve it who logged in, or whose token went through other hands: see requestedBy.owners and approvals[].by.owners.',
  })
}

export function foreignWaiver(requester: string): AppError<WaiverErrorCode> {
  return new AppError('foreign_waiver', `Only ${requester}, who requested the waiver, can withdraw it.`, {
    field: 'header.Authorization',
    remedy: 'Somebody with the scope waivers:approve can reject it: POST /v1/waivers/ID/reject.',
  })
}

export function approverNotProven(): AppError<WaiverErrorCode> {
  return new AppError('waiver_approver_not_proven', 'People log in here, so that only who logged in can approve a waiver.', {
    field: 'header.Authorization',
    remedy: 'Log in, or use a personal token that you made while logged in.',
  })
}

/** @param state neither requested nor expired */
export function waiverDecided(state: WaiverState): AppError<WaiverErrorCode> {
  return new AppError('waiver_decided', `The waiver was ${state} already.`, { remedy: 'Read it: GET /v1/waivers/ID.' })
}

export function waiverExpired(): AppError<WaiverErrorCode> {
  return new AppError('waiver_expired', 'The time of the waiver has run out.', { remedy: 'Request a new one if it is still needed.' })
}

export function waiverNotApproved(): AppError<WaiverErrorCode> {
  return new AppError('waiver_not_approved', 'The waiver isn’t approved, so there is nothing to revoke.', { remedy: 'Reject it instead.' })
}

export function waiverVoted(): AppError<WaiverErrorCode> {
  return new AppError('waiver_voted', 'You approved this waiver already; each approver has one vote.', {
    remedy: 'Let somebody else approve it too: see approvalsNeeded.',
  })
}

export function requesterDisabled(): AppError<WaiverErrorCode> {
  return new AppError('waiver_requester_disabled', 'Whoever requested this is disabled, so that it can’t be approved.', {
    remedy: 'Reject it, and let somebody else request it if it is needed.',
  })
}

/** Whoever requests without end would bury what others have to read. */
export function tooManyWaivers(most: number): AppError<WaiverErrorCode> {
  return new AppError('waivers_too_many', `You have ${most} waivers that wait already.`, {
    remedy: 'Let somebody decide about them first: GET /v1/waivers?state=requested',
  })
}

export function outsideConfinement(field: string, what: string, allowed: readonly string[]): AppError<WaiverErrorCode> {
  return new AppError('outside_confinement', `This token may not speak about ${what}.`, {
    field,
    remedy: `It is confined to: ${allowed.slice(0, 10).join(', ')}.`,
  })
}

export function scopeInvalid(field: keyof Scope, what: string, remedy: string): AppError<WaiverErrorCode> {
  return new AppError('waiver_scope_invalid', `The ${field} of the scope ${what}.`, { field: `body.scope.${field}`, remedy })
}

type Scope = Record<'rule' | 'vulnerability' | 'purl' | 'subject' | 'repository' | 'environment' | 'stage', unknown>
