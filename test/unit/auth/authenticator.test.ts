import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'

import { WorkloadError } from '../../../src/auth/workload/errors.ts'
import { JwtError } from '../../../src/auth/jwt/errors.ts'
import { Refusals } from '../../../src/auth/refusals.ts'
import type { TokenRecord } from '../../../src/auth/ports.ts'
import type { Access } from '../../../src/core/principal.ts'
import { hashToken, hintOf, makeToken } from '../../../src/auth/token.ts'
import { authenticatorOf, DAY, MemoryTokens, TestClock, WORKER } from './memory-tokens.ts'

const token = makeToken()

function record(changes: Partial<TokenRecord> = {}): TokenRecord {
  return {
    id: '0196a000-0000-7000-8000-00000000000a',
    hash: hashToken(token),
    hint: hintOf(token),
    description: 'CI',
    principalId: WORKER.id,
    kind: 'token',
    familyId: '0196a000-0000-7000-8000-00000000000a',
    issuedWith: null,
    login: null,
    createdBy: 'system',
    issuerIds: ['system'],
    person: null,
    roles: ['pipeline'],
    scopes: ['metrics:read'],
    confinement: { repositories: ['acme/cart'] },
    createdAt: '2026-04-01T00:00:00.000Z',
    expiresAt: '2026-05-02T12:00:00.000Z',
    supersededBy: null,
    overlapUntil: null,
    revokedAt: null,
    lastUsedAt: null,
    ...changes,
  }
}

