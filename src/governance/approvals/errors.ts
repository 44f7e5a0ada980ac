import { AppError } from '../../core/app-error.ts'
import type { Scope } from '../../core/principal.ts'
import type { Approval } from './approval.ts'

export type ApprovalErrorCode =
  'approval_text_invalid' | 'approval_time_invalid' | 'approval_ended' | 'approval_unreachable' | 'approvals_too_many'

/** @param what is to be done, as the sentence begins after "To" */
export function scopeMissing(scope: Scope, what: string): AppError<'scope_missing'> {
  return new AppError('scope_missing', `To ${what} needs the scope ${scope}, which the token does not have.`, {
    field: 'header.Authorization',
    remedy:
      scope === 'approvals:approve'
        ? 'Let a person approve whose token has it (role approver); a pipeline asks for it with "action": "request".'
        : `Use a token that has ${scope}, such as one with the role pipeline.`,
  })
}

export function textInvalid(field: 'comment' | 'reason', most: number): AppError<ApprovalErrorCode> {
  return new AppError('approval_text_invalid', `The ${field} is empty, too long or has control characters.`, {
    field: `body.${field}`,
    remedy: `Write 1 to ${most} characters on one line.`,
  })
}

export function timeInvalid(days: number): AppError<ApprovalErrorCode> {
  return new AppError('approval_time_invalid', `The time is not RFC 3339, has passed, or is more than ${days} days ahead.`, {
    field: 'body.expiresAt',
    remedy: 'Write it like 2026-11-21T09:30:00Z, or leave it out.',
  })
}

/** What was revoked, expired or answered takes no answer any more. */
export function ended({ state, kind }: Pick<Approval, 'state' | 'kind'>): AppError<ApprovalErrorCode> {
  return kind === 'approval'
    ? new AppError('approval_ended', `This ${kind} is ${state}, and only a request can be answered.`, {
        remedy: 'Approve the subject itself: POST /v1/approvals.',
      })
    : new AppError('approval_ended', `The request is ${state}.`, { remedy: 'Approve the subject itself: POST /v1/approvals.' })
}

/** Whoever requests without end would bury what others have to read. */
export function tooManyRequests(most: number): AppError<ApprovalErrorCode> {
  return new AppError('approvals_too_many', `${most} requests of this principal are open already.`, {
    remedy: 'Let people answer or revoke some of them first: GET /v1/approvals?state=requested',
  })
}
