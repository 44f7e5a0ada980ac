import { constants, verify, type KeyObject } from 'node:crypto'

interface Algorithm {
  key: 'rsa' | 'ec'
  hash: string
  /** Of elliptic keys. */
  curve?: string
  /** Of RSA keys. */
  padding?: number
}

const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING } = constants

/** RFC 7518, section 3.1, with public keys alone: whoever can check an HMAC could sign as well. */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  RS256: { key: 'rsa', hash: 'sha256', padding: RSA_PKCS1_PADDING },
  RS384: { key: 'rsa', hash: 'sha384', padding: RSA_PKCS1_PADDING },
  RS512: { key: 'rsa', hash: 'sha512', padding: RSA_PKCS1_PADDING },
  PS256: { key: 'rsa', hash: 'sha256', padding: RSA_PKCS1_PSS_PADDING },
  PS384: { key: 'rsa', hash: 'sha384', padding: RSA_PKCS1_PSS_PADDING },
  PS512: { key: 'rsa', hash: 'sha512', padding: RSA_PKCS1_PSS_PADDING },
  ES256: { key: 'ec', hash: 'sha256', curve: 'prime256v1' },
  ES384: { key: 'ec', hash: 'sha384', curve: 'secp384r1' },
  ES512: { key: 'ec', hash: 'sha512', curve: 'secp521r1' },
}
const LEAST_RSA_BITS = 2048
const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/

/**
 * What a compact JWS (RFC 7515, section 7.1) signs, if one of the keys signed it. Attacker-controlled.
 * @returns undefined if none did, or it asks for more than a signature
 */
export function verifiedPayload(token: string, keys: readonly KeyObject[]): Buffer | undefined {
  const [, header, payload, signature] = COMPACT.exec(token) ?? []
  if (header === undefined || payload === undefined || signature === undefined) return undefined
  const algorithm = algorithmOf(header)
  if (!algorithm) return undefined
  const [signed, bytes] = [Buffer.from(`${header}.${payload}`), Buffer.from(signature, 'base64url')]
  const genuine = keys.some((key) => fits(key, algorithm) && isSignature(signed, bytes, key, algorithm))
  return genuine ? Buffer.from(payload, 'base64url') : undefined
}

function algorithmOf(header: string): Algorithm | undefined {
  try {
    const { alg, crit } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as { alg?: unknown; crit?: unknown }
    return crit === undefined && typeof alg === 'string' && Object.hasOwn(ALGORITHMS, alg) ? ALGORITHMS[alg] : undefined
  } catch {
    return undefined
  }
}

function fits({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, { key, curve }: Algorithm): boolean {
  if (asymmetricKeyType !== key) return false
  return key === 'ec' ? asymmetricKeyDetails?.namedCurve === curve : (asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA_BITS
}

function isSignature(signed: Buffer, signature: Buffer, key: KeyObject, { hash, padding }: Algorithm): boolean {
  const how = padding === undefined ? { dsaEncoding: 'ieee-p1363' as const } : { padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  return verify(hash, signed, { key, ...how }, signature)
}
