import type { JWK } from 'jose'

import type { JwtAlgorithm } from './model.ts'
import { signatureCheck, type SignatureCheck } from './signature-check.ts'

/** A public key that verifies signatures. */
export interface PublicKey {
  readonly keyId: string | undefined
  /** What it may verify by its type and curve, by its own `alg`, and by what its issuer may use. */
  readonly checks: ReadonlyMap<JwtAlgorithm, SignatureCheck>
  /** Everything that makes it this key, as text. */
  readonly identity: string
}

/** A key that is left out. */
export interface UnusableKey {
  /** A sentence without its dot; names no value of the key. */
  reason: string
}

interface KeyKind {
  algorithms: readonly JwtAlgorithm[]
  /** The members that are the public key, in the order of RFC 7638, section 3.2. */
  members: readonly string[]
}

const RSA: KeyKind = { algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'], members: ['e', 'kty', 'n'] }

/** By `kty`, and by `crv` where there are curves. */
const KINDS: ReadonlyMap<string, KeyKind> = new Map([
  ['RSA', RSA],
  ['EC P-256', { algorithms: ['ES256'], members: ['crv', 'kty', 'x', 'y'] }],
  ['EC P-384', { algorithms: ['ES384'], members: ['crv', 'kty', 'x', 'y'] }],
  ['EC P-521', { algorithms: ['ES512'], members: ['crv', 'kty', 'x', 'y'] }],
  ['OKP Ed25519', { algorithms: ['EdDSA', 'Ed25519'], members: ['crv', 'kty', 'x'] }],
])

/** Members of private and symmetric keys (RFC 7518, section 6): who publishes them has no secret left. */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'] as const

const MAX_KEY_ID = 256
const LEAST_RSA_BITS = 2048
/** Larger ones cost more time than an issuer has reason to ask for. */
const MOST_RSA_BITS = 8192

/**
 * Reads one JSON Web Key (RFC 7517, section 4) as a public key for signatures.
 * @param jwk what an issuer published
 * @param allowed what the issuer may sign with
 * @param known keys that were read before: the same one is used again
 */
export async function readPublicKey(
  jwk: unknown,
  allowed: readonly JwtAlgorithm[],
  known: readonly PublicKey[] = [],
): Promise<PublicKey | UnusableKey> {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return unusable('it is no object')
  const members: Readonly<Record<string, unknown>> = { __proto__: null, ...jwk }
  const reason = unusableBecause(members)
  const kind = kindOf(members)
  if (reason !== undefined || !kind) return unusable(reason ?? 'its type or curve is not supported')
  const alg = members['alg']
  const fitting = alg === undefined ? kind.algorithms : kind.algorithms.filter((name) => name === alg)
  if (fitting.length === 0) return unusable('its alg does not fit its type, or is not supported')
  const names = fitting.filter((name) => allowed.includes(name))
  if (names.length === 0) return unusable('it fits none of the algorithms that are configured for the issuer')
  // Only what makes the key: nothing else that the issuer wrote reaches the import.
  const material = Object.fromEntries(kind.members.map((name) => [name, members[name]])) as JWK
  const keyId = members['kid'] as string | undefined
  const identity = JSON.stringify([keyId, names, material])
  return known.find((key) => key.identity === identity) ?? imported(keyId, identity, names, material)
}

/** Fails for what is no point of its curve. */
async function imported(
  keyId: string | undefined,
  identity: string,
  names: readonly JwtAlgorithm[],
  material: JWK,
): Promise<PublicKey | UnusableKey> {
  const checks = new Map<JwtAlgorithm, SignatureCheck>()
  try {
    for (const name of names) checks.set(name, await signatureCheck(material, name))
  } catch {
    return unusable('it is no valid key')
  }
  return { keyId, checks, identity }
}

function unusableBecause(members: Readonly<Record<string, unknown>>): string | undefined {
  const { kid, use, key_ops: operations } = members
  if (members['kty'] === 'oct' || PRIVATE.some((name) => name in members)) return 'it holds a secret or private key'
  if (use !== undefined && use !== 'sig') return 'its use is not sig'
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return 'its key_ops do not name verify'
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > MAX_KEY_ID)) {
    return `its kid is not a text of 1 to ${MAX_KEY_ID} characters`
  }
  return members['kty'] === 'RSA' ? weakness(members) : undefined
}

function weakness({ n, e }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof n !== 'string' || typeof e !== 'string') return 'it lacks n or e'
  const bits = bitLength(n)
  if (bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS) return `it has not ${LEAST_RSA_BITS} to ${MOST_RSA_BITS} bits`
  // With 1 every text would be its own signature; large ones only cost time.
  const exponentBits = bitLength(e)
  return exponentBits < 2 || exponentBits > 32 ? 'its exponent is too small or too large' : undefined
}

/** Of a number in base64url, most significant byte first; leading zeros don't count. */
function bitLength(encoded: string): number {
  const bytes = Buffer.from(encoded, 'base64url')
  const first = bytes.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first] ?? 0) - 24)
}

function kindOf({ kty, crv }: Readonly<Record<string, unknown>>): KeyKind | undefined {
  return KINDS.get(kty === 'RSA' ? kty : `${String(kty)} ${String(crv)}`)
}

function unusable(reason: string): UnusableKey {
  return { reason }
}