describe('authentication', () => {
  let store = new MemoryTokens()
  let clock = new TestClock()
  let failures: unknown[] = []
  let refusals = new Refusals({ appender: store, clock, onFailure: () => undefined })
  let authenticator = authenticatorOf(store, clock)

  beforeEach(async () => {
    await authenticator[Symbol.asyncDispose]()
    await refusals[Symbol.asyncDispose]()
    store = new MemoryTokens()
    clock = new TestClock()
    failures = []
    store.people.set(WORKER.id, WORKER)
    store.tokens.set(record().id, record())
    const onFailure = (error: unknown): unknown => failures.push(error)
    refusals = new Refusals({ appender: store, clock, onFailure })
    authenticator = authenticatorOf(store, clock, { refusals, onFailure })
  })
  afterEach(async () => {
    await authenticator[Symbol.asyncDispose]()
    await refusals[Symbol.asyncDispose]()
  })

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
    await assert.rejects(authenticator.authenticate(`x${token}`, ''), refusal(/not known/))
    await assert.rejects(authenticator.authenticate('x'.repeat(257), ''), refusal(/not known/))
    clock.advance(DAY - 1)
    await authenticator.authenticate(token, '')
    clock.advance(1)
    await assert.rejects(authenticator.authenticate(token, ''), refusal(/expired/))
    store.tokens.set(record().id, record({ revokedAt: '2026-05-01T00:00:00.000Z' }))
    await store.putPrincipal(WORKER, { actor: 'system', at: '', requestId: undefined })
    await assert.rejects(authenticator.authenticate(token, ''), refusal(/revoked/))
  })

  it('knows a person by what the token was issued as, whatever its principal became since', async () => {
    store.people.set(WORKER.id, { ...WORKER, kind: 'human' })
    assert.equal((await authenticator.authenticate(token, '')).person, null)
    store.tokens.set(record().id, record({ person: 'proven' }))
    await store.putPrincipal({ ...WORKER, kind: 'human' }, { actor: 'system', at: '', requestId: undefined })
    assert.equal((await authenticator.authenticate(token, '')).person, 'proven')
    await store.putPrincipal(WORKER, { actor: 'system', at: '', requestId: undefined })
    assert.equal((await authenticator.authenticate(token, '')).person, null)
  })

  it('refuses a damaged token of ours without asking the store, and says that it is damaged', async () => {
    const mistyped = `${token.slice(0, 10)}${token.charAt(10) === 'a' ? 'b' : 'a'}${token.slice(11)}`
    for (const text of [mistyped, token.slice(0, -1), `${token}0`, 'ptc_', `ptc_${'A'.repeat(43)}`, `${token} `]) {
      await assert.rejects(authenticator.authenticate(text, ''), { code: 'token_damaged', message: /checksum/ }, text)
    }
    assert.equal(store.reads, 0)
    await refusals.flush()
    assert.deepEqual(
      store.entries.map(({ body }) => [body['reason'], body['count']]),
      [['token_damaged', 6]],
    )
  })

  it('takes a token that the operator gave whatever its form, and still refuses damaged ones', async () => {
    const given = 'ptc_an-operator-made-this-one-up-for-the-service'
    store.tokens.set('given', record({ id: 'given', hash: hashToken(given), familyId: 'given' }))
    await store.putPrincipal(WORKER, { actor: 'system', at: '', requestId: undefined })
    assert.equal((await authenticator.authenticate(given, '')).credential.id, 'given')
    await assert.rejects(authenticator.authenticate(`${given}!`, ''), { code: 'token_damaged' })
  })

  it('lets a replaced token in until its overlap ends, and says then that it was replaced', async () => {
    store.tokens.set(record().id, record({ supersededBy: 'next', overlapUntil: '2026-05-01T13:00:00.000Z' }))
    const { expiresAt } = await authenticator.authenticate(token, '')
    assert.equal(expiresAt, Date.parse('2026-05-01T13:00:00.000Z'))
    clock.advance(3_600_000 - 1)
    await authenticator.authenticate(token, '')
    clock.advance(1)
    await assert.rejects(authenticator.authenticate(token, ''), refusal(/replaced/))
  })

  it('says when a token ends, if it does', async () => {
    assert.equal((await authenticator.authenticate(token, '')).expiresAt, Date.parse(record().expiresAt ?? ''))
    const endless = makeToken()
    store.tokens.set('endless', record({ id: 'endless', hash: hashToken(endless), expiresAt: null }))
    assert.equal((await authenticator.authenticate(endless, '')).expiresAt, null)
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
    await store.revoke(record().id, { actor: 'system', at: '2026-05-01T12:00:00.000Z', requestId: undefined }, false)
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
    await store.revoke(record().id, { actor: 'system', at: '2026-05-01T12:00:00.000Z', requestId: undefined }, false)
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
    await refusals.flush()
    const logged = store.entries.map(({ type, body, detail }) => [type, body['reason'], body['count'], body['tokenId'], detail['address']])
    assert.deepEqual(logged, [
      ['login.refused', 'token_expired', 3, record().id, '192.0.2.1'],
      ['login.refused', 'token_unknown', 1, undefined, '192.0.2.1'],
      ['login.refused', 'token_unknown', 1, undefined, '192.0.2.2'],
    ])
    await refusals.flush()
    assert.equal(store.entries.length, 3)
    assert.ok(!JSON.stringify(store.entries).includes('nonsense'))
  })

  it('counts refusals from very many addresses together', async () => {
    for (let at = 0; at < 1000; at++) await assert.rejects(authenticator.authenticate('nonsense', `2001:db8:0:${at}::1`))
    await refusals.flush()
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
    await refusals.flush()
    assert.equal(failures.length, 2)
    await assert.rejects(authenticator.authenticate('nonsense', '192.0.2.1'))
    store.failure = undefined
    await authenticator[Symbol.asyncDispose]()
    await refusals[Symbol.asyncDispose]()
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
      expiresAt: null,
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
      authenticator = authenticatorOf(store, clock, { refusals, jwtLogin })
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
      const thrown = [
        new JwtError('jwt_issuer_unknown', 'The issuer is not known.', { claimed: `https://evil.example.com/${'x'.repeat(500)}\ud800` }),
        new JwtError('jwt_issuer_unknown', 'The issuer is not known.', { claimed: 'https://other.example.com' }),
        new JwtError('jwt_expired', 'The token has expired.', { issuer: 'ci' }),
        new WorkloadError('identity_unknown', 'No rule matches.', '', { issuer: 'ci', subject: `repo:x/${'x'.repeat(500)}\ud800` }),
        new JwtError('issuer_unreachable', 'No keys.', { issuer: 'ci' }),
        new Error('a fault'),
      ]
      for (const error of thrown) {
        outcome = () => {
          throw error
        }
        await assert.rejects(authenticator.authenticate(jwt, '192.0.2.1'), error)
      }
      await refusals.flush()
      assert.deepEqual(
        store.entries.map(({ body, detail }) => [body['reason'], body['issuer'], body['count'], detail]),
        [
          ['jwt_issuer_unknown', undefined, 2, { address: '192.0.2.1', claimed: `https://evil.example.com/${'x'.repeat(175)}` }],
          ['jwt_expired', 'ci', 1, { address: '192.0.2.1' }],
          ['identity_unknown', 'ci', 1, { address: '192.0.2.1', claimed: `repo:x/${'x'.repeat(193)}` }],
        ],
      )
      assert.ok(!JSON.stringify(store.entries).includes('eyJ'))
    })
  })

  describe('while tokens of an address are guessed', () => {
    const guess = (address = '192.0.2.1'): Promise<string> =>
      authenticator.authenticate(makeToken(), address).then(
        () => 'accepted',
        (error: Error & { code?: string }) => error.code ?? error.name,
      )

    it('refuses guesses without asking the store, and logs that it did', async () => {
      for (let at = 0; at < 20; at++) assert.equal(await guess(), 'unauthenticated')
      const reads = store.reads
      const codes = await Promise.all(Array.from({ length: 400 }, () => guess()))
      const damped = codes.filter((code) => code === 'too_many_failed_logins').length
      assert.ok(damped > 250, String(damped))
      assert.equal(store.reads - reads, 400 - damped)
      await refusals.flush()
      const counts = store.entries.map(({ body }) => [body['reason'], body['count']])
      assert.deepEqual(counts, [
        ['token_unknown', 420 - damped],
        ['too_many_failed_logins', damped],
      ])
    })

    it('lets in whom it knows, also after a change made it forget what it had read', async () => {
      await authenticator.authenticate(token, '192.0.2.1')
      for (let at = 0; at < 100; at++) await guess()
      await authenticator.authenticate(token, '192.0.2.1')
      await store.putPrincipal(WORKER, { actor: 'system', at: '2026-05-01T12:00:00.000Z', requestId: undefined })
      await authenticator.authenticate(token, '192.0.2.1')
    })

    it('lets in a good token that it does not know yet after Retry-After, however many guesses go on', async () => {
      for (let at = 0; at < 2000; at++) await guess()
      let waited = 0
      for (let tries = 0; tries < 4; tries++) {
        const retryAfter = await authenticator.authenticate(token, '192.0.2.1').then(
          () => 0,
          (error: Error & { retryAfterSeconds?: number }) => error.retryAfterSeconds ?? Number.NaN,
        )
        if (retryAfter === 0) return assert.ok(waited <= 64 + 64, `waited ${waited} s`)
        for (let second = 0; second < retryAfter; second++) {
          clock.advance(1000)
          for (let at = 0; at < 50; at++) await guess()
        }
        waited += retryAfter
      }
      assert.fail(`not let in after ${waited} s`)
    })

    it('leaves other addresses alone, and counts those of one /64 together', async () => {
      for (let at = 0; at < 200; at++) await guess(`2001:db8::${at.toString(16)}`)
      const codes = await Promise.all(Array.from({ length: 20 }, () => guess('2001:db8::ffff')))
      assert.ok(codes.includes('too_many_failed_logins'))
      assert.equal(await guess('2001:db8:0:1::1'), 'unauthenticated')
      assert.equal(await guess('192.0.2.9'), 'unauthenticated')
    })

    it('refuses forged JWTs without looking at them, and leaves those alone whose issuer gave them out for something else', async () => {
      const jwtOf = (n: number): string =>
        `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from(`{"n":${n}}`).toString('base64url')}.c2ln`
      let code: 'jwt_audience_wrong' | 'jwt_signature_invalid' = 'jwt_audience_wrong'
      let looks = 0
      const login = async (): Promise<Access> => {
        looks += 1
        throw new JwtError(code, 'No.')
      }
      await authenticator[Symbol.asyncDispose]()
      authenticator = authenticatorOf(store, clock, { refusals, jwtLogin: { login } })
      for (let n = 0; n < 200; n++) await assert.rejects(authenticator.authenticate(jwtOf(n), '192.0.2.1'), { code })
      assert.equal(looks, 200)
      code = 'jwt_signature_invalid'
      for (let n = 1000; n < 1400; n++) await assert.rejects(authenticator.authenticate(jwtOf(n), '192.0.2.1'))
      assert.ok(looks < 200 + 150, String(looks))
      for (let n = 0; n < 10; n++) await assert.rejects(authenticator.authenticate(jwtOf(n), '192.0.2.1'))
      await refusals.flush()
      const reasons = new Set(store.entries.map(({ body }) => body['reason']))
      assert.deepEqual([...reasons].map(String).toSorted(), ['jwt_audience_wrong', 'jwt_signature_invalid', 'too_many_failed_logins'])
    })

    it('looks at no more than what came at once before the first of them had failed', async () => {
      await Promise.all(Array.from({ length: 64 }, () => guess()))
      assert.equal(store.reads, 64)
      const codes = await Promise.all(Array.from({ length: 64 }, () => guess()))
      assert.ok(codes.filter((code) => code === 'too_many_failed_logins').length > 48)
    })
  })
})
