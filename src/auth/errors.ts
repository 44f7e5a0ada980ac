import { AppError } from '../core/app-error.ts'

export type AuthErrorCode =
  | 'unauthenticated'
  | 'too_many_failed_logins'
  | 'token_damaged'
  | 'scope_missing'
  | 'outside_confinement'
  | 'token_invalid'
  | 'token_outlives'
  | 'token_superseded'
  | 'token_ended'
  | 'token_not_replaceable'
  | 'principal_invalid'
  | 'principal_unknown'
  | 'principal_foreign'
  | 'identity_taken'
  | 'identities_too_many'

/** A request for a token that can't be granted as it stands. */
export function tokenInvalid(field: string, message: string, remedy: string): AppError<AuthErrorCode> {
  return new AppError('token_invalid', message, { field: `body.${field}`, remedy })
}
