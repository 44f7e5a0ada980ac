import { parseJsonPart } from './compact-jws.ts'
import { JwtError } from './errors.ts'

/** The protected header of a token that may be looked at further. */
export interface JwtHeader {
  /** Any text: whether it is one of the issuer's is told later. */
  algorithm: string
  keyId: string | undefined
}

/**
 * Members by which a token would choose its own key, its own rules, or another shape (RFC 7515, section 4.1; RFC 7516; RFC 7797). None is
 * ever needed: the keys come from the issuer that was configured.
 */
const REFUSED = ['jku', 'x5u', 'jwk', 'x5c', 'crit', 'b64', 'zip', 'enc', 'cty', 'epk', 'apu', 'apv', 'p2s', 'p2c'] as const

/** Media types without letter case (RFC 7515, section 4.1.9; RFC 9068, section 2.1). */
const TYPE = /^(?:application\/)?(?:at\+)?jwt$/i
const MAX_KEY_ID = 256

const MAX_KEPT = 100

/** Reads headers. All tokens that an issuer signs with one key have the same, so a few are kept. */
export class HeaderReader {
  readonly #kept = new Map<string, JwtHeader>()

  /**
   * @param encoded in base64url, attacker-controlled
   * @throws {JwtError} `jwt_malformed`, `jwt_header_refused` or `jwt_algorithm_refused`
   */
  read(encoded: string): JwtHeader {
    const known = this.#kept.get(encoded)
    if (known) return known
    const header = parseHeader(encoded)
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear()
    // Written anew, since a part of a text keeps the whole of it in memory: here a token.
    this.#kept.set(Buffer.from(encoded).toString('latin1'), header)
    return header
  }
}

/**
 * Reads a header.
 * @param encoded in base64url, attacker-controlled
 * @throws {JwtError} `jwt_malformed`, `jwt_header_refused` or `jwt_algorithm_refused`
 */
function parseHeader(encoded: string): JwtHeader {
  const { alg, kid, typ, ...others } = parseJsonPart(encoded, 'header')
  const refused = REFUSED.find((name) => Object.hasOwn(others, name))
  if (refused !== undefined) throw headerRefused(`The token’s header names ${refused}, which is never accepted.`)
  if (typ !== undefined && (typeof typ !== 'string' || !TYPE.test(typ))) throw headerRefused('The token’s typ is not JWT or at+jwt.')
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > MAX_KEY_ID)) {
    throw headerRefused(`The token’s kid is not a text of 1 to ${MAX_KEY_ID} characters.`)
  }
  if (typeof alg !== 'string') throw new JwtError('jwt_algorithm_refused', 'The token names no algorithm.')
  return { algorithm: alg, keyId: kid }
}

function headerRefused(message: string): JwtError {
  return new JwtError('jwt_header_refused', message)
}
