import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import { ISSUER_KINDS, type IssuerKind } from '../../src/auth/workload/kinds/kind.ts'
import type { Client, Reply } from '../support/client.ts'
import { freshDigest, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'
import { AUDIENCE, listeningIssuer, TokenIssuer } from '../support/token-issuer.ts'
import { DOCUMENTED } from '../support/workload-claims.ts'

/** For each kind the claims that a careful rule names. */
const RULES: Readonly<Record<Exclude<IssuerKind, 'certificate'>, object>> = {
  github: { claims: { repository_id: '412345678', environment: 'production', ref: 'refs/heads/main' } },
  gitlab: { claims: { project_id: '20', environment: 'production', ref_protected: 'true' } },
  kubernetes: { claims: { namespace: 'ci', serviceaccount: 'deployer' }, confinement: { repositories: ['github.com/acme/cart'] } },
  azure: { claims: { prj_id: '271ef6f7-5998-4b0f-86fb-4b54d9129990', def_id: '17' } },
  circleci: { claims: { 'oidc.circleci.com/project-id': '0e2bd1b5-7c1d-4c3a-8e3d-4a8a7f0c9b22' } },
  buildkite: { claims: { organization_slug: 'acme', pipeline_slug: 'cart' }, confinement: { repositories: ['github.com/acme/cart'] } },
  jenkins: {
    claims: { sub: 'https://jenkins.example.com/job/acme/job/cart/job/main/' },
    confinement: { repositories: ['github.com/acme/cart'] },
  },
  google: { claims: { sub: '104738291047382910473' }, confinement: { repositories: ['github.com/acme/cart'] } },
  aws: { claims: { sub: 'arn:aws:iam::123456789012:role/cart-codebuild' }, confinement: { repositories: ['github.com/acme/cart'] } },
  openid: {
    claims: { repositoryUuid: '{7c9e6679-7425-40de-944b-e07fc1f90ae7}' },
    confinement: { repositories: ['bitbucket.org/acme/cart'] },
  },
}

interface Whoami {
  principal: { name: string; kind: string }
  credential: { kind: string; id: string }
  person: string | null
  roles: string[]
  scopes: string[]
  confinement: { repositories?: string[] }
  identity: { issuer: string; kind: string; subject: string; facts: Record<string, string> } | null
}

await forEachEngine('Jobs of CI systems', (engine) => {
  let service: RunningService
  let admin: Client

  before(async () => {
    const { databaseUrl } = await engine.place()
    const env =
      databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }
    service = await startService(env)
    admin = service.admin
    for (const name of ['ci', 'other']) await admin.put(`/v1/principals/${name}`, { kind: 'workload' })
  })
  after(() => service[Symbol.asyncDispose]())

  async function configure(name: string, issuer: object): Promise<void> {
    const reply = await admin.put(`/v1/issuers/${name}`, { audiences: [AUDIENCE], ...issuer })
    ok(reply.status === 200 || reply.status === 201, reply.text)
  }

  function rule(given: object): object {
    return { name: 'cart', principal: 'ci', roles: ['pipeline'], ...given }
  }

  for (const kind of ISSUER_KINDS.filter((each) => each !== 'certificate')) {
    it(`come in with a token of ${kind} as it is documented, and learn whom they are taken for`, async () => {
      const { issuer, claims, facts } = DOCUMENTED[kind]
      const ci = await TokenIssuer.create(issuer)
      await configure(kind, { kind, issuer, keys: { jwks: ci.jwks }, rules: [rule(RULES[kind])] })
      const reply = await admin.as(await ci.token(claims)).get('/v1/whoami')
      equal(reply.status, 200, reply.text)
      const { principal, credential, person, roles, confinement, identity } = reply.json<Whoami>()
      deepEqual([principal.name, principal.kind, person, roles], ['ci', 'workload', null, ['pipeline']])
      deepEqual(credential, { kind: 'workload', id: `${kind}/cart` })
      deepEqual(identity, { issuer: kind, kind, subject: claims['sub'], facts })
      const { confinement: stated = { repositories: [facts.repository] } } = RULES[kind] as { confinement?: object }
      deepEqual(confinement, stated)
    })
  }

  describe('whose issuer is trusted', () => {
    let ci: TokenIssuer
    const claims = DOCUMENTED.github.claims
    const subject = freshDigest()

    before(async () => {
      ci = await TokenIssuer.create('https://git.example.com/_services/token', 'ES256')
      await configure('ghes', {
        kind: 'github',
        issuer: ci.issuer,
        algorithms: ['ES256'],
        keys: { jwks: ci.jwks },
        rules: [
          rule({ name: 'production', claims: { repository_id: '412345678', environment: 'production' } }),
          rule({ name: 'organisation', claims: { repository_owner_id: '1234567' }, principal: 'other' }),
        ],
      })
    })

    const as = async (changed: object = {}): Promise<Client> => admin.as(await ci.token({ ...claims, ...changed }))

    it('submit and ask for their repository; what the token proves stands in the place of what they say', async () => {
      const job = await as()
      await job.submit(subject, trivy())
      const reply = await job.post('/v1/decisions', { subject, stage: 'test', context: { ref: 'refs/heads/other', author: 'ann' } })
      const decision = reply.json<{
        repository: string
        verified: string[]
        contradicted: string[]
        context: Record<string, string>
        askedBy: string
      }>()
      equal(decision.repository, 'git.example.com/acme/cart')
      deepEqual(decision.contradicted, ['ref'])
      equal(decision.context['ref'], 'refs/heads/main')
      for (const key of ['repository', 'commit', 'ref', 'actor', 'execution']) ok(decision.verified.includes(key), key)
      equal(decision.askedBy, 'ci')
    })

    it('cannot speak for another repository, by no spelling', async () => {
      const job = await as({ repository: 'acme/other', repository_id: '5', environment: undefined })
      equal((await job.get('/v1/whoami')).json<Whoami>().credential.id, 'ghes/organisation')
      for (const repository of ['git.example.com/acme/cart', 'acme/cart', 'git.example.com/acme/*', 'github.com/acme/other']) {
        const reply = await job.post('/v1/decisions', { subject, stage: 'test', context: { repository } })
        deepEqual([reply.status, reply.json()['code']], [403, 'outside_confinement'], repository)
      }
    })

    it('are refused if no rule knows them: with the issuer and the claims that count, and without a word of the token', async () => {
      const token = await ci.token({ ...claims, repository_owner_id: '7', repository_id: '6', environment: 'a-secret-place' })
      const reply = await admin.as(token).get('/v1/whoami')
      equal(reply.status, 403)
      equal(reply.json()['code'], 'identity_unknown')
      match(reply.text, /\\"ghes\\".*environment, repository_id, repository_owner_id/)
      doesNotMatch(reply.text, /a-secret-place|acme/)
      for (const part of token.split('.')) ok(!reply.text.includes(part))
    })

    it('are refused, with the refusal in the log, if the token is not what the issuer must sign', async () => {
      const stranger = await TokenIssuer.create(ci.issuer, 'ES256')
      const wrong: [Reply, string][] = [
        [await admin.as(await stranger.token(claims)).get('/v1/whoami'), 'jwt_signature_invalid'],
        [await (await as({ aud: 'https://github.com/acme' })).get('/v1/whoami'), 'jwt_audience_wrong'],
        [await (await as({ iss: 'https://git.example.com/_services/token/' })).get('/v1/whoami'), 'jwt_issuer_unknown'],
      ]
      for (const [reply, code] of wrong) deepEqual([reply.status, reply.json()['code']], [401, code])
    })

    it('have what the rules give now: a change, a removal and a disabled principal count at once', async () => {
      const token = await ci.token(claims)
      const job = admin.as(token)
      equal((await job.get('/v1/evidence')).status, 200)
      await configure('ghes', {
        kind: 'github',
        issuer: ci.issuer,
        algorithms: ['ES256'],
        keys: { jwks: ci.jwks },
        rules: [rule({ claims: { repository_id: '412345678' }, roles: [], scopes: ['evidence:submit'] })],
      })
      equal((await job.get('/v1/evidence')).json()['code'], 'scope_missing')
      await admin.put('/v1/principals/ci', { kind: 'workload', disabled: true })
      equal((await job.get('/v1/whoami')).json()['code'], 'identity_refused')
      await admin.put('/v1/principals/ci', { kind: 'workload' })
      equal((await job.get('/v1/whoami')).status, 200)
      equal((await admin.send('DELETE', '/v1/issuers/ghes')).status, 204)
      equal((await job.get('/v1/whoami')).json()['code'], 'jwt_issuer_unknown')
    })
  })

  describe('whose keys are elsewhere', () => {
    const claims = { sub: 'deployer', client_id: 'deployer' }
    const rules = [rule({ claims: { client_id: 'deployer' }, confinement: {} })]

    it('come in by discovery, and by the address of the keys', async () => {
      await using idp = await listeningIssuer()
      await configure('idp', { kind: 'openid', issuer: idp.issuer, rules })
      equal((await admin.as(await idp.token(claims)).get('/v1/whoami')).status, 200)
      await configure('idp', { kind: 'openid', issuer: idp.issuer, keys: { jwksUri: `${idp.issuer}/keys` }, rules })
      equal((await admin.as(await idp.token(claims)).get('/v1/whoami')).status, 200)
    })

    it('come in by a file that the operator laid down', async () => {
      const idp = await TokenIssuer.create('https://idp.internal.example')
      mkdirSync(join(service.dataDir, 'issuers'))
      writeFileSync(join(service.dataDir, 'issuers', 'idp.json'), JSON.stringify(idp.jwks))
      await configure('filed', { kind: 'openid', issuer: idp.issuer, keys: { jwksFile: 'idp.json' }, rules })
      const reply = await admin.as(await idp.token(claims)).get('/v1/whoami')
      equal(reply.status, 200, reply.text)
    })
  })

  it('leave no token in the log', async () => {
    const entries = (await admin.get('/v1/audit/entries?limit=200')).text
    ok(entries.includes('issuer.changed') && entries.includes('issuer.removed'))
    doesNotMatch(entries, /eyJ[\w-]+\.eyJ/)
  })

  it('are told from those who hold a token of Portcullis', async () => {
    const { principal, credential, person, identity, roles } = (await admin.get('/v1/whoami')).json<Whoami>()
    deepEqual([principal.name, credential.kind, person, identity, roles.includes('admin')], ['admin', 'token', 'declared', null, true])
    doesNotMatch((await admin.get('/v1/whoami')).text, new RegExp(service.adminToken))
  })
})
