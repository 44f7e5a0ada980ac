import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

import type { IdempotencyClaim } from '../core/idempotency.ts'

/** What a sealed secret is bound to: opening it needs the same credential and the same claim. */
type ClaimIdentity = Pick<IdempotencyClaim, 'principalId' | 'method' | 'path' | 'key' | 'fingerprint'>

const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Encrypts a new token so that only the credential that asked for it can read it again: AES-256-GCM under HKDF-SHA-256 of that
 * credential, of which the service keeps a hash only. A repeat under the same Idempotency-Key brings the credential back.
 * @returns base64url of nonce ‖ ciphertext ‖ tag
 */
export function sealSecret(secret: string, credential: string, claim: ClaimIdentity): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', sealingKey(credential, claim), nonce)
  return Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

/** Opens what `sealSecret` made; undefined under another credential or claim, or if it was changed. */
export function openSecret(sealed: string, credential: string, claim: ClaimIdentity): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(credential, claim), bytes.subarray(0, NONCE_BYTES))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return undefined
  }
}

function sealingKey(credential: string, { principalId, method, path, key, fingerprint }: ClaimIdentity): Uint8Array {
  // As the salt, since HKDF takes no more than 1,024 bytes of info and a path with a key can be longer.
  const salt = JSON.stringify([principalId, method, path, key, fingerprint])
  return new Uint8Array(hkdfSync('sha256', credential, salt, 'portcullis sealed token v1', 32))
}
