import { AppError } from '../../core/app-error.ts'
import type { ChangeState } from './change.ts'

export type ChangeErrorCode =
  | 'second_person_required'
  | 'own_change'
  | 'change_outdated'
  | 'change_decided'
  | 'change_expired'
  | 'change_proposer_disabled'
  | 'change_text_invalid'
  | 'changes_too_many'

/** Who counts as a person where people log in. */
export function loginRequired(): AppError<ChangeErrorCode> {
  return new AppError(
    'second_person_required',
    'People log in here, so that only who logged in can propose, approve or reject a change that needs a second person.',
    { field: 'header.Authorization', remedy: 'Log in, or use a personal token that you made while logged in.' },
  )
}

/** A change that needs a second person begins with a first one. */
export function proposerNotPerson(): AppError<ChangeErrorCode> {
  return new AppError('second_person_required', 'This change needs a second person, so that a person has to propose it, not a workload.', {
    field: 'header.Authorization',
    remedy: 'Use a token of a principal of kind human.',
  })
}

export function ownChange(): AppError<ChangeErrorCode> {
  return new AppError(
    'own_change',
    'A change can’t be approved by whoever proposed it, nor where one of you, or a third, made or issued the other’s token.',
    {
      field: 'header.Authorization',
      remedy:
        'Let somebody approve it who logged in, or whose token was made by none of those who made the proposer’s: see proposedBy.owners, and issuerIds of the token.',
    },
  )
}

export function outdated(): AppError<ChangeErrorCode> {
  return new AppError('change_outdated', 'What this was to change has been changed in the meantime.', {
    remedy: 'Look at it as it is now, and propose the change anew if it is still wanted.',
  })
}

/** Whoever proposes without end would bury what others have to read. */
export function tooManyWaiting(most: number): AppError<ChangeErrorCode> {
  return new AppError('changes_too_many', `${most} changes wait for a second person already.`, {
    remedy: 'Decide about some of them first: GET /v1/changes?state=pending',
  })
}

/** @param state neither pending nor expired nor outdated */
export function decided(state: ChangeState): AppError<ChangeErrorCode> {
  return new AppError('change_decided', `The change was ${state} already.`, { remedy: 'Read it: GET /v1/changes/ID.' })
}

export function expired(): AppError<ChangeErrorCode> {
  return new AppError('change_expired', 'The change has expired: nobody decided in time.', { remedy: 'Propose it anew.' })
}

export function proposerDisabled(): AppError<ChangeErrorCode> {
  return new AppError('change_proposer_disabled', 'Whoever proposed this is disabled, so that it can’t be approved.', {
    remedy: 'Reject it, and propose it yourself if it is wanted.',
  })
}
