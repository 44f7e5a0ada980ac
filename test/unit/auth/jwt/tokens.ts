import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** A key pair as an issuer has it. */
export interface SigningKey {
  kid: string
  alg: string
  privateKey: KeyObject
  /** As it stands in a JWK set. */
  jwk: Record<string, unknown>
}

export function rsaKey(kid: string, { alg = 'RS256', modulusLength = 2048 } = {}): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength })
  return { kid, alg, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } }
}

export function ecKey(kid: string, { alg = 'ES256', namedCurve = 'P-256' } = {}): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  return { kid, alg, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } }
}

export function edKey(kid: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { kid, alg: 'EdDSA', privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' } }
}

/** Base64url of a text, of bytes, or of the JSON of anything else. */
export function b64(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url')
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}

/** A token with exactly this header and payload: objects, or JSON text as it is. */
export function signed(key: SigningKey, payload: unknown, header: unknown = { alg: key.alg, kid: key.kid, typ: 'JWT' }): string {
  const input = `${b64(header)}.${b64(payload)}`
  return `${input}.${b64(signatureOf(key, input))}`
}

/** RFC 7518, section 3: written a second time here, so that the library is not tested with itself. */
export function signatureOf({ alg, privateKey }: SigningKey, input: string): Uint8Array {
  const data = Buffer.from(input)
  if (alg === 'EdDSA' || alg === 'Ed25519') return sign(null, data, privateKey)
  const digest = `sha${alg.slice(2)}`
  if (alg.startsWith('RS')) return sign(digest, data, privateKey)
  if (alg.startsWith('PS')) return sign(digest, data, { key: privateKey, padding: 6, saltLength: -1 })
  return sign(digest, data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
}
