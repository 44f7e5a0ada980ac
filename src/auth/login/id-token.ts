import { hash, timingSafeEqual } from 'node:crypto'

import type { JwtAlgorithm, JwtIssuer, VerifiedJwt } from '../jwt/model.ts'
import type { JwtIssuers } from '../jwt/ports.ts'
import { idTokenInvalid } from './errors.ts'
import type { LoginProvider, LoginProviders } from './ports.ts'

/** A token that proves a login is used within seconds; some providers let it live for days. */
const MAX_LIFETIME_MS = 30 * 24 * 60 * 60_000

/** Providers as issuers of ID tokens: those are for our client alone, and no bearer token of a workload is one. */
export function idTokenIssuers(providers: LoginProviders): JwtIssuers {
  return { revision: () => providers.revision(), all: async () => (await providers.all()).map(idTokenIssuer) }
}

function idTokenIssuer({ login, ...issuer }: LoginProvider): JwtIssuer {
  return { ...issuer, audiences: [login.clientId], maxLifetimeMs: MAX_LIFETIME_MS, replay: 'allowed' }
}

/** What the ID token of one login must fit. */
export interface ExpectedIdToken {
  provider: LoginProvider
  nonce: string
  code: string
  accessToken: string | undefined
}

/**
 * Checks of an ID token what makes it the one of this login (OpenID Connect Core 1.0, section 3.1.3.7). Signature, audience and times were
 * checked before.
 * @throws {AppError} `login_token_invalid`
 */
export function checkIdToken({ issuer, algorithm, claims }: VerifiedJwt, { provider, nonce, code, accessToken }: ExpectedIdToken): void {
  if (issuer.issuer !== provider.issuer) throw idTokenInvalid('The ID token is from another issuer.')
  const { clientId } = provider.login
  const { aud, azp } = claims
  const several = Array.isArray(aud) && aud.length > 1
  if ((several || azp !== undefined) && azp !== clientId) throw idTokenInvalid('The ID token was issued to another client.')
  if (!isSame(claims['nonce'], nonce)) throw idTokenInvalid('The ID token belongs to another login.')
  checkHash('c_hash', claims['c_hash'], code, algorithm)
  checkHash('at_hash', claims['at_hash'], accessToken, algorithm)
}

/** The left half of the hash of what came with the token, if the token names one (OpenID Connect Core 1.0, section 3.3.2.11). */
function checkHash(name: string, claimed: unknown, value: string | undefined, algorithm: JwtAlgorithm): void {
  if (claimed === undefined) return
  const digest = value === undefined ? undefined : hash(hashOf(algorithm), value, 'buffer')
  if (digest && isSame(claimed, digest.subarray(0, digest.length / 2).toString('base64url'))) return
  throw idTokenInvalid(`The ID token’s ${name} does not fit what came with it.`)
}

/** EdDSA is with Ed25519 here, which hashes with SHA-512. */
function hashOf(algorithm: JwtAlgorithm): string {
  if (algorithm.endsWith('256')) return 'sha256'
  return algorithm.endsWith('384') ? 'sha384' : 'sha512'
}

function isSame(claimed: unknown, expected: string): boolean {
  if (typeof claimed !== 'string') return false
  const [a, b] = [Buffer.from(claimed), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
