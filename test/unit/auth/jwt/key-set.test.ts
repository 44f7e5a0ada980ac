import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'

import { candidates, MAX_KEYS, readKeySet } from '../../../../src/auth/jwt/key-set.ts'
import { JWT_ALGORITHMS } from '../../../../src/auth/jwt/model.ts'
import { ecKey, edKey, rsaKey } from './tokens.ts'

const rsa = rsaKey('rsa')
const ec = ecKey('ec')
const ed = edKey('ed')
const { alg: _, ...withoutAlg } = rsa.jwk

/** Why a key is left out; undefined if it is used. */
async function reasonAgainst(jwk: unknown): Promise<string | undefined> {
  return (await readKeySet({ keys: [jwk] }, JWT_ALGORITHMS)).unusable[0]?.reason
}

describe('A set of keys', () => {
  it('is a list of at most 100 in an object', async () => {
    for (const value of [undefined, null, [], 'keys', {}, { keys: {} }, { keys: null }])
      await assert.rejects(readKeySet(value, JWT_ALGORITHMS), /no list/)
    await assert.rejects(readKeySet({ keys: Array.from({ length: MAX_KEYS + 1 }, () => rsa.jwk) }, JWT_ALGORITHMS), /more than 100/)
    assert.equal((await readKeySet({ keys: Array.from({ length: MAX_KEYS }, () => ec.jwk) }, JWT_ALGORITHMS)).keys.length, MAX_KEYS)
  })

  it('holds what can be used, and says why the rest can’t', async () => {
    const { keys, unusable } = await readKeySet({ keys: [rsa.jwk, { kty: 'AKP' }, ec.jwk, null, ed.jwk] }, JWT_ALGORITHMS)
    assert.deepEqual(
      keys.map(({ keyId }) => keyId),
      ['rsa', 'ec', 'ed'],
    )
    assert.equal(unusable.length, 2)
  })

  it('keeps the key objects that it had', async () => {
    const before = await readKeySet({ keys: [rsa.jwk, ec.jwk] }, JWT_ALGORITHMS)
    const after = await readKeySet({ keys: [ec.jwk, { ...rsa.jwk, kid: 'new' }, { ...rsa.jwk }] }, JWT_ALGORITHMS, before)
    assert.equal(after.keys[0], before.keys[1])
    assert.equal(after.keys[2], before.keys[0])
    assert.notEqual(after.keys[1], before.keys[0])
  })

  it('gives for a kid the keys that fit the algorithm, a few of them', async () => {
    const set = await readKeySet({ keys: [rsa.jwk, ...Array.from({ length: 9 }, () => ({ ...ec.jwk, kid: 'rsa' }))] }, JWT_ALGORITHMS)
    assert.deepEqual(candidates(set, 'RS256', 'rsa'), [set.keys[0]])
    assert.equal(candidates(set, 'ES256', 'rsa').length, 4)
    assert.deepEqual(candidates(set, 'ES384', 'rsa'), [])
    assert.deepEqual(candidates(set, 'RS256', 'other'), [])
  })

  it('gives without a kid the only key that fits', async () => {
    const set = await readKeySet({ keys: [rsa.jwk, ec.jwk, { ...ec.jwk, kid: undefined }] }, JWT_ALGORITHMS)
    assert.deepEqual(candidates(set, 'RS256', undefined), [set.keys[0]])
    assert.deepEqual(candidates(set, 'ES256', undefined), [])
    assert.deepEqual(candidates(set, 'EdDSA', undefined), [])
  })
})

