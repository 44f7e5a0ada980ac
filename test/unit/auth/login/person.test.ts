import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readPersonClaims } from '../../../../src/auth/login/claims.ts'
import { entitle, mappedGroups, rightsOfGroups } from '../../../../src/auth/login/entitlement.ts'
import { personNames } from '../../../../src/auth/login/person-name.ts'
import { LOGIN } from './samples.ts'

const read = (claims: Record<string, unknown>, config = { groupsClaim: 'groups', nameClaim: null as string | null }) =>
  readPersonClaims({ __proto__: null, ...claims }, 'subject-1', config)

describe('The claims of a person', () => {
  it('hold an address only if the provider verified it', () => {
    assert.equal(read({ email: 'Ann@Example.com', email_verified: true }).email, 'ann@example.com')
    assert.equal(read({ email: 'ann@example.com', email_verified: 'true' }).email, 'ann@example.com')
    for (const verified of [undefined, false, 'false', 1, null, 'yes'])
      assert.equal(read({ email: 'a@b.example', email_verified: verified }).email, null)
    for (const email of [
      undefined,
      7,
      '',
      '\u212aen@example.com',
      'änn@example.com',
      'ann',
      'a b@example.com',
      `${'x'.repeat(250)}@e.example`,
    ])
      assert.equal(read({ email, email_verified: true }).email, null)
  })

  it('name a person by the verified address, the preferred name, the subject, or the claim that is configured', () => {
    assert.equal(read({ email: 'ann@example.com', email_verified: true, preferred_username: 'ann' }).name, 'ann@example.com')
    assert.equal(read({ email: 'ceo@example.com', preferred_username: 'ann' }).name, 'ann')
    assert.equal(read({ preferred_username: ['ann'] }).name, 'subject-1')
    assert.equal(read({ upn: 'ann@corp' }, { groupsClaim: 'groups', nameClaim: 'upn' }).name, 'ann@corp')
    assert.equal(read({}, { groupsClaim: 'groups', nameClaim: 'upn' }).name, 'subject-1')
  })

  it('hold groups under a name or a pointer, one or many', () => {
    assert.deepEqual(read({ groups: ['a', 'b'] }).groups, ['a', 'b'])
    assert.deepEqual(read({ groups: 'a' }).groups, ['a'])
    assert.deepEqual(read({}).groups, [])
    const pointer = { groupsClaim: '/realm_access/roles', nameClaim: null }
    assert.deepEqual(read({ realm_access: { roles: ['a'] } }, pointer).groups, ['a'])
    assert.deepEqual(
      read({ 'https://acme.example/groups': ['a'] }, { groupsClaim: 'https://acme.example/groups', nameClaim: null }).groups,
      ['a'],
    )
    assert.deepEqual(read({}, { groupsClaim: '/__proto__/constructor', nameClaim: null }).groups, [])
  })

  it('are refused if the groups can’t be told', () => {
    for (const groups of [{ a: true }, [1], [['a']], 7, Array.from({ length: 2001 }, () => 'g')])
      assert.throws(() => read({ groups }), { code: 'not_entitled' })
    assert.throws(() => read({ _claim_names: { groups: 'src1' } }), { code: 'not_entitled', message: /more groups/ })
  })
})

describe('The name of a new person', () => {
  it('begins with the issuer, so that no two of them can name one person', () => {
    assert.equal(personNames('okta', 'Ann@Example.com', 's')[0], 'okta:ann@example.com')
  })

  it('is marked with the subject if it is taken, or had to be changed', () => {
    const [plain, marked] = personNames('okta', 'ann', 's')
    assert.match(marked ?? '', /^okta:ann\+[0-9a-f]{12}$/)
    assert.notEqual(plain, marked)
    assert.equal(personNames('okta', '\u212aen', 's').length, 1, 'the Kelvin sign is no k')
    assert.notEqual(personNames('okta', 'аnn', 's')[0], 'okta:ann', 'a Cyrillic letter is no Latin one')
    assert.equal(personNames('okta', 'ann smith', 's').length, 1)
    assert.notEqual(personNames('okta', 'ann smith', '1')[0], personNames('okta', 'ann/smith', '2')[0])
  })

  it('is a name that a principal may have', () => {
    for (const claimed of ['ann', 'group:x', '../etc', 'x'.repeat(1000), '\u0000', '名前', 'okta|auth0'])
      for (const name of personNames('i'.repeat(63), claimed, 's')) assert.match(name, /^(?!group:)[a-z0-9][a-z0-9._@:+/-]{0,127}$/)
  })
})

describe('The groups of a person', () => {
  it('count by their exact name, whatever the prototype has', () => {
    assert.deepEqual(mappedGroups(['readers', 'Readers', 'readers ', 'constructor', '__proto__', 'readers'], LOGIN), ['readers'])
    assert.deepEqual(rightsOfGroups(['constructor', 'gone'], LOGIN), [])
  })

  it('let in who is in one that means something, and nobody else', () => {
    assert.deepEqual(entitle(['readers'], LOGIN, null).roles, ['auditor'])
    assert.throws(() => entitle([], LOGIN, null), { code: 'not_entitled' })
  })

  it('let choose a group whose rights hold in a smaller place', () => {
    const groups = ['approvers', 'readers']
    assert.deepEqual(entitle(groups, LOGIN, null), { roles: ['auditor'], scopes: [], confinement: {} })
    const chosen = entitle(groups, LOGIN, 'approvers')
    assert.deepEqual([...chosen.roles].sort(), ['approver', 'auditor'])
    assert.deepEqual(chosen.confinement, { repositories: ['github.com/acme/*'] })
    assert.throws(() => entitle(groups, LOGIN, 'admins'), { code: 'not_entitled' })
  })
})
