import type { Principal } from '../core/principal.ts'
import { parseInstant } from '../core/time.ts'
import type { TokenRecord } from './ports.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** So long does an administrator count whose last token was revoked or has expired: revoking a colleague's is no way round them. */
export const ENDED_WITHIN_MS = 7 * DAY_MS
/** So long does an administrator count who last logged in then. */
export const LOGIN_WITHIN_MS = 90 * DAY_MS

/** Whether changes need a second person now, and what proves a person then. */
export interface SecondPersonRule {
  needed: boolean
  /** `proven`: only who logged in at an identity provider counts. */
  proof: 'proven' | 'declared'
}

/** How many administrators there are. */
export interface Administrators {
  /** People log in somewhere. */
  loginConfigured: boolean
  /** Humans whose last login gave them everything. */
  proven: number
  /** Humans who have, or lately had, a token that may do everything. */
  declared: number
}

/**
 * A second person is needed as soon as there are two. Two who log in are known to be two; before that, whoever has a token counts, so that
 * setting up a login doesn't let go of what held before.
 */
export function secondPersonRule({ loginConfigured, proven, declared }: Administrators): SecondPersonRule {
  if (loginConfigured && proven >= 2) return { needed: true, proof: 'proven' }
  return { needed: declared >= 2, proof: 'declared' }
}

/** @param tokens that may do everything, with their owners. @param now milliseconds since the epoch */
export function declaredAdministrators(
  tokens: readonly { token: Pick<TokenRecord, 'revokedAt' | 'expiresAt'>; principal: Principal }[],
  now: number,
): number {
  const counting = tokens.filter(({ token, principal }) => isPerson(principal) && countsStill(token, now))
  return new Set(counting.map(({ principal }) => principal.id)).size
}

export function isPerson({ kind, disabled }: Pick<Principal, 'kind' | 'disabled'>): boolean {
  return kind === 'human' && !disabled
}

/** A time that can't be read never came: more people count, not fewer. */
export function countsStill({ revokedAt, expiresAt }: Pick<TokenRecord, 'revokedAt' | 'expiresAt'>, now: number): boolean {
  return [revokedAt, expiresAt].every((end) => end === null || (parseInstant(end) ?? now) > now - ENDED_WITHIN_MS)
}
