import { AppError } from '../../core/app-error.ts'

export type LoginErrorCode =
  | 'login_invalid'
  | 'login_unavailable'
  | 'login_state_invalid'
  | 'login_refused'
  | 'login_token_invalid'
  | 'login_provider_failed'
  | 'not_entitled'

/** What says something against who logs in, and stands in the log of refused logins. */
const REFUSALS = ['login_state_invalid', 'login_refused', 'login_token_invalid', 'not_entitled', 'identity_taken'] as const

export type PersonRefusal = (typeof REFUSALS)[number]

/** The reason of a refused login; undefined for a failure of the provider, which says nothing against anybody. */
export function refusalOf(code: string): PersonRefusal | undefined {
  return REFUSALS.find((refusal) => refusal === code)
}

/** True for what is found only when the provider had proved who it is: that is no guess. */
export function isGenuine(reason: PersonRefusal): boolean {
  return reason === 'not_entitled' || reason === 'identity_taken'
}

/** The login part of an issuer that can't be taken in as it stands. */
export function loginInvalid(field: string, message: string, remedy: string): AppError<LoginErrorCode> {
  return new AppError('login_invalid', message, { field: `body.login${field && `.${field}`}`, remedy })
}

/** The callback doesn't belong to a login that this browser began here a moment ago. */
export function stateInvalid(message: string): AppError<LoginErrorCode> {
  return new AppError('login_state_invalid', message, { remedy: 'Begin again at /auth/login, in one browser and within ten minutes.' })
}

/** @param cause why; logged, never shown */
export function providerFailed(message: string, cause?: unknown): AppError<LoginErrorCode> {
  const remedy = 'Try again; if it lasts, whoever runs this service finds the reason in its log, under the request id.'
  return new AppError('login_provider_failed', message, { remedy, cause })
}

/** A code that was used before, belongs to another login, or was guessed. */
export function codeRefused(): AppError<LoginErrorCode> {
  return new AppError('login_refused', 'The provider does not accept the code.', {
    remedy: 'Begin again at /auth/login; if it lasts, compare the redirect URI at the provider with that of this service.',
  })
}

export function idTokenInvalid(message: string, cause?: unknown): AppError<LoginErrorCode> {
  const remedy = 'Begin again at /auth/login; if it lasts, compare the configuration of the issuer with that of the provider.'
  return new AppError('login_token_invalid', message, { remedy, cause })
}

export function notEntitled(message: string, remedy: string): AppError<LoginErrorCode> {
  return new AppError('not_entitled', message, { remedy })
}