describe('A public key', () => {
  it('verifies what its type, curve and alg say', async () => {
    const { keys } = await readKeySet({ keys: [rsa.jwk, withoutAlg, ec.jwk, ed.jwk, { ...ed.jwk, alg: undefined }] }, JWT_ALGORITHMS)
    assert.deepEqual(
      keys.map(({ checks }) => [...checks.keys()]),
      [['RS256'], ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'], ['ES256'], ['EdDSA'], ['EdDSA', 'Ed25519']],
    )
  })

  const smallExponent = { ...rsa.jwk, e: 'AQ' }
  const large = { ...rsa.jwk, n: Buffer.alloc(1025, 255).toString('base64url') }
  const offCurve = { ...ec.jwk, y: ec.jwk['x'] }
  const ed448 = generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' })
  const k256 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' })
  const x25519 = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' })
  const refused: readonly (readonly [what: string, jwk: unknown, reason: RegExp])[] = [
    ['a symmetric one', { kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' }, /secret or private/],
    ['a private one', rsa.privateKey.export({ format: 'jwk' }), /secret or private/],
    ['a private EC one', ec.privateKey.export({ format: 'jwk' }), /secret or private/],
    ['one that also holds k', { ...rsa.jwk, k: 'c2VjcmV0' }, /secret or private/],
    ['one for encryption', { ...rsa.jwk, use: 'enc' }, /use/],
    ['one whose use is a list', { ...rsa.jwk, use: ['sig'] }, /use/],
    ['one for other operations', { ...rsa.jwk, key_ops: ['encrypt'] }, /key_ops/],
    ['one whose key_ops are a text', { ...rsa.jwk, key_ops: 'verify' }, /key_ops/],
    ['an alg of another type', { ...rsa.jwk, alg: 'ES256' }, /alg/],
    ['alg none', { ...rsa.jwk, alg: 'none' }, /alg/],
    ['alg HS256', { ...rsa.jwk, alg: 'HS256' }, /alg/],
    ['ES256 on another curve', ecKey('x', { namedCurve: 'P-384' }).jwk, /alg/],
    ['secp256k1', k256, /type or curve/],
    ['Ed448', ed448, /type or curve/],
    ['a key for agreement', x25519, /type or curve/],
    ['a type of another letter case', { ...rsa.jwk, kty: 'rsa' }, /type or curve/],
    ['no type', { ...rsa.jwk, kty: undefined }, /type or curve/],
    ['a kid that is a number', { ...rsa.jwk, kid: 1 }, /kid/],
    ['an empty kid', { ...rsa.jwk, kid: '' }, /kid/],
    ['RSA of 1024 bits', rsaKey('x', { modulusLength: 1024 }).jwk, /2048/],
    ['RSA of 1024 bits behind zeros', padded(rsaKey('x', { modulusLength: 1024 }).jwk), /2048/],
    ['RSA of 8200 bits', large, /8192/],
    ['RSA without n', { ...rsa.jwk, n: undefined }, /n or e/],
    ['RSA with the exponent 1', smallExponent, /exponent/],
    ['RSA with a huge exponent', { ...rsa.jwk, e: rsa.jwk['n'] }, /exponent/],
    ['a point that is not on its curve', offCurve, /no valid key/],
    ['a point that is cut short', { ...ec.jwk, x: 'AA' }, /no valid key/],
    ['EC without y', { ...ec.jwk, y: undefined }, /no valid key/],
    ['an Ed25519 key of 31 bytes', { ...ed.jwk, x: Buffer.alloc(31).toString('base64url') }, /no valid key/],
    ['a list', [rsa.jwk], /no object/],
    ['a text', 'key', /no object/],
  ]
  for (const [what, jwk, reason] of refused) {
    it(`is not ${what}`, async () => {
      assert.match((await reasonAgainst(jwk)) ?? 'it was used', reason)
    })
  }

  it('is imported for nothing but what its issuer may sign with', async () => {
    const { keys, unusable } = await readKeySet({ keys: [withoutAlg, ec.jwk] }, ['PS256', 'ES384'])
    assert.deepEqual(
      keys.map(({ checks }) => [...checks.keys()]),
      [['PS256']],
    )
    assert.match(unusable[0]?.reason ?? '', /configured for the issuer/)
  })

  it('may carry members that nobody knows, a certificate and key_ops that name verify', async () => {
    assert.equal(await reasonAgainst({ ...rsa.jwk, x5c: ['MIIB'], x5t: 'x', issuer: 'y', key_ops: ['verify'] }), undefined)
  })
})

function padded(jwk: Record<string, unknown>): Record<string, unknown> {
  const n = Buffer.concat([Buffer.alloc(128), Buffer.from(String(jwk['n']), 'base64url')])
  return { ...jwk, n: n.toString('base64url') }
}
