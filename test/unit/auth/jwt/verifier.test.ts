import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as after } from 'node:timers/promises'

import { isAppError } from '../../../../src/core/app-error.ts'
import { ISSUER, issuerOf, jwks, TestWorld } from './issuer.ts'
import { ecKey, edKey, rsaKey, signed } from './tokens.ts'

const rsa = rsaKey('rsa')
const ec = ecKey('ec')
const JWKS_URI = `${ISSUER}/keys`

const refusedWith = (code: string) => (error: unknown) => isAppError(error) && error.code === code

describe('Verifying a JWT', () => {
  let world = new TestWorld()
  // Waiting for an issuer must not keep a process alive; here something else does.
  let alive: NodeJS.Timeout | undefined
  beforeEach(() => {
    world = new TestWorld()
    alive = setInterval(() => undefined, 1000)
  })
  afterEach(() => clearInterval(alive))

  it('gives its claims, its subject, its end and what it was verified with', async () => {
    const issuer = issuerOf({ jwks: jwks(rsa) })
    world.configure(issuer)
    const claims = world.claims({ repository: 'acme/cart', 'kubernetes.io': { namespace: 'ci' } })
    const verified = await world.verifier.verify(signed(rsa, claims))
    assert.deepEqual({ ...verified.claims }, claims)
    const { subject, expiresAt, algorithm, keyId } = verified
    assert.deepEqual(
      { subject, expiresAt, algorithm, keyId },
      { subject: 'repo:acme/cart', expiresAt: world.clock.now() + 300_000, algorithm: 'RS256', keyId: 'rsa' },
    )
    assert.equal(verified.issuer, issuer)
  })

  it('gives no claim that the token does not have', async () => {
    world.configure(issuerOf({ jwks: jwks(rsa) }))
    const payload = JSON.stringify(world.claims()).replace('{', '{"__proto__":{"repository":"acme/other"},')
    const { claims } = await world.verifier.verify(signed(rsa, payload))
    assert.equal(claims['repository'], undefined)
    assert.equal(claims['constructor'], undefined)
    assert.equal(claims['toString'], undefined)
  })

  for (const [alg, key] of [
    ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((name) => [name, rsaKey(name, { alg: name })] as const),
    ['ES256', ecKey('a')] as const,
    ['ES384', ecKey('b', { alg: 'ES384', namedCurve: 'P-384' })] as const,
    ['ES512', ecKey('c', { alg: 'ES512', namedCurve: 'P-521' })] as const,
    ['EdDSA', edKey('d')] as const,
    ['Ed25519', { ...edKey('e'), alg: 'Ed25519' }] as const,
  ]) {
    it(`knows ${alg}`, async () => {
      const { alg: _, ...jwk } = key.jwk
      world.configure(issuerOf({ jwks: { keys: [jwk] } }, { algorithms: [alg as 'RS256'] }))
      assert.equal((await world.verifier.verify(signed(key, world.claims()))).algorithm, alg)
      world.configure(issuerOf({ jwks: { keys: [jwk] } }, { algorithms: [alg === 'RS256' ? 'PS256' : 'RS256'] }))
      await assert.rejects(world.verifier.verify(signed(key, world.claims())), refusedWith('jwt_algorithm_refused'))
    })
  }

  it('tries each of several keys with one kid', async () => {
    const [one, two] = [rsaKey('same'), rsaKey('same')]
    world.configure(issuerOf({ jwks: jwks(one, two) }))
    for (const key of [one, two]) await world.verifier.verify(signed(key, world.claims()))
    await assert.rejects(world.verifier.verify(signed(rsaKey('same'), world.claims())), refusedWith('jwt_signature_invalid'))
  })

  it('needs a kid where several keys fit', async () => {
    world.configure(issuerOf({ jwks: jwks(rsa, rsaKey('other'), ec) }, { algorithms: ['RS256', 'ES256'] }))
    await assert.rejects(world.verifier.verify(signed(rsa, world.claims(), { alg: 'RS256' })), refusedWith('jwt_key_unknown'))
    await world.verifier.verify(signed(ec, world.claims(), { alg: 'ES256' }))
  })

  it('looks for the key of a token without kid anew, since the issuer may have changed its only one', async () => {
    const [old, fresh] = [ecKey('x'), ecKey('y')]
    for (const key of [old, fresh]) delete key.jwk['kid']
    world.documents.set(JWKS_URI, jwks(old))
    world.configure(issuerOf({ jwksUri: JWKS_URI }, { algorithms: ['ES256'] }))
    await world.verifier.verify(signed(old, world.claims(), { alg: 'ES256' }))
    world.documents.set(JWKS_URI, jwks(fresh))
    await world.verifier.verify(signed(fresh, world.claims(), { alg: 'ES256' }))
    await assert.rejects(world.verifier.verify(signed(old, world.claims(), { alg: 'ES256' })), refusedWith('jwt_signature_invalid'))
  })

  it('allows five minutes of skew at most, whatever is configured', async () => {
    world.configure(issuerOf({ jwks: jwks(rsa) }, { clockSkewMs: 3_600_000 }))
    const now = Math.floor(world.clock.now() / 1000)
    await world.verifier.verify(signed(rsa, world.claims({ iat: now - 600, nbf: now - 600, exp: now - 299 })))
    await assert.rejects(
      world.verifier.verify(signed(rsa, world.claims({ iat: now - 600, nbf: now - 600, exp: now - 300 }))),
      refusedWith('jwt_expired'),
    )
    await world.verifier.verify(signed(rsa, world.claims({ iat: now + 300 - 1, nbf: now, exp: now + 400 })))
    await assert.rejects(
      world.verifier.verify(signed(rsa, world.claims({ iat: now + 301, exp: now + 400 }))),
      refusedWith('jwt_not_yet_valid'),
    )
  })

  it('answers that the issuer can’t be reached where its keys can’t be had, and tells why inside', async () => {
    world.documents.set(JWKS_URI, new Error('connect ECONNREFUSED'))
    world.configure(issuerOf({ jwksUri: JWKS_URI }))
    await assert.rejects(world.verifier.verify(signed(rsa, world.claims())), refusedWith('issuer_unreachable'))
    assert.deepEqual(
      world.failures.map(({ issuer, error }) => [issuer, String(error)]),
      [['ci', 'Error: connect ECONNREFUSED']],
    )
  })

  it('touches no key for an issuer that is not configured, an algorithm that is not, or a header that is refused', async () => {
    world.documents.set(JWKS_URI, jwks(rsa))
    world.configure(issuerOf({ jwksUri: JWKS_URI }))
    for (const token of [
      signed(rsa, world.claims({ iss: `${ISSUER}/` })),
      signed(rsa, world.claims(), { alg: 'RS384', kid: 'rsa' }),
      signed(rsa, world.claims(), { alg: 'RS256', kid: 'rsa', jku: JWKS_URI }),
    ]) {
      await assert.rejects(world.verifier.verify(token))
    }
    assert.deepEqual(world.fetched, [])
  })

  it('reads a file again when it changes', async () => {
    world.files.set('ci.json', JSON.stringify(jwks(rsa)))
    world.configure(issuerOf({ jwksFile: 'ci.json' }))
    const token = signed(rsa, world.claims())
    await world.verifier.verify(token)
    const next = rsaKey('next')
    world.files.set('ci.json', JSON.stringify(jwks(next)))
    await world.verifier.verify(signed(next, world.claims()))
    await assert.rejects(world.verifier.verify(token), refusedWith('jwt_key_unknown'))
  })

  describe('that was seen before', () => {
    it('gives the same object, and asks for no key', async () => {
      world.configure(issuerOf({ jwks: jwks(rsa) }))
      const token = signed(rsa, world.claims())
      const first = await world.verifier.verify(token)
      assert.equal(await world.verifier.verify(token), first)
      assert.notEqual(await world.verifier.verify(signed(rsa, world.claims({ jti: 'two' }))), first)
    })

    it('still ends, skew included', async () => {
      world.configure(issuerOf({ jwks: jwks(rsa) }))
      const token = signed(rsa, world.claims())
      await world.verifier.verify(token)
      world.clock.advance(300_000 + 60_000 - 1)
      await world.verifier.verify(token)
      world.clock.advance(1)
      await assert.rejects(world.verifier.verify(token), refusedWith('jwt_expired'))
    })

    it('is judged anew when an issuer changes', async () => {
      const issuer = issuerOf({ jwks: jwks(rsa) })
      world.configure(issuer)
      const token = signed(rsa, world.claims())
      await world.verifier.verify(token)
      world.configure({ ...issuer, audiences: ['https://new.example.com'] })
      await assert.rejects(world.verifier.verify(token), refusedWith('jwt_audience_wrong'))
      world.configure()
      await assert.rejects(world.verifier.verify(token), refusedWith('jwt_issuer_unknown'))
    })

    it('does not count any more once its key has vanished', async () => {
      world.documents.set(JWKS_URI, jwks(rsa, ec))
      world.configure(issuerOf({ jwksUri: JWKS_URI }, { algorithms: ['RS256', 'ES256'], maxLifetimeMs: 86_400_000 }))
      const exp = Math.floor(world.clock.now() / 1000) + 86_000
      const token = signed(rsa, world.claims({ exp }))
      await world.verifier.verify(token)
      world.documents.set(JWKS_URI, jwks(ec))
      // Whoever meets an unknown key has the keys fetched anew.
      await assert.rejects(world.verifier.verify(signed(rsaKey('none'), world.claims())), refusedWith('jwt_key_unknown'))
      await assert.rejects(world.verifier.verify(token), refusedWith('jwt_key_unknown'))
      await world.verifier.verify(signed(ec, world.claims()))
    })

    it('does not count any more once the issuer was out of reach for a day', async () => {
      world.documents.set(JWKS_URI, jwks(rsa))
      world.configure(issuerOf({ jwksUri: JWKS_URI }, { maxLifetimeMs: 10 * 86_400_000 }))
      const token = signed(rsa, world.claims({ exp: Math.floor(world.clock.now() / 1000) + 9 * 86_400 }))
      await world.verifier.verify(token)
      world.documents.set(JWKS_URI, new Error('timeout'))
      world.clock.advance(86_400_000)
      await world.verifier.verify(token)
      world.clock.advance(1)
      await assert.rejects(world.verifier.verify(token), refusedWith('issuer_unreachable'))
    })

    it('keeps the keys when an issuer changes in something else', async () => {
      const issuer = issuerOf({ jwksUri: JWKS_URI })
      world.documents.set(JWKS_URI, jwks(rsa))
      world.configure(issuer)
      await world.verifier.verify(signed(rsa, world.claims()))
      world.configure({ ...issuer, maxLifetimeMs: 1_000_000 })
      await world.verifier.verify(signed(rsa, world.claims()))
      assert.deepEqual(world.fetched, [JWKS_URI])
    })
  })

  describe('that counts once', () => {
    beforeEach(() => world.configure(issuerOf({ jwks: jwks(rsa) }, { replay: 'once' })))

    it('is refused the second time', async () => {
      const token = signed(rsa, world.claims())
      await world.verifier.verify(token)
      await assert.rejects(world.verifier.verify(token), refusedWith('jwt_replayed'))
      await world.verifier.verify(signed(rsa, world.claims({ jti: 'two' })))
    })

    it('has one winner of many at once', async () => {
      const token = signed(rsa, world.claims())
      const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => world.verifier.verify(token)))
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    })

    it('needs an id', async () => {
      for (const jti of [undefined, '', null, 1, ['one'], 'j'.repeat(257)]) {
        await assert.rejects(world.verifier.verify(signed(rsa, world.claims({ jti }))), refusedWith('jwt_claim_malformed'), String(jti))
      }
    })

    it('is not used up by a token that is refused for something else', async () => {
      await assert.rejects(world.verifier.verify(signed(rsa, world.claims({ aud: 'x' }))), refusedWith('jwt_audience_wrong'))
      await assert.rejects(world.verifier.verify(signed(rsaKey('rsa'), world.claims())), refusedWith('jwt_signature_invalid'))
      await world.verifier.verify(signed(rsa, world.claims()))
    })
  })

  it('never gives a wrong answer while keys change under load', async () => {
    let current = ecKey('0')
    world.latencyMs = 5
    world.documents.set(JWKS_URI, jwks(current))
    world.configure(issuerOf({ jwksUri: JWKS_URI }, { algorithms: ['ES256'] }))
    let verified = 0
    let number = 0
    const end = performance.now() + 900
    const job = async (): Promise<void> => {
      while (performance.now() < end) {
        const claims = world.claims({ jti: String(++number) })
        await world.verifier.verify(signed(current, claims))
        verified++
        await after(1)
      }
    }
    const attacker = async (): Promise<void> => {
      while (performance.now() < end) {
        const outcome = await world.verifier
          .verify(signed(current, world.claims(), { alg: 'ES256', kid: `no ${++number}` }))
          .catch((error: unknown) => error)
        assert.ok(refusedWith('jwt_key_unknown')(outcome) || refusedWith('issuer_unreachable')(outcome))
      }
    }
    const rotation = async (): Promise<void> => {
      await after(300)
      const next = ecKey('1')
      world.documents.set(JWKS_URI, jwks(current, next))
      current = next
    }
    await Promise.all([...Array.from({ length: 20 }, job), ...Array.from({ length: 20 }, attacker), rotation()])
    assert.ok(verified > 100, String(verified))
    assert.ok(world.fetched.length <= 11, String(world.fetched.length))
  })
})
