import { timingSafeEqual } from 'node:crypto'

import { AppError } from '../../core/app-error.ts'
import { stateInvalid, type LoginErrorCode } from './errors.ts'
import type { LoginState } from './login-state.ts'
import type { LoginProvider } from './ports.ts'
import type { ProviderMetadata } from './provider-metadata.ts'

/** What a browser brings back from a provider, or from an attacker: none of it is checked. */
export interface CallbackAnswer {
  state?: string | undefined
  code?: string | undefined
  error?: string | undefined
  /** Who answers, by its own word (RFC 9207). */
  iss?: string | undefined
}

/**
 * Holds an answer against the login that the browser began: that login's `state`, at the address of its provider.
 * @param name of the issuer whose callback address was used
 * @throws {AppError} `login_state_invalid`
 */
export function matchState(name: string, answer: CallbackAnswer, state: LoginState | undefined): LoginState {
  if (!state) throw stateInvalid('This browser began no login here, or too long ago.')
  // Each provider has an address of its own, so that none can pass on the code of another (RFC 9700, section 4.4.2).
  if (state.provider !== name) throw stateInvalid('The answer comes from another provider than the one that was asked.')
  if (!isSame(answer.state ?? '', state.state)) throw stateInvalid('The answer belongs to another login.')
  return state
}

/**
 * The code of an answer that is the provider's.
 * @throws {AppError} `login_state_invalid`, or `login_refused` by the provider
 */
export function codeOf({ iss, error, code }: CallbackAnswer, { issuer }: LoginProvider, { statesIssuer }: ProviderMetadata): string {
  if (iss === undefined ? statesIssuer : iss !== issuer) throw stateInvalid('The answer is not from the provider that was asked.')
  if (error !== undefined) throw refusedByProvider(error)
  if (code !== undefined && code !== '') return code
  throw stateInvalid('The answer holds no code.')
}

/** The codes are few words (RFC 6749, section 4.1.2.1; OpenID Connect Core 1.0, section 3.1.2.6); anybody can put another text there. */
function refusedByProvider(error: string): AppError<LoginErrorCode> {
  const word = /^[a-z_]{1,40}$/.test(error) ? ` (${error})` : ''
  return new AppError('login_refused', `The provider did not log you in${word}.`, {
    remedy: 'Begin again at /auth/login; if it lasts, ask whoever runs the provider.',
  })
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
