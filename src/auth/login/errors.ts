import { AppError } from '../../core/app-error.ts'

export type LoginErrorCode = 'login_invalid'

/** The login part of an issuer that can't be taken in as it stands. */
export function loginInvalid(field: string, message: string, remedy: string): AppError<LoginErrorCode> {
  return new AppError('login_invalid', message, { field: `body.login${field && `.${field}`}`, remedy })
}
