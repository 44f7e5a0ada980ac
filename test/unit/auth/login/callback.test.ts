import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { codeOf, matchState } from '../../../../src/auth/login/callback.ts'
import { newLoginState } from '../../../../src/auth/login/login-state.ts'
import { providerOf } from './samples.ts'

const state = newLoginState(
  { provider: 'okta', issuer: 'https://idp.example.com', redirectUri: '', returnTo: '', group: null },
  Date.parse('2026-05-01T12:00:00Z'),
)
const metadata = { authorizationEndpoint: '', tokenEndpoint: '', userinfoEndpoint: undefined, statesIssuer: false }
const provider = providerOf()
const INVALID = { code: 'login_state_invalid' }

describe('The answer of a provider', () => {
  it('belongs to the login that the browser began', () => {
    assert.equal(matchState('okta', { state: state.state }, state), state)
    assert.throws(() => matchState('okta', { state: state.state }, undefined), INVALID)
    for (const other of [undefined, '', state.nonce, `${state.state}x`, state.state.toLowerCase()])
      assert.throws(() => matchState('okta', { state: other }, state), INVALID)
  })

  it('comes to the address of the provider that was asked', () => {
    assert.throws(() => matchState('dex', { state: state.state }, state), INVALID)
  })

  it('says who answers, exactly, if it says it or the provider always does (RFC 9207)', () => {
    assert.equal(codeOf({ code: 'c' }, provider, metadata), 'c')
    assert.equal(codeOf({ code: 'c', iss: provider.issuer }, provider, metadata), 'c')
    assert.throws(() => codeOf({ code: 'c', iss: 'https://idp.example.com/' }, provider, metadata), INVALID)
    assert.throws(() => codeOf({ code: 'c', iss: '' }, provider, metadata), INVALID)
    assert.throws(() => codeOf({ code: 'c' }, provider, { ...metadata, statesIssuer: true }), INVALID)
    assert.throws(() => codeOf({ error: 'access_denied', iss: 'https://evil.example' }, provider, metadata), INVALID)
  })

  it('holds a code', () => {
    assert.throws(() => codeOf({}, provider, metadata), INVALID)
    assert.throws(() => codeOf({ code: '' }, provider, metadata), INVALID)
  })

  it('can be a refusal, of which no free text is repeated', () => {
    assert.throws(() => codeOf({ error: 'access_denied', code: 'c' }, provider, metadata), {
      code: 'login_refused',
      message: /\(access_denied\)/,
    })
    assert.throws(() => codeOf({ error: 'call 555-1234 <now>' }, provider, metadata), { code: 'login_refused', message: /you in\.$/ })
  })
})
