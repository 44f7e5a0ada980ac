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

/** Tokens that were verified, by the SHA-256 of their text, so that the repeated calls of a job cost one hash. */
export class VerifiedTokens {
  readonly #kept = new Map<string, Verification>()

  /** @param now milliseconds since the epoch @returns undefined if the token is not known, has ended, or its key does not count any more */
  find(token: string, now: number): VerifiedJwt | undefined {
    const id = idOf(token)
    const known = this.#kept.get(id)
    if (!known) return undefined
    if (now < known.acceptedUntil && known.ring.has(known.key)) return known.jwt
    this.#kept.delete(id)
    return undefined
  }

  keep(token: string, verification: Verification): void {
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined && this.#kept.size >= MAX_KEPT) this.#kept.delete(oldest)
    this.#kept.set(idOf(token), verification)
  }

  clear(): void {
    this.#kept.clear()
  }
}

function idOf(token: string): string {
  return hash('sha256', token, 'base64url')
}
