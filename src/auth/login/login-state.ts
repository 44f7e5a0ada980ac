import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto'

/** A login that a browser began: kept in a cookie of that browser, which it can neither read nor change. */
export interface LoginState {
  /** What the provider sends back (RFC 6749, section 4.1.1): 256 random bits. */
  state: string
  /** What the ID token must carry. */
  nonce: string
  /** PKCE (RFC 7636): what only we know until the code is exchanged. */
  verifier: string
  /** Name of the issuer. */
  provider: string
  /** Its `iss`, so that a change of the configuration ends the login. */
  issuer: string
  redirectUri: string
  /** Own path to go to afterwards. */
  returnTo: string
  /** The group whose rights are wanted, where those of several don't add up. */
  group: string | null
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** Bytes of the key that states are sealed with. */
export const STATE_KEY_BYTES = 32

/** How long somebody may take to log in at the provider, in milliseconds. */
export const LOGIN_WITHIN_MS = 10 * 60_000

const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Set apart from whatever else the key might seal one day. */
const PURPOSE = Buffer.from('portcullis login state v1')
const LONGEST_SEALED = 4096

/** @param now milliseconds since the epoch */
export function newLoginState(what: Omit<LoginState, 'state' | 'nonce' | 'verifier' | 'expiresAt'>, now: number): LoginState {
  return { ...what, state: secret(), nonce: secret(), verifier: secret(), expiresAt: now + LOGIN_WITHIN_MS }
}

/** The challenge of a verifier (RFC 7636, section 4.2, S256). */
export function challengeOf({ verifier }: LoginState): string {
  return hash('sha256', verifier, 'base64url')
}

/** AES-256-GCM. @returns base64url of nonce ‖ ciphertext ‖ tag */
export function sealState(state: LoginState, key: Uint8Array): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(PURPOSE)
  return Buffer.concat([nonce, cipher.update(JSON.stringify(state), 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

/**
 * Opens what `sealState` made.
 * @param sealed attacker-controlled
 * @returns undefined under another key, if it was changed, or is past
 */
export function openState(sealed: string, key: Uint8Array, now: number): LoginState | undefined {
  const bytes = Buffer.from(sealed.slice(0, LONGEST_SEALED), 'base64url')
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES)).setAAD(PURPOSE)
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    const state = JSON.parse(text) as LoginState
    return now < state.expiresAt ? state : undefined
  } catch {
    return undefined
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url')
}
