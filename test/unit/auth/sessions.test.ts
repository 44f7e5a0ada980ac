import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'

import type { LoginProvider, Standing } from '../../../src/auth/login/ports.ts'
import { Standings } from '../../../src/auth/login/standings.ts'
import type { TokenRecord } from '../../../src/auth/ports.ts'
import { hashToken } from '../../../src/auth/token.ts'
import type { Principal } from '../../../src/core/principal.ts'
import { formatInstant } from '../../../src/core/time.ts'
import { providerOf } from './login/samples.ts'
import { ANN, authenticatorOf, DAY, MemoryTokens, TestClock } from './memory-tokens.ts'

const HOUR = DAY / 24
const AT = '2026-05-01T12:00:00.000Z'
const TEXT = 'a'.repeat(43)
const PERSONAL = 'ptc_personal'
const PERSON: Principal = { ...ANN, identities: [{ kind: 'issuer:okta', value: 'ann-1', verifiedBy: 'provider', at: AT, by: 'okta' }] }

const session: TokenRecord = {
  ...{ id: '0196a000-0000-7000-8000-0000000000a1', hash: hashToken(TEXT), hint: 'aaaa', description: 'Login at okta', principalId: ANN.id },
  ...{ familyId: '0196a000-0000-7000-8000-0000000000a1', issuedWith: null, supersededBy: null, overlapUntil: null },
  ...{ kind: 'session', login: 'okta', createdBy: ANN.id, issuerIds: [], person: 'proven', roles: ['admin'], scopes: [], confinement: {} },
  ...{ createdAt: AT, expiresAt: '2026-05-01T20:00:00.000Z', revokedAt: null, lastUsedAt: null },
}
const personal: TokenRecord = {
  ...{ ...session, id: '0196a000-0000-7000-8000-0000000000a2', hash: hashToken(PERSONAL), kind: 'personal', issuerIds: [ANN.id] },
  expiresAt: '2027-05-01T12:00:00.000Z',
}

