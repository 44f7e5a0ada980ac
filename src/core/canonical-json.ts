import canonicalize from 'canonicalize'

import { sha256Digest, type Digest } from './digest.ts'

/**
 * The canonical JSON text of a value (RFC 8785, JSON Canonicalization Scheme).
 * @throws {Error} for values that have no JSON form: undefined, NaN, infinities, lone surrogates, cycles.
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('the value has no JSON form')
  return text
}

/** SHA-256 over the canonical JSON of a value. */
export function canonicalDigest(value: unknown): Digest {
  return sha256Digest(canonicalJson(value))
}
