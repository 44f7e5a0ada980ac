import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'

import { Authenticator } from '../../../src/auth/authenticator.ts'
import { JwtError } from '../../../src/auth/jwt/errors.ts'
import type { TokenRecord } from '../../../src/auth/ports.ts'
import { AppError } from '../../../src/core/app-error.ts'
import type { Access } from '../../../src/core/principal.ts'
import { hashToken, hintOf, makeToken } from '../../../src/auth/token.ts'
import { DAY, MemoryTokens, TestClock, WORKER } from './memory-tokens.ts'

const token = makeToken()

function record(changes: Partial<TokenRecord> = {}): TokenRecord {
  return {
    id: '0196a000-0000-7000-8000-00000000000a',
    hash: hashToken(token),
    hint: hintOf(token),
    description: 'CI',
    principalId: WORKER.id,
    kind: 'token',
    createdBy: 'system',
    issuerIds: ['system'],
    person: null,
    roles: ['pipeline'],
    scopes: ['metrics:read'],
    confinement: { repositories: ['acme/cart'] },
    createdAt: '2026-04-01T00:00:00.000Z',
    expiresAt: '2026-05-02T12:00:00.000Z',
    revokedAt: null,
    lastUsedAt: null,
    ...changes,
  }
}

describe('authentication', () => {
  let store = new MemoryTokens()
  let clock = new TestClock()
  let failures: unknown[] = []
  let authenticator = new Authenticator({ store, appender: store, clock, onFailure: (error) => failures.push(error) })

  beforeEach(async () => {
    await authenticator[Symbol.asyncDispose]()
    store = new MemoryTokens()
    clock = new TestClock()
    failures = []
    store.people.set(WORKER.id, WORKER)
    store.tokens.set(record().id, record())
    authenticator = new Authenticator({ store, appender: store, clock, onFailure: (error) => failures.push(error) })
  })
  afterEach(() => authenticator[Symbol.asyncDispose]())

  const refusal = (pattern: RegExp) => (error: Error & { code?: string }) => error.code === 'unauthenticated' && pattern.test(error.message)

  it('tells whose token it is, and what it may do where', async () => {
    const access = await authenticator.authenticate(token, '192.0.2.1')
    assert.deepEqual(access.principal, WORKER)
    assert.deepEqual(access.credential, { kind: 'token', id: record().id })
    assert.ok(access.scopes.has('evidence:submit') && access.scopes.has('metrics:read') && !access.scopes.has('tokens:manage'))
    assert.deepEqual(access.confinement, { repositories: ['acme/cart'] })
  })

  it('refuses a missing, unknown, overlong, expired or revoked token, and says which', async () => {
    await assert.rejects(authenticator.authenticate(undefined, ''), refusal(/No token was sent/))
    await assert.rejects(authenticator.authenticate(makeToken(), ''), refusal(/not known/))
    await assert.rejects(authenticator.authenticate(`${token} `, ''), refusal(/not known/))
    await assert.rejects(authenticator.authenticate('x'.repeat(257), ''), refusal(/not known/))
    clock.advance(DAY - 1)
    await authenticator.authenticate(token, '')
    clock.advance(1)
    await assert.rejects(authenticator.authenticate(token, ''), refusal(/expired/))
    store.tokens.set(record().id, record({ revokedAt: '2026-05-01T00:00:00.000Z' }))
    await store.putPrincipal(WORKER, { actor: 'system', at: '', requestId: undefined })
    await assert.rejects(authenticator.authenticate(token, ''), refusal(/revoked/))
  })

  it('takes a token whose expiry cannot be read for expired', async () => {
    store.tokens.set(record().id, record({ expiresAt: 'some day' }))
    await assert.rejects(authenticator.authenticate(token, ''), refusal(/expired/))
  })

  it('refuses a token that a store finds under the wrong hash', async () => {
    store.findByHash = async () => ({ token: record(), principal: WORKER })
    await assert.rejects(authenticator.authenticate(makeToken(), ''), refusal(/not known/))
  })

  it('asks the store once, until something changes', async () => {
    for (let at = 0; at < 5; at++) await authenticator.authenticate(token, '')
    assert.equal(store.reads, 1)
    await store.revoke(record().id, '2026-05-01T12:00:00.000Z', {
      type: 'token.revoked',
      at: '',
      actor: '',
      body: { digest: 'sha256:' },
      detail: {},
    })
    await assert.rejects(authenticator.authenticate(token, ''), refusal(/revoked/))
  })

  it('never keeps what was read before a change that came meanwhile', async () => {
    const read = store.findByHash.bind(store)
    const gate = Promise.withResolvers<void>()
    store.findByHash = async (hash) => {
      const stale = await read(hash)
      await gate.promise
      return stale
    }
    const slow = authenticator.authenticate(token, '')
    await new Promise((resolve) => setImmediate(resolve))
    store.findByHash = read
    await store.revoke(record().id, '2026-05-01T12:00:00.000Z', {
      type: 'token.revoked',
      at: '',
      actor: '',
      body: { digest: 'sha256:' },
      detail: {},
    })
    await assert.rejects(authenticator.authenticate(token, ''), refusal(/revoked/))
    gate.resolve()
    await slow.catch(() => undefined)
    await assert.rejects(authenticator.authenticate(token, ''), refusal(/revoked/))
  })

  it('notes last uses with the flush, not with each use', async () => {
    await authenticator.authenticate(token, '')
    clock.advance(1000)
    await authenticator.authenticate(token, '')
    assert.equal(store.tokens.get(record().id)?.lastUsedAt, null)
    await authenticator.flush()
    assert.equal(store.tokens.get(record().id)?.lastUsedAt, '2026-05-01T12:00:01.000Z')
  })

  it('logs refused logins once per address, reason and token, with a count', async () => {
    clock.advance(DAY)
    for (let at = 0; at < 3; at++) await assert.rejects(authenticator.authenticate(token, '192.0.2.1'))
    await assert.rejects(authenticator.authenticate('nonsense', '192.0.2.1'))
    await assert.rejects(authenticator.authenticate('nonsense', '192.0.2.2'))
    await assert.rejects(authenticator.authenticate(undefined, '192.0.2.3'))
    await authenticator.flush()
    const logged = store.entries.map(({ type, body, detail }) => [type, body['reason'], body['count'], body['tokenId'], detail['address']])
    assert.deepEqual(logged, [
      ['login.refused', 'token_expired', 3, record().id, '192.0.2.1'],
      ['login.refused', 'token_unknown', 1, undefined, '192.0.2.1'],
      ['login.refused', 'token_unknown', 1, undefined, '192.0.2.2'],
    ])
    await authenticator.flush()
    assert.equal(store.entries.length, 3)
    assert.ok(!JSON.stringify(store.entries).includes('nonsense'))
  })

  it('counts refusals from very many addresses together', async () => {
    for (let at = 0; at < 1000; at++) await assert.rejects(authenticator.authenticate('nonsense', `2001:db8::${at}`))
    await authenticator.flush()
    assert.equal(store.entries.length, 101)
    const counts = store.entries.map(({ body }) => Number(body['count']))
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      1000,
    )
    assert.equal(store.entries.at(-1)?.detail['address'], 'many addresses')
  })

  it('loses nothing when a flush fails, and tells of it', async () => {
    await authenticator.authenticate(token, '')
    await assert.rejects(authenticator.authenticate('nonsense', '192.0.2.1'))
    store.failure = new Error('disk full')
    await authenticator.flush()
    assert.equal(failures.length, 2)
    await assert.rejects(authenticator.authenticate('nonsense', '192.0.2.1'))
    store.failure = undefined
    await authenticator[Symbol.asyncDispose]()
    assert.equal(store.entries[0]?.body['count'], 2)
    assert.notEqual(store.tokens.get(record().id)?.lastUsedAt, null)
  })

  describe('of a JWT', () => {
    const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl'
    const access: Access = {
      principal: WORKER,
      credential: { kind: 'workload', id: 'ci' },
      issuerIds: [],
      person: null,
      identity: null,
      scopes: new Set(),
      confinement: {},
    }
    let outcome: () => Access
    const asked: string[] = []

    beforeEach(async () => {
      await authenticator[Symbol.asyncDispose]()
      asked.length = 0
      const jwtLogin = {
        login: async (text: string) => {
          asked.push(text)
          return outcome()
        },
      }
      authenticator = new Authenticator({ store, appender: store, clock, onFailure: (error) => failures.push(error), jwtLogin })
    })

    it('is left to who knows issuers', async () => {
      outcome = () => access
      assert.equal(await authenticator.authenticate(jwt, '192.0.2.1'), access)
      assert.deepEqual(asked, [jwt])
      assert.equal(store.reads, 0)
    })

    it('leaves every other token as it is', async () => {
      await authenticator.authenticate(token, '192.0.2.1')
      for (const other of ['eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0', 'a.b.c', 'eyes', 'EYJ.a.b']) {
        await assert.rejects(authenticator.authenticate(other, ''), refusal(/not known/))
      }
      assert.deepEqual(asked, [])
    })

    it('is logged when it is refused: what the token says stands beside the leaf, and nothing else of it anywhere', async () => {
      const refusals = [
        new JwtError('jwt_issuer_unknown', 'The issuer is not known.', { claimed: `https://evil.example.com/${'x'.repeat(500)}\ud800` }),
        new JwtError('jwt_issuer_unknown', 'The issuer is not known.', { claimed: 'https://other.example.com' }),
        new JwtError('jwt_expired', 'The token has expired.', { issuer: 'ci' }),
        new AppError('identity_unknown', 'No rule matches.'),
        new JwtError('issuer_unreachable', 'No keys.', { issuer: 'ci' }),
        new Error('a fault'),
      ]
      for (const error of refusals) {
        outcome = () => {
          throw error
        }
        await assert.rejects(authenticator.authenticate(jwt, '192.0.2.1'), error)
      }
      await authenticator.flush()
      assert.deepEqual(
        store.entries.map(({ body, detail }) => [body['reason'], body['issuer'], body['count'], detail]),
        [
          ['jwt_issuer_unknown', undefined, 2, { address: '192.0.2.1', claimed: `https://evil.example.com/${'x'.repeat(175)}` }],
          ['jwt_expired', 'ci', 1, { address: '192.0.2.1' }],
          ['identity_unknown', undefined, 1, { address: '192.0.2.1' }],
        ],
      )
      assert.ok(!JSON.stringify(store.entries).includes('eyJ'))
    })
  })
})
