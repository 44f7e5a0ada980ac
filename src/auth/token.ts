import { hash, randomBytes } from 'node:crypto'

const PREFIX = 'ptc_'
const SECRET_BYTES = 32

/** Longest token that is looked at; given admin tokens have up to 256 characters. */
export const MAX_TOKEN_LENGTH = 256

/** A fresh token: `ptc_` and 256 random bits in base64url. The prefix lets scanners of leaked secrets find it. */
export function makeToken(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64url')
}

/** What is kept of a token: SHA-256 of its text, hex. 256 random bits need no slow hash. */
export function hashToken(token: string): string {
  return hash('sha256', token, 'hex')
}

/** What lists show of a token. Of one that somebody else made up less is shown, since it may be short. */
export function hintOf(token: string): string {
  return token.slice(0, token.startsWith(PREFIX) ? PREFIX.length + 4 : 4)
}
