import { AppError } from '../core/app-error.ts'

export type AuthErrorCode =
  | 'unauthenticated'
  | 'scope_missing'
  | 'outside_confinement'
  | 'token_invalid'
  | 'principal_invalid'
  | 'principal_unknown'
  | 'principal_foreign'

/** A request for a token that can't be granted as it stands. */
export function tokenInvalid(field: string, message: string, remedy: string): AppError<AuthErrorCode> {
  return new AppError('token_invalid', message, { field: `body.${field}`, remedy })
}

/** Text that a person wrote, of so many characters at most: not empty, well-formed Unicode (a lone surrogate has no canonical form), without control characters. */
export function isFreeText(text: string, maxLength: number): boolean {
  return text.trim() !== '' && [...text].length <= maxLength && text.isWellFormed() && !/\p{Cc}/u.test(text)
}
