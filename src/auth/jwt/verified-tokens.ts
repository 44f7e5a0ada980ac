import { hash } from 'node:crypto'

import type { VerifiedJwt } from './model.ts'
import type { KeyRing } from './key-ring.ts'
import type { PublicKey } from './public-key.ts'

/** A token that was verified, and what that rests on. */
export interface Verification {
  jwt: VerifiedJwt
  key: PublicKey
  ring: KeyRing
  /** Milliseconds since the epoch. */
  acceptedUntil: number
}

const MAX_KEPT = 2000

/** Tokens that were verified, so that the repeated calls of a job cost one hash. */
export class VerifiedTokens {
  readonly #kept = new Map<string, Verification>()

  /**
   * @param digest of the token, as `digestOf` gives it
   * @param now milliseconds since the epoch
   * @returns undefined if the token is not known, has ended, or its key does not count any more
   */
  find(digest: string, now: number): VerifiedJwt | undefined {
    const known = this.#kept.get(digest)
    if (!known) return undefined
    if (now < known.acceptedUntil && known.ring.has(known.key)) return known.jwt
    this.#kept.delete(digest)
    return undefined
  }

  keep(digest: string, verification: Verification): void {
    if (this.#kept.size >= MAX_KEPT) {
      const [oldest = ''] = this.#kept.keys()
      this.#kept.delete(oldest)
    }
    this.#kept.set(digest, verification)
  }
}

/** What a token is known by: the SHA-256 of its text. */
export function digestOf(token: string): string {
  return hash('sha256', token, 'base64url')
}
