import type { Access, Principal } from '../core/principal.ts'
import { formatInstant, parseInstant } from '../core/time.ts'
import { requireEndWithin } from './authorize.ts'
import { tokenInvalid } from './errors.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/**
 * True for what a person makes for itself in a login, or with what it made there: such a token proves the person as the login does, and is
 * worth no more than the login at each use.
 */
export function isPersonal(access: Access, principal: Principal): boolean {
  return access.person === 'proven' && principal.kind === 'human' && principal.id === access.principal.id
}

/**
 * When a personal token ends: it may outlast the session that it is made in, though not a personal token.
 * @param wished RFC 3339; null for as long as may be
 * @param now milliseconds since the epoch
 * @param maxDays the longest life of a personal token
 * @throws {AppError} `token_invalid` or `token_outlives`
 */
export function personalEnd(access: Access, wished: string | null, now: number, maxDays: number): string {
  const latest = now + maxDays * DAY_MS
  const maker = access.credential.kind === 'session' ? null : access.expiresAt
  if (wished === null) return formatInstant(Math.min(latest, maker ?? latest))
  const at = parseInstant(wished)
  if (at === undefined || at <= now || at > latest) {
    const message = `The personal token would expire in the past, or after more than ${maxDays} days.`
    throw tokenInvalid('expiresAt', message, 'Choose an earlier RFC 3339 time, or leave it out for the longest.')
  }
  const end = formatInstant(at)
  if (maker !== null) requireEndWithin(access, end)
  return end
}
