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

/**
 * Takes a compact JWS apart (RFC 7515, section 7.1): three parts in base64url without padding. Each has one spelling, since otherwise one
 * token could be written in many ways; a detached payload (appendix F) is none.
 * @param token attacker-controlled
 * @throws {JwtError} `jwt_malformed`
 */
export function parseCompactJws(token: string): CompactJws {
  if (token.length > MAX_JWT_LENGTH) throw malformed('The token is longer than 12 KiB.')
  const [encodedHeader, payload, signature, ...more] = token.split('.', 4)
  if (!encodedHeader || !payload || !signature || more.length > 0) throw malformed('The token is not three parts with dots between them.')
  decodeBase64url(signature, 'signature')
  return { encodedHeader, claims: parseJsonPart(payload, 'payload') }
}

/**
 * A JSON object in base64url, in which no member stands twice. It has no prototype.
 * @throws {JwtError} `jwt_malformed`
 */
export function parseJsonPart(encoded: string, part: 'header' | 'payload'): Readonly<Record<string, unknown>> {
  const bytes = decodeBase64url(encoded, part)
  let value: unknown
  try {
    value = parseBoundedJson(new TextDecoder('utf-8', STRICT).decode(bytes), JSON_LIMITS)
  } catch (error) {
    // The sentences of the JSON parser name members, which are the token's.
    throw malformed(`The token’s ${part} is not acceptable JSON${isAppError(error) ? ` (${error.code})` : ''}.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`The token’s ${part} is not a JSON object.`)
  // A third of the cost of a copy without a prototype.
  return Object.setPrototypeOf(value, null) as Readonly<Record<string, unknown>>
}

/** A byte order mark is kept, so that the JSON parser refuses it. */
const STRICT = { fatal: true, ignoreBOM: true }

/** Node reads over what is not base64url, over padding and over bits too many at the end; what has them doesn't come back as it was. */
function decodeBase64url(encoded: string, part: 'header' | 'payload' | 'signature'): Buffer {
  const bytes = Buffer.from(encoded, 'base64url')
  if (bytes.toString('base64url') === encoded) return bytes
  throw malformed(`The token’s ${part} is not canonical base64url.`)
}

function malformed(message: string): JwtError {
  return new JwtError('jwt_malformed', message)
}
