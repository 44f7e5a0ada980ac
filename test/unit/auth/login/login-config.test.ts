import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readLogin, type LoginDraft } from '../../../../src/auth/login/login-config.ts'
import { SCOPES, type Access } from '../../../../src/core/principal.ts'

const ADMIN: Access = {
  principal: { id: 'a', name: 'admin', kind: 'human', disabled: false, groups: [], identities: [], createdBy: 'system' },
  credential: { kind: 'token', id: 't' },
  issuerIds: ['system'],
  person: 'declared',
  identity: null,
  scopes: new Set(SCOPES),
  confinement: {},
  expiresAt: null,
}

const DRAFT: LoginDraft = { clientId: 'portcullis', groups: { admins: { roles: ['admin'] } } }

describe('The login of an issuer', () => {
  it('gets defaults for what is left out', () => {
    assert.deepEqual(readLogin(ADMIN, 'okta', DRAFT), {
      clientId: 'portcullis',
      clientSecretFile: null,
      clientAuthentication: 'none',
      scopes: ['openid', 'profile', 'email'],
      endpointOrigins: [],
      groupsClaim: 'groups',
      userinfo: false,
      nameClaim: null,
      linkByEmail: false,
      groups: { admins: { roles: ['admin'], scopes: [], confinement: {} } },
      sessionLifetime: 'PT8H',
    })
    assert.equal(readLogin(ADMIN, 'okta', { ...DRAFT, clientSecretFile: 'okta-secret' }).clientAuthentication, 'client_secret_basic')
    assert.deepEqual(readLogin(ADMIN, 'okta', { ...DRAFT, scopes: ['groups'] }).scopes, ['openid', 'groups'])
  })

  it('is set by those only who may do everything everywhere', () => {
    const some: Access = { ...ADMIN, scopes: new Set(['issuers:manage']) }
    const somewhere: Access = { ...ADMIN, confinement: { stages: ['test'] } }
    for (const access of [some, somewhere]) assert.throws(() => readLogin(access, 'okta', DRAFT), { code: 'login_invalid' })
  })

  const refused: Record<string, [Partial<LoginDraft>, field: string]> = {
    'no client id': [{ clientId: '' }, 'clientId'],
    'a path to the secret': [{ clientSecretFile: '../log-key' }, 'clientSecretFile'],
    'a hidden file': [{ clientSecretFile: '.env' }, 'clientSecretFile'],
    'a secret that is not used': [{ clientSecretFile: 'secret', clientAuthentication: 'none' }, 'clientAuthentication'],
    'a secret that is missing': [{ clientAuthentication: 'client_secret_post' }, 'clientAuthentication'],
    'two scopes in one': [{ scopes: ['openid groups'] }, 'scopes'],
    'an origin with a path': [{ endpointOrigins: ['https://idp.example.com/'] }, 'endpointOrigins'],
    'an origin without encryption': [{ endpointOrigins: ['http://idp.example.com'] }, 'endpointOrigins'],
    'a claim with a space': [{ groupsClaim: 'my groups' }, 'groupsClaim'],
    'an empty claim': [{ nameClaim: '' }, 'nameClaim'],
    'no group': [{ groups: {} }, 'groups'],
    'a group that may do nothing': [{ groups: { readers: { confinement: { stages: ['test'] } } } }, 'groups.readers'],
    'a group without a name': [{ groups: { ' ': { roles: ['auditor'] } } }, 'groups'],
    'a confinement to nothing': [{ groups: { a: { roles: ['auditor'], confinement: { stages: [] } } } }, 'groups.a.confinement.stages'],
    'a session of a week': [{ sessionLifetime: 'P7D' }, 'sessionLifetime'],
    'a session of a second': [{ sessionLifetime: 'PT1S' }, 'sessionLifetime'],
    'a session of a month': [{ sessionLifetime: 'P1M' }, 'sessionLifetime'],
  }
  for (const [what, [change, field]] of Object.entries(refused)) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => readLogin(ADMIN, 'okta', { ...DRAFT, ...change }), { code: 'login_invalid', field: `body.login.${field}` })
    })
  }

  it('is refused at an issuer whose name would make groups of people', () => {
    assert.throws(() => readLogin(ADMIN, 'group', DRAFT), { code: 'login_invalid' })
  })

  it('takes a group of any name, and nothing from the prototype', () => {
    const { groups } = readLogin(ADMIN, 'okta', JSON.parse('{"clientId":"p","groups":{"__proto__":{"roles":["auditor"]}}}') as LoginDraft)
    assert.deepEqual(Object.keys(groups), ['__proto__'])
    assert.equal(Object.hasOwn(groups, 'constructor'), false)
  })
})
