import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'

import { checkIdToken, idTokenIssuers } from '../../../../src/auth/login/id-token.ts'
import type { JwtAlgorithm, VerifiedJwt } from '../../../../src/auth/jwt/model.ts'
import { providerOf } from './samples.ts'

const provider = providerOf()
const [issuer] = await idTokenIssuers({ revision: async () => 1, all: async () => [provider] }).all()
const expected = { provider, nonce: 'the-nonce', code: 'the-code', accessToken: 'the-access-token' }
const half = (text: string, algorithm = 'sha256'): string => {
  const digest = createHash(algorithm).update(text).digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}
const jwt = (claims: Record<string, unknown>, algorithm: JwtAlgorithm = 'RS256'): VerifiedJwt => {
  assert.ok(issuer)
  return { issuer, algorithm, keyId: undefined, subject: 's', expiresAt: 0, claims: { aud: 'portcullis', nonce: 'the-nonce', ...claims } }
}
const REFUSED = { code: 'login_token_invalid' }

describe('An ID token', () => {
  it('is for our client alone', () => {
    assert.deepEqual(issuer?.audiences, ['portcullis'])
    checkIdToken(jwt({}), expected)
    checkIdToken(jwt({ azp: 'portcullis' }), expected)
    checkIdToken(jwt({ aud: ['portcullis'] }), expected)
    checkIdToken(jwt({ aud: ['portcullis', 'other'], azp: 'portcullis' }), expected)
    assert.throws(() => checkIdToken(jwt({ aud: ['portcullis', 'other'] }), expected), REFUSED)
    assert.throws(() => checkIdToken(jwt({ azp: 'other' }), expected), REFUSED)
    assert.throws(() => checkIdToken(jwt({ azp: ['portcullis'] }), expected), REFUSED)
  })

  it('is of the provider that was asked', () => {
    assert.throws(() => checkIdToken(jwt({}), { ...expected, provider: providerOf({}, { issuer: 'https://other.example' }) }), REFUSED)
  })

  it('carries the nonce of this login', () => {
    for (const nonce of [undefined, null, '', 'The-nonce', ['the-nonce'], 'the-nonce '])
      assert.throws(() => checkIdToken(jwt({ nonce }), expected), REFUSED)
  })

  it('fits the code and the access token that came with it, if it speaks of them', () => {
    checkIdToken(jwt({ c_hash: half('the-code'), at_hash: half('the-access-token') }), expected)
    checkIdToken(jwt({ c_hash: half('the-code', 'sha512') }, 'EdDSA'), expected)
    checkIdToken(jwt({ c_hash: half('the-code', 'sha384') }, 'ES384'), expected)
    for (const claims of [
      { c_hash: half('other') },
      { at_hash: half('other') },
      { c_hash: '' },
      { at_hash: null },
      { c_hash: half('the-code', 'sha512') },
    ])
      assert.throws(() => checkIdToken(jwt(claims), expected), REFUSED)
    assert.throws(() => checkIdToken(jwt({ at_hash: half('undefined') }), { ...expected, accessToken: undefined }), REFUSED)
  })
})
