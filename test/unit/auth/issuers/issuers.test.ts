import { deepEqual, doesNotMatch, equal, ok, rejects } from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'

import { jwtIssuers } from '../../../../src/auth/issuers/jwt-issuers.ts'
import { issuerPut, issuerRemoval } from '../../../../src/auth/issuers/issuer-changes.ts'
import { Issuers, type issuerChange } from '../../../../src/auth/issuers/issuers.ts'
import type { IssuerDraft } from '../../../../src/auth/issuers/read-issuer.ts'
import type { RuleDraft } from '../../../../src/auth/issuers/read-rule.ts'
import { issuerRecord, issuerRemovalRecord } from '../../../../src/auth/issuers/records.ts'
import { canonicalDigest } from '../../../../src/core/canonical-json.ts'
import type { ChangeMeta } from '../../../../src/core/change-kind.ts'
import type { EntryDraft } from '../../../../src/core/log-entry.ts'
import { SCOPES, type Access, type Principal } from '../../../../src/core/principal.ts'
import { accessOf, ANN, MemoryTokens, WORKER } from '../memory-tokens.ts'
import { MemoryIssuers } from './memory-issuers.ts'

const admin = accessOf(SCOPES)
const RULE: RuleDraft = { name: 'cart', claims: { repository_id: '4711' }, principal: 'ci', roles: ['pipeline'] }

function github(changes: Partial<IssuerDraft> = {}): IssuerDraft {
  return {
    kind: 'github',
    issuer: 'https://token.actions.githubusercontent.com',
    audiences: ['https://gate.example.com'],
    rules: [RULE],
    ...changes,
  }
}

function withRule(changes: Partial<RuleDraft>, others: Partial<IssuerDraft> = {}): IssuerDraft {
  return github({ rules: [{ ...RULE, ...changes }], ...others })
}

let store = new MemoryIssuers()
let people = new MemoryTokens()
let issuers = new Issuers({ store, principals: people })

beforeEach(() => {
  store = new MemoryIssuers()
  people = new MemoryTokens()
  for (const principal of [ANN, WORKER]) people.people.set(principal.id, principal)
  issuers = new Issuers({ store, principals: people })
})

async function put(draft: IssuerDraft, access: Access = admin, name = 'github') {
  const kind = issuerPut(issuers)
  const { effect } = await kind.plan(access, { name, draft }, meta(access, 'r-1'))
  const { issuer, entry } = effect.args as ReturnType<typeof issuerChange>
  return kind.resultOf(await store.put(issuer, entry))
}

async function remove(access: Access, name: string, requestId: string): Promise<boolean> {
  const kind = issuerRemoval(issuers)
  const { effect } = await kind.plan(access, { name }, meta(access, requestId))
  return kind.resultOf(await store.remove(name, (effect.args as { entry: EntryDraft }).entry))
}

function meta({ principal }: Access, requestId: string): ChangeMeta {
  return { by: principal, cause: { actor: principal.id, at: '2026-05-01T12:00:00.000Z', requestId } }
}

/** The issuer is refused with a code, and says at which field and what to do. */
async function refused(draft: IssuerDraft, code: string, field: string, access: Access = admin): Promise<void> {
  await rejects(put(draft, access), (error: { code: string; field?: string; remedy?: string; message: string }) => {
    deepEqual({ code: error.code, field: error.field }, { code, field }, error.message)
    ok(error.remedy)
    return true
  })
}

