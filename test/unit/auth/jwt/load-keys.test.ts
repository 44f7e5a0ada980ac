import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { loadKeys } from '../../../../src/auth/jwt/load-keys.ts'
import { ISSUER, issuerOf, jwks, TestWorld } from './issuer.ts'
import { rsaKey } from './tokens.ts'

const key = rsaKey('rsa')
const DISCOVERY = `${ISSUER}/.well-known/openid-configuration`
const discovered = issuerOf({ discovery: {} })

function world(configuration: unknown = { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` }): TestWorld {
  const made = new TestWorld()
  made.documents.set(DISCOVERY, configuration).set(`${ISSUER}/keys`, jwks(key)).set('https://keys.example.com/keys', jwks(key))
  return made
}

const load = async (issuer: Parameters<typeof loadKeys>[0], from: TestWorld): Promise<number> =>
  (await loadKeys(issuer, { fetcher: from, files: from })).keys.length

describe('Keys of an issuer', () => {
  it('are found by discovery', async () => {
    const from = world()
    assert.equal(await load(discovered, from), 1)
    assert.deepEqual(from.fetched, [DISCOVERY, `${ISSUER}/keys`])
  })

  it('are found where the issuer has a path, with or without a slash at its end', async () => {
    for (const [issuer, url] of [
      [`${ISSUER}/org/1`, `${ISSUER}/org/1/.well-known/openid-configuration`],
      [`${ISSUER}/org/1/`, `${ISSUER}/org/1/.well-known/openid-configuration`],
    ] as const) {
      const from = world()
      from.documents.set(url, { issuer, jwks_uri: `${ISSUER}/keys` })
      assert.equal(await load({ ...discovered, issuer }, from), 1)
    }
  })

  it('lie elsewhere only where that was configured', async () => {
    const elsewhere = { issuer: ISSUER, jwks_uri: 'https://keys.example.com/keys' }
    await assert.rejects(load(discovered, world(elsewhere)), /another origin/)
    const allowed = issuerOf({ discovery: { jwksOrigins: ['https://keys.example.com'] } })
    assert.equal(await load(allowed, world(elsewhere)), 1)
    await assert.rejects(load(allowed, world({ ...elsewhere, jwks_uri: 'https://keys.example.com:8443/keys' })), /another origin/)
  })

  const wrong: readonly (readonly [what: string, configuration: unknown, why: RegExp])[] = [
    ['another issuer', { issuer: `${ISSUER}/`, jwks_uri: `${ISSUER}/keys` }, /another issuer/],
    ['no issuer', { jwks_uri: `${ISSUER}/keys` }, /another issuer/],
    ['no jwks_uri', { issuer: ISSUER }, /no jwks_uri/],
    ['a jwks_uri that is a list', { issuer: ISSUER, jwks_uri: [`${ISSUER}/keys`] }, /no jwks_uri/],
    ['a relative jwks_uri', { issuer: ISSUER, jwks_uri: '/keys' }, /absolute/],
    ['a jwks_uri with http', { issuer: ISSUER, jwks_uri: `${ISSUER.replace('https', 'http')}/keys` }, /not https/],
    ['a jwks_uri with a user', { issuer: ISSUER, jwks_uri: 'https://ci.example.com@evil.example.com/keys' }, /user/],
    ['a jwks_uri on a longer host', { issuer: ISSUER, jwks_uri: `${ISSUER}.evil.example.com/keys` }, /another origin/],
    ['a jwks_uri on this machine', { issuer: ISSUER, jwks_uri: 'http://127.0.0.1/keys' }, /another origin/],
    ['a text', 'configuration', /no object/],
    ['null', null, /no object/],
  ]
  for (const [what, configuration, why] of wrong) {
    it(`are not read from a configuration that is, or has, ${what}`, async () => {
      const from = world(configuration)
      await assert.rejects(load(discovered, from), why)
      assert.deepEqual(from.fetched, [DISCOVERY])
    })
  }

  it('are read from an address, a file, or the configuration itself', async () => {
    const from = world()
    from.files.set('ci.json', JSON.stringify(jwks(key)))
    assert.equal(await load(issuerOf({ jwksUri: 'https://keys.example.com/keys' }), from), 1)
    assert.equal(await load(issuerOf({ jwksFile: 'ci.json' }), from), 1)
    assert.equal(await load(issuerOf({ jwks: jwks(key) }), from), 1)
    from.files.set('ci.json', '{"keys":[],"keys":[]}')
    await assert.rejects(load(issuerOf({ jwksFile: 'ci.json' }), from), /twice/)
  })
})
