import { MAX_CLOCK_SKEW_MS } from '../../core/clock.ts'
import { JwtError, type JwtErrorCode } from './errors.ts'
import type { JwtClaims, JwtIssuer } from './model.ts'

/** The registered claims of a token, checked. */
export interface CheckedClaims {
  subject: string
  /** Milliseconds since the epoch. */
  expiresAt: number
  /** Milliseconds since the epoch; with the issuer's skew this is when the token ends for us. */
  acceptedUntil: number
  /** Where each token counts once. */
  tokenId: string | undefined
}

/** Until the year 9999: later instants have no RFC 3339 form. */
const LAST_SECOND = 253_402_300_799
const MAX_SUBJECT = 2048
const MAX_TOKEN_ID = 256

/**
 * Checks the registered claims (RFC 7519, section 4.1) of a token whose signature is right.
 * @param now milliseconds since the epoch
 * @throws {JwtError} `jwt_audience_wrong`, `jwt_claim_malformed`, `jwt_expired`, `jwt_not_yet_valid` or `jwt_lifetime_too_long`
 */
export function checkClaims(claims: JwtClaims, issuer: JwtIssuer, now: number): CheckedClaims {
  const refuse = (code: JwtErrorCode, message: string): JwtError => new JwtError(code, message, { issuer: issuer.name })
  const { aud, exp, nbf, iat, sub, jti } = claims
  const skewMs = Math.min(issuer.clockSkewMs, MAX_CLOCK_SKEW_MS)

  if (!isAudience(aud)) throw refuse('jwt_claim_malformed', 'The token’s aud is neither a text nor a list of texts.')
  if (!namesOneOf(aud, issuer.audiences)) throw refuse('jwt_audience_wrong', 'The token is meant for another audience.')
  if (!isTime(exp)) throw refuse('jwt_claim_malformed', 'The token’s exp is missing or no time in seconds.')
  if (!isTime(iat)) throw refuse('jwt_claim_malformed', 'The token’s iat is missing or no time in seconds.')
  if (nbf !== undefined && !isTime(nbf)) throw refuse('jwt_claim_malformed', 'The token’s nbf is no time in seconds.')
  const acceptedUntil = exp * 1000 + skewMs
  if (now >= acceptedUntil) throw refuse('jwt_expired', 'The token has expired.')
  if (now + skewMs < Math.max(iat, nbf ?? 0) * 1000) throw refuse('jwt_not_yet_valid', 'The token is not valid yet.')
  if (exp <= iat) throw refuse('jwt_claim_malformed', 'The token ends before it was issued.')
  if ((exp - iat) * 1000 > issuer.maxLifetimeMs) throw refuse('jwt_lifetime_too_long', 'The token lives longer than its issuer may give.')
  if (!isText(sub, MAX_SUBJECT)) throw refuse('jwt_claim_malformed', 'The token’s sub is missing, empty or too long.')
  const once = issuer.replay === 'once'
  if (once && !isText(jti, MAX_TOKEN_ID)) throw refuse('jwt_claim_malformed', 'The token’s jti is missing, empty or too long.')
  return { subject: sub, expiresAt: Math.floor(exp * 1000), acceptedUntil, tokenId: once ? String(jti) : undefined }
}

function isAudience(value: unknown): value is string | readonly string[] {
  return typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'))
}

function namesOneOf(aud: string | readonly string[], audiences: readonly string[]): boolean {
  return typeof aud === 'string' ? audiences.includes(aud) : aud.some((item) => audiences.includes(item))
}

/** A NumericDate: seconds since the epoch, perhaps with a fraction. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LAST_SECOND
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxLength
}