describe('An issuer', () => {
  it('is created and replaced as a whole, with defaults for what is left out', async () => {
    const { issuer, created } = await put(github())
    ok(created)
    deepEqual(issuer, {
      name: 'github',
      kind: 'github',
      issuer: 'https://token.actions.githubusercontent.com',
      host: 'github.com',
      audiences: ['https://gate.example.com'],
      algorithms: ['RS256'],
      keys: { discovery: {} },
      clockSkew: 'PT1M',
      maxLifetime: 'PT1H',
      replay: 'allowed',
      rules: [
        {
          ...{ name: 'cart', claims: { repository_id: '4711' }, patterns: {}, principal: 'ci', principalId: WORKER.id },
          ...{ roles: ['pipeline'], scopes: [], confinement: {}, speaksFor: [] },
        },
      ],
      login: null,
      revision: 1,
      updatedAt: '2026-05-01T12:00:00.000Z',
      updatedBy: 'ann',
    })
    const again = await put(github({ rules: [], clockSkew: 'PT0S', maxLifetime: 'PT10M', replay: 'once' }))
    deepEqual([again.created, again.issuer.rules, again.issuer.clockSkew, again.issuer.maxLifetime], [false, [], 'PT0S', 'PT10M'])
    deepEqual(await issuers.list(), [again.issuer])
    deepEqual(await issuers.find('github'), again.issuer)
  })

  it('is logged with names in the leaf and the values of claims beside it', async () => {
    const draft = withRule({ claims: { repository_id: '4711', actor: 'somebody' }, patterns: { ref: 'refs/tags/v*' } })
    const { issuer } = await put(draft)
    const [entry] = store.entries
    ok(entry)
    equal(entry.type, 'issuer.changed')
    equal(entry.actor, ANN.id)
    equal(entry.requestId, 'r-1')
    equal(entry.body.digest, canonicalDigest(issuerRecord(issuer)))
    deepEqual(entry.body['rules'], [
      {
        ...{ rule: 'cart', claims: ['repository_id', 'actor'], patterns: ['ref'], principalId: WORKER.id },
        ...{ roles: ['pipeline'], scopes: [], confinement: {}, speaksFor: [] },
      },
    ])
    doesNotMatch(JSON.stringify(entry.body), /somebody|ann/)
    deepEqual(entry.detail['rules'], [
      { rule: 'cart', claims: { repository_id: '4711', actor: 'somebody' }, patterns: { ref: 'refs/tags/v*' }, principal: 'ci' },
    ])
  })

  it('is removed with an entry, once', async () => {
    await put(github())
    await remove(admin, 'github', 'r-2')
    const entry = store.entries.at(-1)
    deepEqual([entry?.type, entry?.body.digest], ['issuer.removed', canonicalDigest(issuerRemovalRecord('github'))])
    await rejects(issuers.find('github'), { code: 'issuer_not_found', field: 'path.name' })
    await rejects(remove(admin, 'github', 'r-3'), { code: 'issuer_not_found' })
    equal(store.entries.length, 2)
  })

  it('shares its address with no other', async () => {
    await put(github())
    await rejects(put(github(), admin, 'github-2'), { code: 'issuer_url_taken', field: 'body.issuer', message: /"github"/ })
    await put(github({ issuer: 'https://token.actions.githubusercontent.com/acme' }), admin, 'github-2')
  })

  it('is refused if it says what cannot be', async () => {
    await rejects(put(github(), admin, 'Git Hub'), { code: 'issuer_invalid' })
    for (const issuer of [
      'github',
      'ftp://x.example',
      'https://a@x.example',
      'https://x.example/?a',
      'https://x.example/#a',
      'https://x.example/ä',
      '',
    ]) {
      await refused(github({ issuer, host: 'github.com' }), 'issuer_invalid', 'body.issuer')
    }
    await refused(github({ audiences: [] }), 'issuer_invalid', 'body.audiences')
    await refused(github({ audiences: ['ä'] }), 'issuer_invalid', 'body.audiences')
    await refused(github({ algorithms: [] }), 'issuer_invalid', 'body.algorithms')
    for (const clockSkew of ['PT6M', 'P1Y', '1m']) await refused(github({ clockSkew }), 'issuer_invalid', 'body.clockSkew')
    for (const maxLifetime of ['PT1S', 'P2D', 'P']) await refused(github({ maxLifetime }), 'issuer_invalid', 'body.maxLifetime')
    await refused(github({ rules: [RULE, RULE] }), 'issuer_invalid', 'body.rules.1.name')
    await refused(github({ rules: Array.from({ length: 101 }, (_, at) => ({ ...RULE, name: `r${at}` })) }), 'issuer_invalid', 'body.rules')
    await refused(github({ login: { clientId: 'x', groups: { a: { roles: ['admin'] } } } }), 'issuer_invalid', 'body.login')
  })

  it('says on which host the repositories are, unless its address does', async () => {
    await refused(github({ issuer: 'https://git.example.com/token' }), 'issuer_invalid', 'body.host')
    equal((await put(github({ issuer: 'https://git.example.com/token', host: 'git.example.com' }))).issuer.host, 'git.example.com')
    await refused(github({ issuer: 'https://git/_services/token' }), 'issuer_invalid', 'body.host')
    for (const host of ['git', 'https://git.example.com', 'git.example.com/*', 'GIT.example.com', '*.example.com']) {
      await refused(github({ host }), 'issuer_invalid', 'body.host')
    }
    const sub = { sub: 'https://jenkins.example.com/job/cart/' }
    const jenkins = withRule({ claims: sub, confinement: {} }, { kind: 'jenkins', issuer: 'https://jenkins.example.com/oidc' })
    await refused({ ...jenkins, host: 'git.example.com' }, 'issuer_invalid', 'body.host')
  })
})

