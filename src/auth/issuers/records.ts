import type { Issuer } from './model.ts'

/**
 * The record that a log entry about an issuer speaks for: `body.digest` is `canonicalDigest` of it.
 * The revision is not part of it, since only the store knows it.
 */
export function issuerRecord({
  name,
  kind,
  issuer,
  host,
  audiences,
  algorithms,
  keys,
  clockSkew,
  maxLifetime,
  replay,
  rules,
  login,
  updatedAt,
  updatedBy,
}: Omit<Issuer, 'revision'>): object {
  return {
    ...{ name, kind, issuer, host, audiences, algorithms, keys, clockSkew, maxLifetime, replay, rules, login },
    ...{ updatedAt, updatedBy },
  }
}

/** The record that the entry about a removed issuer speaks for. */
export function issuerRemovalRecord(name: string): object {
  return { name, removed: true }
}
