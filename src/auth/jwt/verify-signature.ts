import { compactVerify } from 'jose'

import type { JwtAlgorithm } from './model.ts'
import type { PublicKey } from './public-key.ts'

/**
 * The key whose signature a token carries (RFC 7515, section 5.2); undefined if it is none of these.
 * @param token a compact JWS whose header was checked: `algorithm` is the one that it names
 */
export async function signingKey(token: string, algorithm: JwtAlgorithm, keys: readonly PublicKey[]): Promise<PublicKey | undefined> {
  for (const key of keys) if (await signs(key, algorithm, token)) return key
  return undefined
}

/** Whatever the library objects to counts as no signature. */
async function signs(key: PublicKey, algorithm: JwtAlgorithm, token: string): Promise<boolean> {
  try {
    await compactVerify(token, await key.cryptoKey(algorithm), { algorithms: [algorithm] })
    return true
  } catch {
    return false
  }
}