describe('Where the keys of an issuer are', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1' }

  it('is found out from the issuer, unless it is said', async () => {
    const keys = { discovery: { jwksOrigins: ['https://keys.example.com'] } }
    deepEqual((await put(github({ keys }))).issuer.keys, keys)
    deepEqual((await put(github({ keys: { jwksUri: 'https://keys.example.com/jwks' } }))).issuer.keys, {
      jwksUri: 'https://keys.example.com/jwks',
    })
    deepEqual((await put(github({ keys: { jwksFile: 'github.json' } }))).issuer.keys, { jwksFile: 'github.json' })
    const google = withRule({ claims: { sub: '1' }, confinement: {} }, { kind: 'google', issuer: 'https://accounts.google.com' })
    deepEqual((await put(google, admin, 'google')).issuer.keys, { jwksUri: 'https://www.googleapis.com/oauth2/v3/certs' })
  })

  it('is nowhere that this service must not go', async () => {
    await refused(github({ issuer: 'http://git.example.com/_services/token' }), 'issuer_invalid', 'body.issuer')
    await refused(github({ keys: { jwksUri: 'http://169.254.169.254/jwks' } }), 'issuer_invalid', 'body.keys.jwksUri')
    await refused(github({ keys: { jwksUri: 'file:///etc/passwd' } }), 'issuer_invalid', 'body.keys.jwksUri')
    for (const origin of ['https://keys.example.com/', 'http://keys.example.com', 'keys.example.com']) {
      await refused(github({ keys: { discovery: { jwksOrigins: [origin] } } }), 'issuer_invalid', 'body.keys.discovery.jwksOrigins')
    }
    for (const jwksFile of ['../jwks.json', '/etc/passwd', 'a/b', '.hidden', '', 'a\0']) {
      await refused(github({ keys: { jwksFile } }), 'issuer_invalid', 'body.keys.jwksFile')
    }
    await refused(github({ keys: {} }), 'issuer_invalid', 'body.keys')
  })

  it('may be the issuer itself, which then is never asked', async () => {
    const keys = { jwks: { keys: [jwk] } }
    const draft = github({ issuer: 'http://git.internal.example/_services/token', algorithms: ['ES256'], keys })
    deepEqual((await put(draft)).issuer.keys, keys)
  })

  it('is refused inline if a key is not public, or fits no algorithm, without quoting it', async () => {
    const secret = { ...privateKey.export({ format: 'jwk' }), kid: 'k2' }
    await rejects(put(github({ algorithms: ['ES256'], keys: { jwks: { keys: [jwk, secret] } } })), (error: Error & { field: string }) => {
      equal(error.field, 'body.keys.jwks.keys.1')
      doesNotMatch(error.message, new RegExp(String(secret.d)))
      return true
    })
    await refused(github({ keys: { jwks: { keys: [jwk] } } }), 'issuer_invalid', 'body.keys.jwks.keys.0')
    await refused(github({ keys: { jwks: { keys: [] } } }), 'issuer_invalid', 'body.keys.jwks.keys')
    await refused(github({ keys: { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } } }), 'issuer_invalid', 'body.keys.jwks.keys.0')
    equal(store.entries.length, 0)
  })
})

