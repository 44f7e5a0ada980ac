import { createHmac, createPublicKey } from 'node:crypto'

import type { JwtErrorCode } from '../../../../src/auth/jwt/errors.ts'
import { AUDIENCE, ISSUER, issuerOf, jwks, TestWorld } from './issuer.ts'
import { b64, ecKey, edKey, rsaKey, signatureOf, signed, type SigningKey } from './tokens.ts'

const rsa = rsaKey('rsa')
const ec = ecKey('ec')
const ed = edKey('ed')
const weak = rsaKey('weak', { modulusLength: 1024 })
const stranger = rsaKey('rsa')
const otherIssuersKey = rsaKey('other')
const p384 = ecKey('p384', { alg: 'ES256', namedCurve: 'P-384' })
const encryption = rsaKey('encryption')
encryption.jwk['use'] = 'enc'

const OTHER = 'https://other.example.com'

/** The issuers that are trusted. */
export const ISSUERS = [
  issuerOf({ jwks: jwks(rsa, ec, ed, weak, p384, encryption) }, { algorithms: ['RS256', 'ES256', 'EdDSA'] }),
  issuerOf({ jwks: jwks(otherIssuersKey) }, { name: 'other', issuer: OTHER, audiences: ['https://other-gate.example.com'] }),
]

const world = new TestWorld()
const now = Math.floor(world.clock.now() / 1000)
const good = world.claims()
const HEADER = { alg: 'RS256', kid: 'rsa', typ: 'JWT' }

/** A token of the issuer's own key with other claims: only what is changed is wrong with it. */
const withClaims = (changes: Record<string, unknown>): string => signed(rsa, { ...good, ...changes })
/** A token whose header is another one, signed by the issuer's own key. */
const withHeader = (changes: Record<string, unknown>): string => signed(rsa, good, { ...HEADER, ...changes })
const without = (name: string): string => signed(rsa, Object.fromEntries(Object.entries(good).filter(([key]) => key !== name)))
/** A payload that is JSON text as it stands here, signed. */
const withPayload = (text: string): string => signed(rsa, text)
const text = JSON.stringify(good)
const [head = '', payload = '', signature = ''] = signed(rsa, good).split('.')
const pem = createPublicKey(rsa.privateKey).export({ format: 'pem', type: 'spki' })
const withEcSignature = (bytes: Uint8Array): string => {
  const input = `${b64({ alg: 'ES256', kid: 'ec' })}.${b64(good)}`
  return `${input}.${b64(bytes)}`
}
const hmac = (alg: string, secret: string): string => {
  const input = `${b64({ ...HEADER, alg })}.${b64(good)}`
  return `${input}.${createHmac(`sha${alg.slice(2)}`, secret)
    .update(input)
    .digest('base64url')}`
}
const P256_ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
const es = (): Uint8Array => signatureOf(ec, `${b64({ alg: 'ES256', kid: 'ec' })}.${b64(good)}`)
/** DER, as X.509 has it, where a JWS has two numbers side by side. */
const der = (): Uint8Array => {
  const [r, s] = [es().subarray(0, 32), es().subarray(32)].map((part) => Buffer.concat([Buffer.from([2, 33, 0]), part]))
  return Buffer.concat([Buffer.from([0x30, 70]), r ?? Buffer.alloc(0), s ?? Buffer.alloc(0)])
}
const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown
const as = (key: SigningKey, header: Record<string, unknown>): string => signed(key, good, header)

