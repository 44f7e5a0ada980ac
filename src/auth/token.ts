import { hash, randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What every token of ours begins with, so that scanners of leaked secrets find it. */
const PREFIX = 'ptc_'
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 62^43 is a little more than 2^256. */
const SECRET_CHARACTERS = 43
const CHECKSUM_CHARACTERS = 6
const FORM = /^ptc_[0-9A-Za-z]{49}$/

/** Longest token that is looked at; given admin tokens have up to 256 characters. */
export const MAX_TOKEN_LENGTH = 256

/** A fresh token: `ptc_`, 43 random base62 characters and their checksum (docs/tokens.md). */
export function makeToken(): string {
  // `randomInt` draws again instead of folding what doesn't fit, so every character is equally likely.
  const secret = Array.from({ length: SECRET_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return PREFIX + secret + checksumOf(PREFIX + secret)
}

/** True for what begins like a token of ours and cannot be one, as after a typing mistake or when its end was cut off. */
export function isDamaged(text: string): boolean {
  if (!text.startsWith(PREFIX)) return false
  return !FORM.test(text) || checksumOf(text.slice(0, -CHECKSUM_CHARACTERS)) !== text.slice(-CHECKSUM_CHARACTERS)
}

/** What is kept of a token: SHA-256 of its text, hex. 256 random bits need no slow hash. */
export function hashToken(token: string): string {
  return hash('sha256', token, 'hex')
}

/** What lists show of a token. Of one that somebody else made up less is shown, since it may be short. */
export function hintOf(token: string): string {
  return token.slice(0, token.startsWith(PREFIX) ? PREFIX.length + 4 : 4)
}

/** CRC-32 (IEEE 802.3) in base62, most significant digit first, padded with zeros. It finds mistakes and protects nothing. */
function checksumOf(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let at = 0; at < CHECKSUM_CHARACTERS; at++) {
    digits = `${ALPHABET[rest % ALPHABET.length] ?? ''}${digits}`
    rest = Math.floor(rest / ALPHABET.length)
  }
  return digits
}
