import type { JwtAlgorithm } from './model.ts'
import { readPublicKey, type PublicKey, type UnusableKey } from './public-key.ts'

/** Most keys of a set; GitHub publishes about five. */
export const MAX_KEYS = 100

/** Keys of one kid that are tried at most: a set may name two alike while it changes. */
const MAX_CANDIDATES = 4

/** The usable public keys that an issuer publishes. */
export interface KeySet {
  readonly keys: readonly PublicKey[]
  /** Why the others can't be used; at most one for each of them. */
  readonly unusable: readonly UnusableKey[]
}

/**
 * Reads a JSON Web Key Set (RFC 7517, section 5). Keys that can't be used are left out, as the specification says.
 * @param allowed what the issuer may sign with
 * @param known an earlier set: keys that are still the same stay the same objects
 * @throws {Error} if it is no such set, or holds more than `MAX_KEYS`
 */
export async function readKeySet(value: unknown, allowed: readonly JwtAlgorithm[], known?: KeySet): Promise<KeySet> {
  const list = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : undefined
  if (!Array.isArray(list)) throw new Error('it is no JSON Web Key Set: it has no list "keys"')
  if (list.length > MAX_KEYS) throw new Error(`it holds more than ${MAX_KEYS} keys`)
  const keys: PublicKey[] = []
  const unusable: UnusableKey[] = []
  for (const item of list) {
    const key = await readPublicKey(item, allowed, known?.keys)
    if ('reason' in key) unusable.push(key)
    else keys.push(key)
  }
  return { keys, unusable }
}

/** The keys that a token's header points at: those of its kid, or, if it names none, the only one that fits the algorithm. */
export function candidates({ keys }: KeySet, algorithm: JwtAlgorithm, keyId: string | undefined): readonly PublicKey[] {
  const fitting = keys.filter((key) => key.checks.has(algorithm))
  if (keyId === undefined) return fitting.length === 1 ? fitting : []
  return fitting.filter((key) => key.keyId === keyId).slice(0, MAX_CANDIDATES)
}