/** What an attacker may send who has any of: valid tokens, public keys, a key pair, another trusted issuer. */
export const HOSTILE: readonly (readonly [what: string, token: () => string, code: JwtErrorCode])[] = [
  ['alg none, unsigned', () => `${b64({ alg: 'none' })}.${b64(good)}.`, 'jwt_malformed'],
  ['alg none with a signature', () => withHeader({ alg: 'none' }), 'jwt_algorithm_refused'],
  ['alg None', () => withHeader({ alg: 'None' }), 'jwt_algorithm_refused'],
  ['alg NONE', () => withHeader({ alg: 'NONE' }), 'jwt_algorithm_refused'],
  ['alg nOnE', () => withHeader({ alg: 'nOnE' }), 'jwt_algorithm_refused'],
  ['alg empty', () => withHeader({ alg: '' }), 'jwt_algorithm_refused'],
  ['alg missing', () => signed(rsa, good, { kid: 'rsa' }), 'jwt_algorithm_refused'],
  ['alg null', () => withHeader({ alg: null }), 'jwt_algorithm_refused'],
  ['alg as a list', () => withHeader({ alg: ['RS256'] }), 'jwt_algorithm_refused'],
  ['alg in lower case', () => withHeader({ alg: 'rs256' }), 'jwt_algorithm_refused'],
  ['alg with a space', () => withHeader({ alg: 'RS256 ' }), 'jwt_algorithm_refused'],
  ['alg with a Cyrillic Ѕ', () => withHeader({ alg: 'RЅ256' }), 'jwt_algorithm_refused'],
  ['alg named like a member of every object', () => withHeader({ alg: 'constructor' }), 'jwt_algorithm_refused'],
  ['HS256 with the public key as the secret', () => hmac('HS256', String(rsa.jwk['n'])), 'jwt_algorithm_refused'],
  ['HS256 with a PEM as the secret', () => hmac('HS256', pem), 'jwt_algorithm_refused'],
  ['HS512 with the modulus as the secret', () => hmac('HS512', String(rsa.jwk['n'])), 'jwt_algorithm_refused'],
  [
    'an asymmetric algorithm that is not configured',
    () => as({ ...rsa, alg: 'PS256' }, { alg: 'PS256', kid: 'rsa' }),
    'jwt_algorithm_refused',
  ],
  ['RS512 by the issuer’s own key', () => as({ ...rsa, alg: 'RS512' }, { alg: 'RS512', kid: 'rsa' }), 'jwt_algorithm_refused'],
  ['the kid of an RSA key under ES256', () => as(ec, { alg: 'ES256', kid: 'rsa' }), 'jwt_key_unknown'],
  ['the kid of an EC key under RS256', () => as(rsa, { alg: 'RS256', kid: 'ec' }), 'jwt_key_unknown'],
  ['ES256 by a key on P-384', () => as(p384, { alg: 'ES256', kid: 'p384' }), 'jwt_key_unknown'],
  ['an RSA key of 1024 bits', () => as(weak, { alg: 'RS256', kid: 'weak' }), 'jwt_key_unknown'],
  ['a key for encryption', () => as(encryption, { alg: 'RS256', kid: 'encryption' }), 'jwt_key_unknown'],
  ['another key under the same kid', () => signed(stranger, good), 'jwt_signature_invalid'],
  ['a key of another trusted issuer under its own kid', () => as(otherIssuersKey, { alg: 'RS256', kid: 'other' }), 'jwt_key_unknown'],
  ['a key of another trusted issuer under this one’s kid', () => as(otherIssuersKey, HEADER), 'jwt_signature_invalid'],
  ['an unknown kid', () => withHeader({ kid: 'rsa2' }), 'jwt_key_unknown'],
  ['a kid in another letter case', () => withHeader({ kid: 'RSA' }), 'jwt_key_unknown'],
  ['a kid with a prefix of the right one', () => withHeader({ kid: 'rs' }), 'jwt_key_unknown'],
  ['a kid that is a path', () => withHeader({ kid: '../../../../dev/null' }), 'jwt_key_unknown'],
  ['a kid that is SQL', () => withHeader({ kid: "rsa' or '1'='1" }), 'jwt_key_unknown'],
  ['a kid named like a prototype', () => withHeader({ kid: '__proto__' }), 'jwt_key_unknown'],
  ['no kid, by a stranger', () => as(ed, { alg: 'RS256' }), 'jwt_signature_invalid'],
  ['a kid that is a number', () => withHeader({ kid: 1 }), 'jwt_header_refused'],
  ['a kid that is an object', () => withHeader({ kid: { toString: 'rsa' } }), 'jwt_header_refused'],
  ['an empty kid', () => withHeader({ kid: '' }), 'jwt_header_refused'],
  ['a kid of 1000 characters', () => withHeader({ kid: 'r'.repeat(1000) }), 'jwt_header_refused'],
  ['jku', () => as(stranger, { ...HEADER, jku: 'https://evil.example.com/keys' }), 'jwt_header_refused'],
  ['jku of the issuer itself', () => withHeader({ jku: `${ISSUER}/keys` }), 'jwt_header_refused'],
  ['x5u', () => as(stranger, { ...HEADER, x5u: 'https://evil.example.com/chain' }), 'jwt_header_refused'],
  ['its own key in jwk', () => as(stranger, { ...HEADER, jwk: stranger.jwk }), 'jwt_header_refused'],
  ['its own certificate in x5c', () => as(stranger, { ...HEADER, x5c: ['MIIB'] }), 'jwt_header_refused'],
  ['crit', () => withHeader({ crit: ['exp'], exp: now + 9999 }), 'jwt_header_refused'],
  ['an empty crit', () => withHeader({ crit: [] }), 'jwt_header_refused'],
  ['b64 false', () => withHeader({ b64: false, crit: ['b64'] }), 'jwt_header_refused'],
  ['b64 null', () => withHeader({ b64: null }), 'jwt_header_refused'],
  ['zip', () => withHeader({ zip: 'DEF' }), 'jwt_header_refused'],
  ['enc', () => withHeader({ enc: 'A128GCM' }), 'jwt_header_refused'],
  ['a nested JWT', () => signed(rsa, signed(rsa, good), { ...HEADER, cty: 'JWT' }), 'jwt_malformed'],
  ['cty', () => withHeader({ cty: 'JWT' }), 'jwt_header_refused'],
  ['a nested JWT that does not say so', () => signed(rsa, signed(rsa, good)), 'jwt_malformed'],
  ['another typ', () => withHeader({ typ: 'logout+jwt' }), 'jwt_header_refused'],
  ['a typ that only begins right', () => withHeader({ typ: 'JWT; x' }), 'jwt_header_refused'],
  ['a typ that is a list', () => withHeader({ typ: ['JWT'] }), 'jwt_header_refused'],
  ['a DPoP proof', () => withHeader({ typ: 'dpop+jwt', jwk: stranger.jwk }), 'jwt_header_refused'],
  ['alg twice in the header', () => signed(rsa, good, `{"alg":"none","kid":"rsa","alg":"RS256"}`), 'jwt_malformed'],
  ['alg twice, once escaped', () => signed(rsa, good, `{"alg":"RS256","kid":"rsa","\\u0061lg":"none"}`), 'jwt_malformed'],
  ['a header that is a list', () => signed(rsa, good, [HEADER]), 'jwt_malformed'],
  ['a header that is null', () => signed(rsa, good, 'null'), 'jwt_malformed'],
  ['a header that is no JSON', () => signed(rsa, good, '{alg:RS256}'), 'jwt_malformed'],
  ['a header with a byte order mark', () => signed(rsa, good, `\ufeff${JSON.stringify(HEADER)}`), 'jwt_malformed'],
  ['a header that is not UTF-8', () => `${b64(Buffer.from([0x7b, 0xff, 0x7d]))}.${payload}.${signature}`, 'jwt_malformed'],
  [
    'a header whose prototype would have alg',
    () => signed(rsa, good, `{"__proto__":{"alg":"RS256"},"kid":"rsa"}`),
    'jwt_algorithm_refused',
  ],

  ['another issuer', () => withClaims({ iss: 'https://evil.example.com' }), 'jwt_issuer_unknown'],
  ['a trusted issuer that didn’t sign', () => withClaims({ iss: OTHER }), 'jwt_key_unknown'],
  ['an issuer with a trailing slash', () => withClaims({ iss: `${ISSUER}/` }), 'jwt_issuer_unknown'],
  ['an issuer in another letter case', () => withClaims({ iss: 'https://CI.example.com' }), 'jwt_issuer_unknown'],
  ['an issuer with http', () => withClaims({ iss: 'http://ci.example.com' }), 'jwt_issuer_unknown'],
  ['an issuer with the default port', () => withClaims({ iss: `${ISSUER}:443` }), 'jwt_issuer_unknown'],
  ['an issuer with a user', () => withClaims({ iss: 'https://ci.example.com@evil.example.com' }), 'jwt_issuer_unknown'],
  ['an issuer that only begins right', () => withClaims({ iss: `${ISSUER}.evil.example.com` }), 'jwt_issuer_unknown'],
  ['an issuer with a look-alike letter', () => withClaims({ iss: 'https://сі.example.com' }), 'jwt_issuer_unknown'],
  ['an issuer with a fullwidth dot', () => withClaims({ iss: 'https://ci．example.com' }), 'jwt_issuer_unknown'],
  ['an issuer with a zero-width space', () => withClaims({ iss: `${ISSUER}\u200b` }), 'jwt_issuer_unknown'],
  ['an issuer with a NUL', () => withClaims({ iss: `${ISSUER}\u0000` }), 'jwt_issuer_unknown'],
  ['an empty issuer', () => withClaims({ iss: '' }), 'jwt_issuer_unknown'],
  ['no issuer', () => without('iss'), 'jwt_claim_malformed'],
  ['an issuer in a list', () => withClaims({ iss: [ISSUER] }), 'jwt_claim_malformed'],
  ['an issuer that is an object', () => withClaims({ iss: { url: ISSUER } }), 'jwt_claim_malformed'],
  ['an issuer named like a prototype', () => withClaims({ iss: '__proto__' }), 'jwt_issuer_unknown'],

  ['another audience', () => withClaims({ aud: 'https://elsewhere.example.com' }), 'jwt_audience_wrong'],
  ['an audience of another issuer', () => withClaims({ aud: 'https://other-gate.example.com' }), 'jwt_audience_wrong'],
  ['an audience in another letter case', () => withClaims({ aud: AUDIENCE.toUpperCase() }), 'jwt_audience_wrong'],
  ['an audience with a trailing slash', () => withClaims({ aud: `${AUDIENCE}/` }), 'jwt_audience_wrong'],
  ['an audience that only begins right', () => withClaims({ aud: `${AUDIENCE}.evil.example.com` }), 'jwt_audience_wrong'],
  ['audiences joined with a space', () => withClaims({ aud: `x ${AUDIENCE}` }), 'jwt_audience_wrong'],
  ['a list of other audiences', () => withClaims({ aud: ['a', 'b'] }), 'jwt_audience_wrong'],
  ['an empty list of audiences', () => withClaims({ aud: [] }), 'jwt_audience_wrong'],
  ['an empty audience', () => withClaims({ aud: '' }), 'jwt_audience_wrong'],
  ['no audience', () => without('aud'), 'jwt_claim_malformed'],
  ['audience null', () => withClaims({ aud: null }), 'jwt_claim_malformed'],
  ['an audience that is an object', () => withClaims({ aud: { [AUDIENCE]: true } }), 'jwt_claim_malformed'],
  ['the right audience in a list of lists', () => withClaims({ aud: [[AUDIENCE]] }), 'jwt_claim_malformed'],
  ['the right audience beside a number', () => withClaims({ aud: [AUDIENCE, 1] }), 'jwt_claim_malformed'],
  ['10,000 audiences', () => withClaims({ aud: Array.from({ length: 10_000 }, () => AUDIENCE) }), 'jwt_malformed'],
  ['1,200 short audiences', () => withClaims({ aud: [AUDIENCE, ...Array.from({ length: 1200 }, () => 'a')] }), 'jwt_malformed'],

  ['expired', () => withClaims({ iat: now - 400, nbf: now - 400, exp: now - 60 }), 'jwt_expired'],
  ['expired long ago', () => withClaims({ iat: 1, nbf: 1, exp: 2 }), 'jwt_expired'],
  ['exp zero', () => withClaims({ exp: 0 }), 'jwt_expired'],
  ['no exp', () => without('exp'), 'jwt_claim_malformed'],
  ['exp null', () => withClaims({ exp: null }), 'jwt_claim_malformed'],
  ['exp as text', () => withClaims({ exp: String(now + 300) }), 'jwt_claim_malformed'],
  ['exp as a date', () => withClaims({ exp: '2099-01-01T00:00:00Z' }), 'jwt_claim_malformed'],
  ['exp in a list', () => withClaims({ exp: [now + 300] }), 'jwt_claim_malformed'],
  ['exp true', () => withClaims({ exp: true }), 'jwt_claim_malformed'],
  ['a negative exp', () => withClaims({ exp: -1 }), 'jwt_claim_malformed'],
  ['an exp beyond every calendar', () => withClaims({ exp: 1e300 }), 'jwt_claim_malformed'],
  ['exp in milliseconds', () => withClaims({ exp: (now + 300) * 1000 }), 'jwt_claim_malformed'],
  ['exp 1e999', () => withPayload(text.replace(/"exp":\d+/, '"exp":1e999')), 'jwt_malformed'],
  ['exp NaN', () => withPayload(text.replace(/"exp":\d+/, '"exp":NaN')), 'jwt_malformed'],
  ['exp twice', () => withPayload(text.replace('{', `{"exp":${now - 9999},`)), 'jwt_malformed'],
  ['a lifetime of a year', () => withClaims({ exp: now + 365 * 86_400 }), 'jwt_lifetime_too_long'],
  ['a lifetime one second too long', () => withClaims({ exp: now + 3601 }), 'jwt_lifetime_too_long'],
  ['an exp before its iat', () => withClaims({ iat: now + 30, exp: now + 20, nbf: now }), 'jwt_claim_malformed'],
  ['no iat', () => without('iat'), 'jwt_claim_malformed'],
  ['iat as text', () => withClaims({ iat: String(now) }), 'jwt_claim_malformed'],
  ['iat in the future', () => withClaims({ iat: now + 61 }), 'jwt_not_yet_valid'],
  ['not valid yet', () => withClaims({ nbf: now + 61 }), 'jwt_not_yet_valid'],
  ['nbf as text', () => withClaims({ nbf: '0' }), 'jwt_claim_malformed'],
  ['nbf null', () => withClaims({ nbf: null }), 'jwt_claim_malformed'],
  ['no sub', () => without('sub'), 'jwt_claim_malformed'],
  ['an empty sub', () => withClaims({ sub: '' }), 'jwt_claim_malformed'],
  ['sub in a list', () => withClaims({ sub: ['repo:acme/cart'] }), 'jwt_claim_malformed'],
  ['a sub that is a number', () => withClaims({ sub: 1 }), 'jwt_claim_malformed'],
  ['a sub of 3000 characters', () => withClaims({ sub: 's'.repeat(3000) }), 'jwt_claim_malformed'],
  ['a sub that only a prototype has', () => withPayload(text.replace(/"sub":"[^"]+"/, '"__proto__":{"sub":"x"}')), 'jwt_claim_malformed'],
  ['sub twice', () => withPayload(text.replace('{', '{"sub":"repo:acme/other",')), 'jwt_malformed'],
  ['iss twice, once escaped', () => withPayload(text.replace('{', `{"\\u0069ss":"${OTHER}",`)), 'jwt_malformed'],
  [
    'a claim twice, deep inside',
    () => withPayload(text.replace('{', '{"kubernetes.io":{"namespace":"a","namespace":"b"},')),
    'jwt_malformed',
  ],
  ['half a surrogate pair', () => withPayload(text.replace('{', '{"x":"\\ud800",')), 'jwt_malformed'],

  ['a payload that is a list', () => withPayload(`[${text}]`), 'jwt_malformed'],
  ['a payload that is a text', () => withPayload(JSON.stringify(text)), 'jwt_malformed'],
  ['a payload that is null', () => withPayload('null'), 'jwt_malformed'],
  ['a payload with a comment', () => withPayload(`${text}//`), 'jwt_malformed'],
  ['two payloads', () => withPayload(text + text), 'jwt_malformed'],
  ['a payload with a byte order mark', () => withPayload(`\ufeff${text}`), 'jwt_malformed'],
  ['a payload nested 9 deep', () => withClaims({ x: nested(9) }), 'jwt_malformed'],
  ['a payload nested 4,000 deep', () => withPayload(`{"x":${'['.repeat(4000)}${']'.repeat(4000)}}`), 'jwt_malformed'],
  ['more than 12 KiB', () => withClaims({ x: 'x'.repeat(12 * 1024) }), 'jwt_malformed'],
  ['a detached payload', () => `${head}..${signature}`, 'jwt_malformed'],
  ['no signature', () => `${head}.${payload}.`, 'jwt_malformed'],
  ['a JWE', () => `${b64({ alg: 'RSA-OAEP', enc: 'A128GCM' })}.a.a.a.a`, 'jwt_malformed'],
  ['a fourth part', () => `${head}.${payload}.${signature}.`, 'jwt_malformed'],
  ['the JSON serialisation', () => JSON.stringify({ protected: head, payload, signature }), 'jwt_malformed'],
  ['padding', () => `${head}=.${payload}.${signature}`, 'jwt_malformed'],
  ['padding at the end', () => `${head}.${payload}.${signature}==`, 'jwt_malformed'],
  ['the alphabet of plain base64', () => `${head}.${payload}.${signature.slice(0, -4)}+/+/`, 'jwt_malformed'],
  ['white space inside', () => `${head}. ${payload}.${signature}`, 'jwt_malformed'],
  ['a line break at the end', () => `${head}.${payload}.${signature}\n`, 'jwt_malformed'],
  [
    'a signature with stray bits',
    () => `${head}.${payload}.${signature.slice(0, -1)}${signature.endsWith('Q') ? 'R' : 'B'}`,
    'jwt_malformed',
  ],
  ['a signature one character short', () => `${head}.${payload}.${signature.slice(0, -1)}`, 'jwt_malformed'],
  [
    'a truncated signature',
    () => `${head}.${payload}.${b64(Buffer.from(signature, 'base64url').subarray(0, 128))}`,
    'jwt_signature_invalid',
  ],
  [
    'a longer signature',
    () => `${head}.${payload}.${b64(Buffer.concat([Buffer.from(signature, 'base64url'), Buffer.alloc(3)]))}`,
    'jwt_signature_invalid',
  ],
  ['a signature of zeros', () => `${head}.${payload}.${b64(Buffer.alloc(256))}`, 'jwt_signature_invalid'],
  ['the signature of another token', () => `${head}.${payload}.${withClaims({ sub: 'x' }).split('.')[2]}`, 'jwt_signature_invalid'],
  [
    'other claims under the same signature',
    () => `${head}.${b64({ ...good, sub: 'repo:acme/other' })}.${signature}`,
    'jwt_signature_invalid',
  ],
  [
    'another header under the same signature',
    () => `${b64({ ...HEADER, typ: 'at+jwt' })}.${payload}.${signature}`,
    'jwt_signature_invalid',
  ],
  ['ES256 with r and s zero', () => withEcSignature(Buffer.alloc(64)), 'jwt_signature_invalid'],
  ['ES256 with r and s of the order', () => withEcSignature(Buffer.concat([P256_ORDER, P256_ORDER])), 'jwt_signature_invalid'],
  ['ES256 in DER', () => withEcSignature(der()), 'jwt_signature_invalid'],
  ['ES256 with half a signature', () => withEcSignature(es().subarray(0, 32)), 'jwt_signature_invalid'],
  ['ES256 by a stranger', () => signed(ecKey('ec'), good), 'jwt_signature_invalid'],
  [
    'EdDSA with a signature of zeros',
    () => `${b64({ alg: 'EdDSA', kid: 'ed' })}.${b64(good)}.${b64(Buffer.alloc(64))}`,
    'jwt_signature_invalid',
  ],
  ['EdDSA by a stranger', () => signed(edKey('ed'), good), 'jwt_signature_invalid'],
]

/** Tokens with nothing wrong. */
export const GOOD: readonly (readonly [what: string, token: string])[] = [
  ['by RSA', signed(rsa, good)],
  ['by ECDSA', signed(ec, good)],
  ['by EdDSA', signed(ed, good)],
  ['without typ', signed(rsa, good, { alg: 'RS256', kid: 'rsa' })],
  ['as an access token', signed(rsa, good, { ...HEADER, typ: 'at+jwt' })],
  ['with an unknown header member', signed(rsa, good, { ...HEADER, x5t: 'abc' })],
  ['without nbf', without('nbf')],
  ['with a list of audiences', withClaims({ aud: ['x', AUDIENCE] })],
  ['expired within the skew', withClaims({ iat: now - 300, exp: now - 59 })],
  ['early within the skew', withClaims({ iat: now + 60, nbf: now + 60 })],
  ['with fractions of seconds', withClaims({ iat: now - 0.5, exp: now + 0.5 })],
  ['nested 7 deep', withClaims({ x: nested(6) })],
]