describe('A session', () => {
  let store = new MemoryTokens()
  let clock = new TestClock()
  let provider: LoginProvider | undefined
  let standing: Standing | undefined
  let authenticator = authenticatorOf(store, clock)

  beforeEach(async () => {
    await authenticator[Symbol.asyncDispose]()
    store = new MemoryTokens()
    clock = new TestClock()
    provider = providerOf()
    standing = { provider: 'okta', issuer: provider.issuer, subject: 'ann-1', groups: ['admins'], rights: [], at: AT }
    store.people.set(PERSON.id, PERSON)
    for (const token of [session, personal]) store.tokens.set(token.id, token)
    const standings = new Standings(
      { standing: async (id, name) => (id === ANN.id && name === 'okta' ? standing : undefined) },
      { all: async () => (provider ? [provider] : []) },
      90 * DAY,
    )
    authenticator = authenticatorOf(store, clock, { standings })
  })
  afterEach(() => authenticator[Symbol.asyncDispose]())

  const enter = () => authenticator.authenticateSession(TEXT, '192.0.2.1')
  const enterPersonally = () => authenticator.authenticate(PERSONAL, '192.0.2.1')
  const refusal = (pattern: RegExp) => (error: Error & { code?: string }) => error.code === 'unauthenticated' && pattern.test(error.message)
  /** Somebody changes something: what is remembered counts no more. */
  const changed = () => store.putPrincipal(PERSON, { actor: 'system', at: AT, requestId: undefined })

  it('proves a person', async () => {
    const { principal, credential, person, issuerIds, scopes } = await enter()
    assert.equal(principal.id, ANN.id)
    assert.deepEqual(credential, { kind: 'session', id: session.id })
    assert.equal(person, 'proven')
    assert.deepEqual(issuerIds, [])
    assert.ok(scopes.has('issuers:manage'))
  })

  it('is good in its cookie only, and no token is good there', async () => {
    await assert.rejects(authenticator.authenticate(TEXT, ''), refusal(/token is not known/))
    await assert.rejects(authenticator.authenticateSession(PERSONAL, ''), refusal(/session is not known/))
    await assert.rejects(authenticator.authenticateSession('ey.a.b', ''), refusal(/session is not known/))
  })

  it('ends after its lifetime, when it is revoked, and with its principal', async () => {
    for (let hours = 0; hours < 8; hours++) {
      await enter()
      clock.advance(HOUR)
    }
    await assert.rejects(enter(), refusal(/session has expired/))
    clock.at = Date.parse(AT)
    store.tokens.set(session.id, { ...session, revokedAt: AT })
    await changed()
    await assert.rejects(enter(), refusal(/session was revoked/))
    store.tokens.set(session.id, session)
    await store.putPrincipal({ ...PERSON, disabled: true }, { actor: 'system', at: AT, requestId: undefined })
    await assert.rejects(enter(), refusal(/disabled/))
  })

  it('ends when nobody used it for an hour', async () => {
    clock.advance(HOUR)
    await enter()
    clock.advance(HOUR)
    await enter()
    clock.advance(HOUR + 1)
    await assert.rejects(enter(), refusal(/not used for an hour/))
    await assert.rejects(enter(), refusal(/not used for an hour/))
  })

  it('goes on if another replica saw it meanwhile', async () => {
    await enter()
    clock.advance(HOUR + 1)
    store.tokens.set(session.id, { ...session, lastUsedAt: formatInstant(clock.at - 1000) })
    await enter()
  })

  it('costs no write at each use', async () => {
    await enter()
    const { reads } = store
    for (let at = 0; at < 10; at++) await enter()
    assert.equal(store.reads, reads)
    assert.equal(store.tokens.get(session.id)?.lastUsedAt, null)
    await authenticator.flush()
    assert.equal(store.tokens.get(session.id)?.lastUsedAt, formatInstant(clock.at))
  })

  const lost: Record<string, () => void> = {
    'the groups give nothing any more': () => (standing = standing && { ...standing, groups: [] }),
    'the issuer is gone, or nobody logs in there': () => (provider = undefined),
    'the issuer is another one under the same name': () => (provider = providerOf({}, { issuer: 'https://other.example' })),
    'nobody knows of the login': () => (standing = undefined),
    'the group means nothing any more': () => (provider = providerOf({ groups: {} })),
    'the principal is a workload': () => void store.people.set(PERSON.id, { ...PERSON, kind: 'workload' }),
    'the identity was unlinked': () => void store.people.set(PERSON.id, { ...PERSON, identities: [] }),
    'the identity is another one now': () => (standing = standing && { ...standing, subject: 'ann-2' }),
  }
  for (const [what, happens] of Object.entries(lost)) {
    it(`is worth nothing once ${what}, like a personal token`, async () => {
      await enter()
      await enterPersonally()
      happens()
      const kept = store.people.get(PERSON.id)
      await changed()
      if (kept) store.people.set(PERSON.id, kept)
      await assert.rejects(enter(), refusal(/allow nothing/))
      await assert.rejects(enterPersonally(), refusal(/allow nothing/))
    })
  }

  it('is cut to what the groups mean now, like a personal token', async () => {
    assert.ok((await enterPersonally()).scopes.has('issuers:manage'))
    standing = standing && { ...standing, groups: ['readers'] }
    await changed()
    for (const { scopes } of [await enter(), await enterPersonally()]) {
      assert.ok(scopes.has('audit:read'))
      assert.ok(!scopes.has('issuers:manage'))
    }
    standing = standing && { ...standing, groups: ['approvers'] }
    await changed()
    const { confinement, scopes } = await enterPersonally()
    assert.deepEqual(confinement, { repositories: ['github.com/acme/*'] })
    assert.ok(scopes.has('approvals:approve') && !scopes.has('audit:read'))
  })

  it('is no longer vouched for by a login of long ago: personal tokens end with it', async () => {
    clock.advance(90 * DAY - 1)
    await enterPersonally()
    clock.advance(1)
    await assert.rejects(enterPersonally(), refusal(/not logged in for too long/))
  })

  it('and personal tokens are worth nothing where nobody can tell what they rest on', async () => {
    await using without = authenticatorOf(store, clock)
    await assert.rejects(without.authenticateSession(TEXT, ''), refusal(/allow nothing/))
    await assert.rejects(without.authenticate(PERSONAL, ''), refusal(/allow nothing/))
  })
})
