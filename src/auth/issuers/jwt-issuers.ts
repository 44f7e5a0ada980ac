import { durationMs } from '../../core/duration.ts'
import type { JwtIssuer } from '../jwt/model.ts'
import type { JwtIssuers } from '../jwt/ports.ts'
import type { Issuer } from './model.ts'
import type { IssuerStore } from './ports.ts'

/** What the verifier of tokens needs to know of the configured issuers. */
export function jwtIssuers(store: Pick<IssuerStore, 'revision' | 'all'>): JwtIssuers {
  return { revision: () => store.revision(), all: async () => (await store.all()).map(jwtIssuerOf) }
}

/** Of an issuer the part that says which tokens are genuine. A duration that can't be read allows nothing. */
export function jwtIssuerOf({ name, issuer, audiences, algorithms, keys, clockSkew, maxLifetime, replay }: Issuer): JwtIssuer {
  const clockSkewMs = durationMs(clockSkew) ?? 0
  const maxLifetimeMs = durationMs(maxLifetime) ?? 0
  return { name, issuer, audiences, algorithms, keys, clockSkewMs, maxLifetimeMs, replay }
}
