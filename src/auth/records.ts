import { sha256Digest } from '../core/digest.ts'
import type { Principal } from '../core/principal.ts'
import type { TokenRecord } from './ports.ts'

/** The record that a log entry about a principal speaks for: `body.digest` is `canonicalDigest` of it. */
export function principalRecord(principal: Principal): object {
  const { id, name, kind, disabled, groups, identities, createdBy } = principal
  return { id, name, kind, disabled, groups, identities, createdBy }
}

/**
 * The record that a log entry about a token speaks for: `body.digest` is `canonicalDigest` of it.
 * The kept hash is hashed once more, so that the log gives nobody a hash to compare tokens with; last uses are not part of it.
 */
export function tokenRecord(token: TokenRecord): object {
  const { hash, lastUsedAt: _, ...kept } = token
  return { ...kept, hashDigest: sha256Digest(hash) }
}
