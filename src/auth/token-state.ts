import type { Access } from '../core/principal.ts'
import { formatInstant, parseInstant } from '../core/time.ts'
import type { TokenRecord, TokenState } from './ports.ts'

/** When a token stops working by itself, in milliseconds since the epoch; null if it doesn't. A time that cannot be read counts as past. */
export function endOf({ expiresAt, overlapUntil }: Pick<TokenRecord, 'expiresAt' | 'overlapUntil'>): number | null {
  const ends = [expiresAt, overlapUntil].filter((end) => end !== null).map((end) => parseInstant(end) ?? 0)
  return ends.length === 0 ? null : Math.min(...ends)
}

/** @param now milliseconds since the epoch */
export function stateOf(token: TokenRecord, now: number): TokenState {
  if (token.revokedAt !== null) return 'revoked'
  if (token.supersededBy !== null) return 'superseded'
  const end = endOf(token)
  return end !== null && end <= now ? 'expired' : 'active'
}

const NEAR_MS = 7 * 24 * 60 * 60 * 1000

/**
 * When the token that was sent ends, if that is within a week: who uses it has to get another one. What a CI system or a login gives ends
 * soon by its nature.
 * @param now milliseconds since the epoch
 * @returns RFC 3339
 */
export function nearEnd({ credential, expiresAt }: Access, now: number): string | undefined {
  return expiresAt !== null && expiresAt - now <= NEAR_MS && credential.kind === 'token' ? formatInstant(expiresAt) : undefined
}
