import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { identityKey, parseIdentity } from '../../../src/core/linked-identity.ts'

describe('A linked identity', () => {
  it('is an address, a login at a forge, or the subject of an issuer', () => {
    for (const [kind, value] of [
      ['email', 'Ann.Lee+git@example.com'],
      ['email', 'ann@xn--bcher-kva.example'],
      ['github.com', 'ann-lee'],
      ['github.com', 'renovate[bot]'],
      ['gitlab.example.com:8443', 'ann.lee_2'],
      ['localhost', 'ann'],
      ['issuer:corp', 'auth0|62f1'],
    ] as const) {
      assert.deepEqual(parseIdentity(kind, value), { kind, value })
    }
  })

  it('keeps the local part of an address as it was written, and the domain in lower case', () => {
    assert.deepEqual(parseIdentity('email', 'Ann@EXAMPLE.com'), { kind: 'email', value: 'Ann@example.com' })
  })

  it('is refused if it could be taken for another, or is none', () => {
    for (const value of [
      'ann',
      '@example.com',
      'ann@',
      'ann@@example.com',
      'ann@example..com',
      'ann@-example.com',
      '.ann@example.com',
      'a nn@example.com',
      '"ann"@example.com',
      'ann@example.com\n',
      'аnn@example.com', // a Cyrillic а
      'ann@exаmple.com',
      '\uff41nn@example.com',
      `${'a'.repeat(65)}@example.com`,
      `a@${'b.'.repeat(130)}com`,
    ]) {
      assert.throws(() => parseIdentity('email', value), { code: 'identity_malformed', field: 'path.value' }, value)
    }
    for (const value of ['', '@ann', 'ann lee', 'аnn', 'ann\u200b', 'a'.repeat(129)]) {
      assert.throws(() => parseIdentity('github.com', value), { code: 'identity_malformed', field: 'path.value' }, value)
    }
    assert.throws(() => parseIdentity('issuer:corp', 'a b'), { code: 'identity_malformed', field: 'path.value' })
    for (const kind of ['', 'github', 'GitHub.com', 'Email', 'issuer:', 'issuer:Corp', 'github.com/acme', '-a.com', 'a'.repeat(254)]) {
      assert.throws(() => parseIdentity(kind, 'ann'), { code: 'identity_malformed', field: 'path.kind' }, kind)
    }
  })

  it('is the same in any letter case, but for the subject of an issuer', () => {
    assert.equal(identityKey({ kind: 'email', value: 'ANN@Example.com' }), identityKey({ kind: 'email', value: 'ann@example.COM' }))
    assert.equal(identityKey({ kind: 'github.com', value: 'Ann' }), identityKey({ kind: 'github.com', value: 'ann' }))
    assert.notEqual(identityKey({ kind: 'issuer:corp', value: 'Ann' }), identityKey({ kind: 'issuer:corp', value: 'ann' }))
  })

  it('is found behind compatibility characters that a stranger wrote', () => {
    assert.equal(identityKey({ kind: 'email', value: '\uff41nn@example.com' }), 'ann@example.com')
  })
})
