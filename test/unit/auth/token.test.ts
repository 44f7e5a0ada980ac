import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { openSecret, sealSecret } from '../../../src/auth/sealed-secret.ts'
import { hashToken, hintOf, makeToken } from '../../../src/auth/token.ts'

describe('a token', () => {
  it('has a recognisable prefix and 256 fresh random bits', () => {
    const [one, other] = [makeToken(), makeToken()]
    assert.match(one, /^ptc_[A-Za-z0-9_-]{43}$/)
    assert.notEqual(one, other)
    assert.equal(Buffer.from(one.slice(4), 'base64url').length, 32)
  })

  it('is kept as a SHA-256 and recognised by its beginning', () => {
    assert.equal(hashToken('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    const token = makeToken()
    assert.equal(hintOf(token), token.slice(0, 8))
    assert.equal(hintOf('a-token-that-somebody-made-up-for-us'), 'a-to')
  })
})

describe('a sealed secret', () => {
  const claim = { principalId: 'p', method: 'POST', path: '/v1/tokens', key: 'k', fingerprint: 'f' }
  const sealed = sealSecret('ptc_secret', 'credential', claim)

  it('opens under the credential and the claim that it was sealed with', () => {
    assert.equal(openSecret(sealed, 'credential', claim), 'ptc_secret')
    assert.notEqual(sealSecret('ptc_secret', 'credential', claim), sealed)
    assert.ok(!Buffer.from(sealed, 'base64url').includes('ptc_'))
  })

  it('opens under nothing else', () => {
    assert.equal(openSecret(sealed, 'another credential', claim), undefined)
    for (const part of Object.keys(claim)) assert.equal(openSecret(sealed, 'credential', { ...claim, [part]: 'other' }), undefined)
    assert.equal(openSecret('', 'credential', claim), undefined)
    assert.equal(openSecret(sealed.slice(0, -2), 'credential', claim), undefined)
    const bytes = Buffer.from(sealed, 'base64url')
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.equal(openSecret(changed.toString('base64url'), 'credential', claim), undefined)
    }
  })

  it('takes a path and key of any length', () => {
    const long = { ...claim, path: `/${'x'.repeat(5000)}` }
    assert.equal(openSecret(sealSecret('s', 'c', long), 'c', long), 's')
  })
})
