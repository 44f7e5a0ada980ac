import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setImmediate as yieldOnce, setTimeout as pause } from 'node:timers/promises'

import { agesOf } from '../../src/auth/jwt/key-ring.ts'
import type { JwtIssuer } from '../../src/auth/jwt/model.ts'
import { JwtVerifier } from '../../src/auth/jwt/verifier.ts'
import { isAppError } from '../../src/core/app-error.ts'
import { systemClock } from '../../src/core/clock.ts'
import { JsonClient } from '../../src/outbound/json-client.ts'
import { startOpenIdProvider, type OpenIdProvider } from '../support/openid/provider.ts'
import { rsaKey, signed } from '../unit/auth/jwt/tokens.ts'

const AUDIENCE = 'https://gate.example.com'
/** Shorter than the service's own, so that a test sees many. */
const FLOOR_MS = 250
/** Longer than a busy machine takes to answer. */
const DEADLINE_MS = 5000

const refusedWith = (code: string) => (error: unknown) => isAppError(error) && error.code === code

describe('Tokens of a real OpenID provider', () => {
  let provider: OpenIdProvider
  let client: JsonClient
  let fetches = 0
  before(async () => {
    provider = await startOpenIdProvider({ workloads: { 'cart-pipeline': { repository: 'acme/cart' } } })
    client = new JsonClient({ deadlineMs: DEADLINE_MS, maxBytes: 100_000 })
  })
  after(async () => {
    client[Symbol.dispose]()
    await provider[Symbol.asyncDispose]()
  })

  const verifierOf = (changes: Partial<JwtIssuer> = {}): JwtVerifier => {
    const issuer: JwtIssuer = {
      name: 'provider',
      issuer: provider.issuer,
      audiences: [AUDIENCE],
      algorithms: ['RS256'],
      keys: { discovery: {} },
      clockSkewMs: 60_000,
      maxLifetimeMs: 3_600_000,
      replay: 'allowed',
      ...changes,
    }
    return new JwtVerifier({
      issuers: { revision: async () => 1, all: async () => [issuer] },
      fetcher: {
        fetchJson: (url) => {
          fetches++
          return client.fetchJson(url)
        },
      },
      files: { read: () => Promise.reject(new Error('there are none')) },
      replay: { claimJti: async () => true },
      clock: systemClock,
      ages: (keys) => {
        const ages = agesOf(keys)
        return ages && { ...ages, floorMs: FLOOR_MS }
      },
      onFailure: () => undefined,
    })
  }
  const fresh = (): Promise<string> => provider.workloadToken('cart-pipeline', AUDIENCE)

  it('are verified by its discovery document and its keys', async () => {
    const { claims, subject, expiresAt } = await verifierOf().verify(await fresh())
    assert.equal(claims['repository'], 'acme/cart')
    assert.equal(subject, 'cart-pipeline')
    assert.ok(expiresAt > Date.now() + 200_000)
  })

  it('are refused for another audience, and by a configuration that names another issuer', async () => {
    await assert.rejects(
      verifierOf().verify(await provider.workloadToken('cart-pipeline', 'https://other.example.com')),
      refusedWith('jwt_audience_wrong'),
    )
    await assert.rejects(verifierOf({ issuer: `${provider.issuer}/` }).verify(await fresh()), refusedWith('jwt_issuer_unknown'))
  })

  it('are judged rightly while keys change under load and strangers send unknown keys', async () => {
    const verifier = verifierOf()
    await verifier.verify(await fresh())
    fetches = 0
    const wrong: unknown[] = []
    let judged = 0
    const stop = new AbortController()
    const started = performance.now()
    const job = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const token = await fresh()
        await verifier.verify(token).then(
          () => judged++,
          (error: unknown) => wrong.push(error),
        )
      }
    }
    const stranger = rsaKey('stranger')
    const attacker = async (): Promise<void> => {
      for (let number = 0; !stop.signal.aborted; number++) {
        const token = signed(stranger, { iss: provider.issuer }, { alg: 'RS256', kid: `unknown ${number}` })
        // What is refused at once must not keep everything else from running.
        await yieldOnce()
        const outcome = await verifier.verify(token).catch((error: unknown) => error)
        if (!refusedWith('jwt_key_unknown')(outcome)) wrong.push(outcome)
      }
    }
    const load = [...Array.from({ length: 8 }, job), ...Array.from({ length: 20 }, attacker)]
    for (let rotation = 0; rotation < 4; rotation++) {
      await pause(400)
      await (rotation % 2 === 0 ? provider.rotate() : provider.retire())
    }
    await pause(600)
    stop.abort()
    await Promise.all(load)
    assert.deepEqual(wrong, [])
    assert.ok(judged > 50, String(judged))
    // Two for each: the configuration, and the keys that it names.
    const most = 2 * (Math.ceil((performance.now() - started) / FLOOR_MS) + 1)
    assert.ok(fetches <= most, `${fetches} fetches, ${most} at most`)
  })

  it('are judged by the keys that are known while the provider answers nothing; unknown keys can’t be', async () => {
    const verifier = verifierOf()
    const [known, other] = [await fresh(), await fresh()]
    await verifier.verify(known)
    await provider.rotate()
    const unknown = await fresh()
    provider.pause()
    try {
      await verifier.verify(other)
      await assert.rejects(verifier.verify(unknown), refusedWith('issuer_unreachable'))
    } finally {
      provider.resume()
    }
    await pause(FLOOR_MS * 1.5)
    await verifier.verify(unknown)
  })
})
