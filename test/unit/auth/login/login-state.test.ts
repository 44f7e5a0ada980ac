import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'

import { challengeOf, newLoginState, openState, sealState } from '../../../../src/auth/login/login-state.ts'

const NOW = Date.parse('2026-05-01T12:00:00Z')
const MINUTE = 60_000
const wish = {
  ...{ provider: 'okta', issuer: 'https://idp.example.com', redirectUri: 'https://gate.example.com/auth/callback/okta' },
  ...{ returnTo: 'https://gate.example.com/console', group: null },
}

describe('A login in progress', () => {
  const key = randomBytes(32)
  const state = newLoginState(wish, NOW)

  it('holds fresh secrets each time', () => {
    const other = newLoginState(wish, NOW)
    const secrets = [state, other].flatMap((each) => [each.state, each.nonce, each.verifier])
    assert.equal(new Set(secrets).size, 6)
    for (const secret of secrets) assert.match(secret, /^[\w-]{43}$/)
    assert.equal(challengeOf(state), hash('sha256', state.verifier, 'base64url'))
  })

  it('is opened under its key for ten minutes', () => {
    const sealed = sealState(state, key)
    assert.deepEqual(openState(sealed, key, NOW + 10 * MINUTE - 1), state)
    assert.equal(openState(sealed, key, NOW + 10 * MINUTE), undefined)
    assert.equal(openState(sealed, randomBytes(32), NOW), undefined)
  })

  it('shows nothing of its secrets, and never looks the same twice', () => {
    const text = Buffer.from(sealState(state, key), 'base64url').toString('latin1')
    for (const secret of [state.state, state.nonce, state.verifier]) assert.ok(!text.includes(secret))
    assert.notEqual(sealState(state, key), sealState(state, key))
  })

  it('is not opened if a bit of it was changed, or it is none', () => {
    const bytes = Buffer.from(sealState(state, key), 'base64url')
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.equal(openState(changed.toString('base64url'), key, NOW), undefined)
    }
    for (const text of ['', 'x', 'A'.repeat(40), 'A'.repeat(100_000)]) assert.equal(openState(text, key, NOW), undefined)
  })

  it('fits into a cookie, however long its path is', () => {
    const longest = { ...wish, returnTo: `https://gate.example.com/${'x'.repeat(1023)}`, group: 'g'.repeat(128) }
    assert.ok(sealState(newLoginState(longest, NOW), key).length < 3500)
  })
})
