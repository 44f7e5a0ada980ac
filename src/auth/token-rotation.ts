import { AppError } from '../core/app-error.ts'
import { durationOrNoneMs } from '../core/duration.ts'
import { newId } from '../core/id.ts'
import { ownersOf, type Access, type Principal } from '../core/principal.ts'
import { formatInstant } from '../core/time.ts'
import { requireEndWithin, requireMayActFor, requireRightsWithin } from './authorize.ts'
import { tokenInvalid, type AuthErrorCode } from './errors.ts'
import { personAfter } from './person-of.ts'
import type { TokenRecord } from './ports.ts'
import { endOf, stateOf } from './token-state.ts'
import { hashToken, hintOf } from './token.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const DEFAULT_OVERLAP = 'PT1H'
const MAX_OVERLAP_DAYS = 7

/**
 * Whoever replaces a token gets to know the successor, so it may do no more, for nobody else and for no longer than what they ask with. A
 * token may always replace itself.
 * @throws {AppError} `token_not_replaceable`, `scope_missing`, `outside_confinement`, `principal_foreign` or `token_outlives`
 */
export function requireMayRotate(access: Access, old: TokenRecord, owner: Principal): void {
  if (old.kind === 'session') throw notReplaceable('A login is not replaced.', 'Log in again.')
  if (isSelf(access, old)) return
  requireRightsWithin(access, old)
  requireMayActFor(access, owner)
  if (old.kind === 'personal' && old.principalId !== access.principal.id) {
    throw new AppError<AuthErrorCode>('principal_foreign', 'A personal token is replaced by its owner alone.', {
      remedy: 'Revoke it, and let the owner make a new one.',
    })
  }
  // In a login its person may make a personal token that outlasts it anyway.
  const inLogin = old.kind === 'personal' && access.credential.kind === 'session'
  if (!inLogin) requireEndWithin(access, old.expiresAt)
}

/**
 * Only a token that works, and has no successor yet, can be replaced.
 * @param now milliseconds since the epoch
 * @throws {AppError} `token_superseded` or `token_ended`
 */
export function requireReplaceable(old: TokenRecord, now: number): void {
  const state = stateOf(old, now)
  if (state === 'superseded') throw superseded()
  if (state !== 'active') throw ended(state === 'expired' ? 'has expired' : 'was revoked')
}

export function superseded(): AppError<AuthErrorCode> {
  return new AppError('token_superseded', 'The token was replaced already.', {
    remedy: 'Replace its successor, which its record names; if nobody has that one, revoke it.',
  })
}

export function ended(how: string): AppError<AuthErrorCode> {
  return new AppError('token_ended', `The token ${how}.`, { remedy: 'Issue a new one: POST /v1/tokens.' })
}

/** What was sent is no token that is kept, such as the token of a CI system. */
export function notReplaceable(message: string, remedy: string): AppError<AuthErrorCode> {
  return new AppError('token_not_replaceable', message, { remedy })
}

/**
 * Until when the old token works beside its successor: never longer than it would have worked anyway.
 * @param overlap ISO 8601; undefined for the default of an hour
 * @param now milliseconds since the epoch
 * @throws {AppError} `token_invalid`
 */
export function overlapEnd(old: TokenRecord, overlap: string | undefined, now: number): string {
  const ms = durationOrNoneMs(overlap ?? DEFAULT_OVERLAP)
  if (ms === undefined || ms > MAX_OVERLAP_DAYS * DAY_MS) {
    const remedy = `Write it like PT1H or P1D, PT0S for none; ${MAX_OVERLAP_DAYS} days at most.`
    throw tokenInvalid('overlap', 'The overlap is no duration, or too long.', remedy)
  }
  return formatInstant(Math.min(now + ms, endOf(old) ?? Number.POSITIVE_INFINITY))
}

/**
 * The successor has the owner, maker, rights and end of the old one: replacing a token never makes it last longer.
 * @param text its own
 * @param at RFC 3339
 */
export function successorOf(old: TokenRecord, access: Access, text: string, at: string): TokenRecord {
  return {
    ...old,
    id: newId(),
    hash: hashToken(text),
    hint: hintOf(text),
    issuedWith: access.credential,
    issuerIds: [...new Set([...old.issuerIds, ...ownersOf(access)])],
    person: personAfter(old, access),
    createdAt: at,
    lastUsedAt: null,
  }
}

function isSelf({ credential }: Access, token: TokenRecord): boolean {
  return credential.kind === 'token' && credential.id === token.id
}
