import { durationMs } from '../../core/duration.ts'
import type { JwtIssuer } from '../jwt/model.ts'
import type { JwtIssuers } from '../jwt/ports.ts'
import type { Issuer } from './model.ts'
import type { IssuerStore } from './ports.ts'

/** What the verifier of tokens needs to know of the configured issuers. */
export function jwtIssuers(store: Pick<IssuerStore, 'revision' | 'all'>): JwtIssuers {
  return { revision: () => store.revision(), all: async () => (await store.all()).flatMap((issuer) => jwtIssuerOf(issuer) ?? []) }
}

/** Of an issuer the part that says which tokens are genuine; undefined if it issues none. A duration that can't be read allows nothing. */
export function jwtIssuerOf(issuer: Issuer): JwtIssuer | undefined {
  const { name, issuer: iss, audiences, algorithms, keys, clockSkew, maxLifetime, replay } = issuer
  if (!keys) return undefined
  const clockSkewMs = durationMs(clockSkew) ?? 0
  const maxLifetimeMs = durationMs(maxLifetime) ?? 0
  return { name, issuer: iss, audiences, algorithms, keys, clockSkewMs, maxLifetimeMs, replay }
}