describe('A rule of an issuer', () => {
  const at = (field: string): string => `body.rules.0.${field}`

  it('says whom it is for', async () => {
    for (const claims of [{}, { sub: 'repo:acme/cart:ref:refs/heads/main' }, { ref: 'refs/heads/main', environment: 'production' }]) {
      await refused(withRule({ claims }), 'rule_too_wide', at('claims'))
    }
    await refused(withRule({ claims: {}, patterns: { repository: 'acme*/**' } }), 'rule_too_wide', at('claims'))
    await rejects(put(withRule({ claims: { sub: 'x' } })), { remedy: /repository_id/ })
    await put(withRule({ claims: { ref: 'refs/heads/main' }, patterns: { repository: 'acme/*' } }))
  })

  it('compares values of the types that the claims have', async () => {
    await refused(withRule({ claims: { repository_id: 4711 } }), 'rule_invalid', at('claims.repository_id'))
    await rejects(put(withRule({ claims: { repository_id: '1', ref_protected: true } })), { remedy: 'Write it in quotes: "true".' })
    const gitlab = { kind: 'gitlab', issuer: 'https://gitlab.com' } as const
    await refused(withRule({ claims: { project_id: '1', runner_id: '1' } }, gitlab), 'rule_invalid', at('claims.runner_id'))
    await put(withRule({ claims: { project_id: '1', runner_id: 1, groups_direct: 'acme' } }, gitlab))
    const circleci = { kind: 'circleci', issuer: 'https://oidc.circleci.com/org/1' } as const
    const project = { 'oidc.circleci.com/project-id': '1' }
    await refused(
      withRule({ claims: { ...project, 'oidc.circleci.com/ssh-rerun': 'false' } }, circleci),
      'rule_invalid',
      at('claims.oidc.circleci.com/ssh-rerun'),
    )
    await refused(
      withRule({ claims: project, patterns: { 'oidc.circleci.com/ssh-rerun': '*' } }, circleci),
      'rule_invalid',
      at('patterns.oidc.circleci.com/ssh-rerun'),
    )
  })

  it('has wildcards in patterns only, and only a few', async () => {
    await refused(withRule({ claims: { repository: 'acme/*' } }), 'rule_invalid', at('claims.repository'))
    await refused(withRule({ patterns: { ref: 'refs/heads/main' } }), 'rule_invalid', at('patterns.ref'))
    await refused(withRule({ patterns: { ref: '*a'.repeat(17) } }), 'rule_invalid', at('patterns.ref'))
    await refused(withRule({ patterns: { ref: `${'a'.repeat(256)}*` } }), 'rule_invalid', at('patterns.ref'))
    await refused(withRule({ patterns: { repository_id: '4*' } }), 'rule_invalid', at('patterns.repository_id'))
  })

  it('has no look-alikes where the alphabet is ASCII', async () => {
    await refused(withRule({ claims: { repository: 'аcme/cart' } }), 'rule_invalid', at('claims.repository'))
    await refused(withRule({ patterns: { repository: 'аcme/*' } }), 'rule_invalid', at('patterns.repository'))
    await put(withRule({ claims: { repository: 'acme/cart', environment: 'Größe' } }))
  })

  it('names a few claims, and something that it gives', async () => {
    await refused(withRule({ claims: { 'a b': 'x' } }), 'rule_invalid', at('claims'))
    await refused(
      withRule({ claims: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`c${n}`, 'x'])) }),
      'rule_invalid',
      at('claims'),
    )
    await refused(withRule({ claims: { repository_id: '1', ref: 'x'.repeat(1025) } }), 'rule_invalid', at('claims.ref'))
    await refused(withRule({ roles: [] }), 'rule_invalid', at('roles'))
    await refused(withRule({ name: 'A rule' }), 'rule_invalid', at('name'))
  })

  it('states what it confines to where tokens prove no repository', async () => {
    const kubernetes = { kind: 'kubernetes', issuer: 'https://kubernetes.default.svc' } as const
    const claims = { namespace: 'ci', serviceaccount: 'deployer' }
    await refused(withRule({ claims }, kubernetes), 'rule_invalid', at('confinement'))
    deepEqual((await put(withRule({ claims, confinement: {} }, kubernetes))).issuer.rules[0]?.confinement, {})
    await refused(withRule({ confinement: { repositories: [] } }), 'rule_invalid', at('confinement.repositories'))
    await refused(withRule({ confinement: { environments: ['pro*'] } }), 'rule_invalid', at('confinement.environments'))
  })

  it('lets no fork of CircleCI have the repositories of the original', async () => {
    const circleci = { kind: 'circleci', issuer: 'https://oidc.circleci.com/org/1' } as const
    const claims = { 'oidc.circleci.com/project-id': '1' }
    await put(withRule({ claims }, circleci))
    const confinement = { repositories: ['github.com/acme/cart'] }
    await refused(withRule({ claims, confinement }, circleci), 'rule_invalid', at('claims'))
    await put(withRule({ claims: { ...claims, 'oidc.circleci.com/vcs-origin': 'github.com/acme/cart' }, confinement }, circleci))
  })

  it('believes no address that may not be verified', async () => {
    const google = { kind: 'google', issuer: 'https://accounts.google.com' } as const
    await refused(withRule({ claims: { sub: '1', email: 'a@b.example' }, confinement: {} }, google), 'rule_invalid', at('claims'))
  })

  it('names a workload that there is and that is not disabled', async () => {
    await refused(withRule({ principal: 'nobody' }), 'principal_unknown', at('principal'))
    await refused(withRule({ principal: 'ann' }), 'rule_invalid', at('principal'))
    people.people.set(WORKER.id, { ...WORKER, disabled: true })
    await refused(withRule({}), 'rule_invalid', at('principal'))
  })

  it('gives nobody more than its author may do', async () => {
    const own: Principal = { ...WORKER, createdBy: ANN.id }
    const lesser = accessOf(['issuers:manage', 'evidence:submit'])
    await refused(withRule({}), 'principal_foreign', at('principal'), lesser)
    people.people.set(WORKER.id, own)
    await refused(withRule({}), 'scope_missing', at('roles'), lesser)
    await put(withRule({ roles: [], scopes: ['evidence:submit'] }), lesser)
  })

  it('is neither replaced nor removed by who may do less than it gives', async () => {
    await put(github())
    const lesser = accessOf(['issuers:manage', 'evidence:submit'])
    await rejects(put(github({ rules: [] }), lesser), { code: 'scope_missing' })
    await rejects(remove(lesser, 'github', 'r-2'), { code: 'scope_missing' })
    equal((await issuers.find('github')).rules.length, 1)
  })
})

