import { isAppError } from '../../core/app-error.ts'
import { parseBoundedJson, type JsonLimits } from '../../core/bounded-json.ts'
import { JwtError } from './errors.ts'
import type { JwtClaims } from './model.ts'

/** Longest token that is looked at, in bytes. */
export const MAX_JWT_LENGTH = 12 * 1024

const JSON_LIMITS: JsonLimits = { maxDepth: 8, maxStringLength: MAX_JWT_LENGTH, maxValues: 1000 }

/** A token taken apart; nothing in it is verified. */
export interface CompactJws {
  /** The encoded header, which is the same for many tokens. */
  encodedHeader: string
  claims: JwtClaims
}

/** What is meant as a JWT, JWS or JWE; no other token of ours begins so and has dots. */
export function looksLikeJwt(token: string): boolean {
  return token.startsWith('ey') && token.indexOf('.', token.indexOf('.') + 1) !== -1
}

/** Three parts in base64url without padding (RFC 7515, section 7.1). A detached payload (RFC 7515, appendix F) is none. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/

/**
 * Takes a compact JWS apart. Each part has one spelling: otherwise one token could be written in many ways.
 * @param token attacker-controlled
 * @throws {JwtError} `jwt_malformed`
 */
export function parseCompactJws(token: string): CompactJws {
  if (token.length > MAX_JWT_LENGTH) throw malformed('The token is longer than 12 KiB.')
  if (!COMPACT.test(token)) throw malformed('The token is not three parts in base64url, with dots between them.')
  const payloadAt = token.indexOf('.') + 1
  const signatureAt = token.indexOf('.', payloadAt) + 1
  if (!isCanonicalBase64url(token.slice(signatureAt))) throw malformed('The token’s signature is not canonical base64url.')
  return {
    encodedHeader: token.slice(0, payloadAt - 1),
    claims: parseJsonPart(token.slice(payloadAt, signatureAt - 1), 'payload'),
  }
}

/**
 * A JSON object in base64url, in which no member stands twice. It has no prototype.
 * @throws {JwtError} `jwt_malformed`
 */
export function parseJsonPart(encoded: string, part: 'header' | 'payload'): Readonly<Record<string, unknown>> {
  if (!isCanonicalBase64url(encoded)) throw malformed(`The token’s ${part} is not canonical base64url.`)
  let value: unknown
  try {
    value = parseBoundedJson(new TextDecoder('utf-8', STRICT).decode(Buffer.from(encoded, 'base64url')), JSON_LIMITS)
  } catch (error) {
    // The sentences of the JSON parser name members, which are the token's.
    throw malformed(`The token’s ${part} is not acceptable JSON${isAppError(error) ? ` (${error.code})` : ''}.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`The token’s ${part} is not a JSON object.`)
  return { __proto__: null, ...value }
}

/** A byte order mark is kept, so that the JSON parser refuses it. */
const STRICT = { fatal: true, ignoreBOM: true }

/** The bits that the last character has too many must be zero (RFC 4648, section 3.5). The alphabet was checked before. */
function isCanonicalBase64url(text: string): boolean {
  switch (text.length % 4) {
    case 0:
      return true
    case 2:
      return 'AQgw'.includes(text.charAt(text.length - 1))
    case 3:
      return 'AEIMQUYcgkosw048'.includes(text.charAt(text.length - 1))
    default:
      return false
  }
}

function malformed(message: string): JwtError {
  return new JwtError('jwt_malformed', message)
}
