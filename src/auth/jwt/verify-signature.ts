import { compactVerify } from 'jose'

import type { JwtAlgorithm } from './model.ts'
import type { PublicKey } from './public-key.ts'

/**
 * The key whose signature a token carries (RFC 7515, section 5.2); undefined if it is none of these.
 * @param token a compact JWS whose header was checked: `algorithm` is the one that it names
 */
export async function signingKey(token: string, algorithm: JwtAlgorithm, keys: readonly PublicKey[]): Promise<PublicKey | undefined> {
  for (const key of keys) {
    const cryptoKey = key.algorithms.get(algorithm)
    try {
      if (cryptoKey && (await compactVerify(token, cryptoKey, { algorithms: [algorithm] }))) return key
    } catch {
      // Whatever the library objects to counts as no signature.
    }
  }
  return undefined
}