describe('An issuer of certificates', () => {
  const rules = [{ ...RULE, claims: { subject_cn: 'deployer' }, confinement: {} }]

  it('stands for the authorities of one purpose, and says nothing about tokens', async () => {
    const { issuer } = await put({ kind: 'certificate', issuer: 'certificate:api', rules }, admin, 'clients')
    deepEqual([issuer.issuer, issuer.audiences, issuer.algorithms, issuer.keys], ['certificate:api', [], [], null])
    deepEqual(await jwtIssuers(store).all(), [])
    await rejects(put({ kind: 'certificate', issuer: 'certificate:api' }, admin, 'more'), { code: 'issuer_url_taken' })
    await put({ kind: 'certificate', issuer: 'certificate:admission' }, admin, 'clusters')
  })

  it('is refused for what cannot be', async () => {
    await refused({ kind: 'certificate', issuer: 'https://ca.example.com' }, 'issuer_invalid', 'body.issuer')
    await refused(github({ issuer: 'certificate:api' }), 'issuer_invalid', 'body.issuer')
    for (const more of [
      { audiences: ['x'] },
      { keys: { jwksFile: 'x' } },
      { algorithms: ['RS256' as const] },
      { host: 'git.example.com' },
    ]) {
      await refused({ kind: 'certificate', issuer: 'certificate:api', ...more }, 'issuer_invalid', `body.${Object.keys(more).join()}`)
    }
    await refused(
      { kind: 'certificate', issuer: 'certificate:api', rules: [{ ...RULE, claims: { subject_o: 'Acme' }, confinement: {} }] },
      'rule_too_wide',
      'body.rules.0.claims',
    )
  })

  it('gives to certificates of clusters what admission needs, and nothing else', async () => {
    const clusters = (rights: Partial<RuleDraft>): IssuerDraft => ({
      kind: 'certificate',
      issuer: 'certificate:admission',
      rules: [{ name: 'any', claims: { subject_cn: 'eu-1' }, principal: 'ci', confinement: {}, ...rights }],
    })
    equal((await put(clusters({ roles: ['admission'] }), admin, 'clusters')).created, true)
    await refused(clusters({ roles: ['admission', 'pipeline'] }), 'rule_invalid', 'body.rules.0.roles')
    await refused(clusters({ scopes: ['inventory:report', 'tokens:manage'] }), 'rule_invalid', 'body.rules.0.roles')
  })
})

describe('An issuer at which people log in', () => {
  const login = { clientId: 'portcullis', clientSecretFile: 'idp-secret', groups: { 'release-managers': { roles: ['approver'] as const } } }
  const idp: IssuerDraft = { kind: 'openid', issuer: 'https://idp.example.com', login }

  it('needs neither audiences nor rules, and keeps the name of the secret only', async () => {
    const { issuer } = await put(idp, admin, 'idp')
    deepEqual([issuer.audiences, issuer.rules, issuer.login?.clientSecretFile], [[], [], 'idp-secret'])
    const [entry] = store.entries
    deepEqual([entry?.detail['clientId'], entry?.detail['groups']], ['portcullis', ['release-managers']])
    doesNotMatch(JSON.stringify(entry?.body), /portcullis|release-managers/)
  })

  it('does not take the tokens of people for those of workloads', async () => {
    const rules = [{ ...RULE, claims: { sub: 'x' }, confinement: {} }]
    await refused({ ...idp, rules, audiences: ['portcullis'] }, 'issuer_invalid', 'body.audiences')
    await refused({ ...idp, rules }, 'issuer_invalid', 'body.audiences')
  })

  it('is in the hands of those who may do everything', async () => {
    await put(idp, admin, 'idp')
    const lesser = accessOf(['issuers:manage'])
    await rejects(put({ ...idp, login: undefined, audiences: ['x'] }, lesser, 'idp'), { code: 'scope_missing' })
    await rejects(remove(lesser, 'idp', 'r-2'), { code: 'scope_missing' })
  })
})

describe('A change of an issuer', () => {
  it('shows what becomes different, and takes a second person whatever it is', async () => {
    const kind = issuerPut(issuers)
    const plan = async (draft: IssuerDraft) => kind.plan(admin, { name: 'github', draft }, meta(admin, 'r-1'))
    const first = await plan(github())
    deepEqual([first.guarded, first.before], ['access', null])
    await put(github())
    const second = await plan(github({ replay: 'once' }))
    deepEqual([second.guarded, second.before, second.after], ['access', { replay: 'allowed' }, { replay: 'once' }])
    const removal = await issuerRemoval(issuers).plan(admin, { name: 'github' }, meta(admin, 'r-1'))
    deepEqual([removal.guarded, removal.after], ['access', null])
    equal(await kind.target({ name: 'github', draft: github() }), 'issuers/github')
  })
})
