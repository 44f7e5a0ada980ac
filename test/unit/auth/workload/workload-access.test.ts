import { deepEqual, doesNotMatch, equal, match, ok, rejects } from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'

import { issuerChange } from '../../../../src/auth/issuers/issuers.ts'
import { jwtIssuerOf, jwtIssuers } from '../../../../src/auth/issuers/jwt-issuers.ts'
import type { IssuerSettings } from '../../../../src/auth/issuers/model.ts'
import type { VerifiedJwt } from '../../../../src/auth/jwt/model.ts'
import type { IssuerKind } from '../../../../src/auth/workload/kinds/kind.ts'
import type { Rule } from '../../../../src/auth/workload/rule.ts'
import { WorkloadAccess } from '../../../../src/auth/workload/workload-access.ts'
import { ROLES, type Principal } from '../../../../src/core/principal.ts'
import { DOCUMENTED } from '../../../support/workload-claims.ts'
import { MemoryIssuers } from '../issuers/memory-issuers.ts'
import { MemoryTokens, WORKER } from '../memory-tokens.ts'

const CAUSE = { actor: 'system', at: '2026-05-01T12:00:00.000Z', requestId: 'r' }

let store = new MemoryIssuers()
let people = new MemoryTokens()
let workloads = new WorkloadAccess({ issuers: store, principals: people })

beforeEach(() => {
  store = new MemoryIssuers()
  people = new MemoryTokens()
  people.people.set(WORKER.id, WORKER)
  workloads = new WorkloadAccess({ issuers: store, principals: people })
})

const EXPIRES_AT = Date.parse('2026-11-18T10:05:00Z')

function rule(changes: Partial<Rule> = {}): Rule {
  return {
    ...{ name: 'cart', claims: { repository_id: '412345678' }, patterns: {}, principal: 'ci', principalId: WORKER.id },
    ...{ roles: ['pipeline'], scopes: [], confinement: {}, speaksFor: [], ...changes },
  }
}

async function keep(rules: readonly Rule[], kind: IssuerKind = 'github', changes: Partial<IssuerSettings> = {}): Promise<void> {
  const settings: IssuerSettings = {
    ...{ name: kind, kind, issuer: DOCUMENTED[kind].issuer, host: kind === 'github' ? 'github.com' : null },
    ...{ audiences: ['https://gate.example.com'], algorithms: ['RS256'], keys: { discovery: {} }, clockSkew: 'PT1M', maxLifetime: 'PT1H' },
    ...{ replay: 'allowed', rules, login: null, ...changes },
  }
  const { issuer, entry } = issuerChange(settings, 'ann', CAUSE)
  await store.put(issuer, entry)
}

/** A token of the issuer as it is kept, as the verifier gives it. */
async function verified(changed: object = {}, kind: IssuerKind = 'github'): Promise<VerifiedJwt> {
  const issuer = await store.find(kind)
  ok(issuer)
  const claims = { __proto__: null, ...DOCUMENTED[kind].claims, ...changed }
  const trusted = jwtIssuerOf(issuer)
  ok(trusted)
  return { issuer: trusted, algorithm: 'RS256', keyId: 'k1', subject: String(claims['sub' as never]), claims, expiresAt: EXPIRES_AT }
}

async function accessOf(changed: object = {}, kind: IssuerKind = 'github') {
  return workloads.accessOf(await verified(changed, kind))
}

describe('The holder of a verified token', () => {
  it('is the principal of the rule, with its rights, confined to the repository that the token proves', async () => {
    await keep([rule({ scopes: ['metrics:read'], confinement: { environments: ['production'] } })])
    deepEqual(await accessOf(), {
      principal: WORKER,
      credential: { kind: 'workload', id: 'github/cart' },
      issuerIds: [],
      person: null,
      identity: {
        issuer: 'github',
        kind: 'github',
        subject: 'repo:acme@1234567/cart@412345678:environment:production',
        facts: DOCUMENTED.github.facts,
      },
      scopes: new Set([...ROLES.pipeline, 'metrics:read']),
      confinement: { environments: ['production'], repositories: ['github.com/acme/cart'] },
      expiresAt: EXPIRES_AT,
    })
  })

  it('is confined to its own repository whatever the rule states, and nobody if that is not among what it states', async () => {
    for (const repositories of [['github.com/acme/*'], ['acme/cart', 'acme/shop'], ['**']]) {
      await keep([rule({ confinement: { repositories } })])
      deepEqual((await accessOf()).confinement, { repositories: ['github.com/acme/cart'] })
    }
    await keep([rule({ confinement: { repositories: ['github.com/acme/shop', 'gitlab.com/acme/*', 'github.com/acme/cart-*'] } })])
    await rejects(accessOf(), { code: 'identity_refused', message: /none of those/ })
  })

  it('speaks for other repositories than its own only where the rule says so', async () => {
    await keep([rule({ speaksFor: ['github.com/acme/*'] })])
    deepEqual((await accessOf()).confinement, { repositories: ['github.com/acme/cart', 'github.com/acme/*'] })
  })

  it('is confined as stated where tokens prove no repository', async () => {
    await keep([rule({ claims: { namespace: 'ci', serviceaccount: 'deployer' } })], 'kubernetes')
    deepEqual((await accessOf({}, 'kubernetes')).confinement, {})
  })

  it('is nobody if the repository cannot be told', async () => {
    await keep([rule({ claims: { repository_owner_id: '1234567' } })])
    for (const repository of [undefined, 'acme/*', 'acme', '**']) {
      await rejects(accessOf({ repository }), { code: 'identity_refused', message: /"cart".*proves none/ })
    }
  })

  it('is whom the first rule that matches says, even if that lets nobody in', async () => {
    const other: Principal = { ...WORKER, id: '0196a000-0000-7000-8000-00000000000a', name: 'other' }
    people.people.set(other.id, other)
    await keep([
      rule({ name: 'dev', claims: { repository_id: '412345678', environment: 'dev' } }),
      rule(),
      rule({ name: 'late', principalId: other.id }),
    ])
    equal((await accessOf()).credential.id, 'github/cart')
    people.people.set(WORKER.id, { ...WORKER, disabled: true })
    await keep([rule(), rule({ name: 'late', principalId: other.id })])
    await rejects(accessOf(), { code: 'identity_refused' })
  })

  it('is nobody if no rule matches: the refusal names issuer and claims, but no value of rule or token', async () => {
    await keep([
      rule({ claims: { repository_id: '815', environment: 'secret-place' } }),
      rule({ name: 'tags', claims: { repository_owner_id: '99' }, patterns: { 'no-such-claim': 'refs/tags/*' } }),
    ])
    await rejects(accessOf(), (error: { code: string; message: string; remedy: string; issuer: string; claimed: string }) => {
      equal(error.code, 'identity_unknown')
      match(
        error.message,
        /issuer "github".* look at: environment, no-such-claim, repository_id, repository_owner_id\. .*does not have: no-such-claim\./,
      )
      doesNotMatch(error.message + error.remedy, /815|secret-place|412345678|1234567|acme|refs/)
      deepEqual([error.issuer, error.claimed], ['github', 'repo:acme@1234567/cart@412345678:environment:production'])
      return true
    })
    await keep([])
    await rejects(accessOf(), { code: 'identity_unknown', message: /no rules/ })
  })

  it('is no longer let in once its principal is disabled, or became a person', async () => {
    await keep([rule()])
    const jwt = await verified()
    equal((await workloads.accessOf(jwt)).principal.name, 'ci')
    await people.putPrincipal({ ...WORKER, disabled: true }, CAUSE)
    await rejects(workloads.accessOf(jwt), { code: 'identity_refused', message: /disabled/ })
    await people.putPrincipal({ ...WORKER, kind: 'human' }, CAUSE)
    await rejects(workloads.accessOf(jwt), { code: 'identity_refused', message: /no workload/ })
    await people.putPrincipal(WORKER, CAUSE)
    equal((await workloads.accessOf(jwt)).principal.name, 'ci')
  })

  it('has the rights of the rules as they are now', async () => {
    await keep([rule()])
    const jwt = await verified()
    await workloads.accessOf(jwt)
    await keep([rule({ roles: ['auditor'] })])
    deepEqual((await workloads.accessOf(jwt)).scopes, new Set(ROLES.auditor))
    await store.remove('github', CAUSE as never)
    await rejects(workloads.accessOf(jwt), { code: 'identity_unknown' })
  })

  it('is judged by no rules of an issuer that took the name of another one', async () => {
    await keep([rule()])
    const jwt = await verified()
    await keep([rule()], 'github', { issuer: 'https://token.actions.githubusercontent.com/other' })
    await rejects(workloads.accessOf(jwt), { code: 'identity_unknown', message: /changed/ })
  })

  it('is judged by no rules of an issuer that took the address of another one', async () => {
    await keep([rule()])
    const jwt = await verified()
    await store.remove('github', CAUSE as never)
    await keep([rule()], 'github', { name: 'github-2' })
    await rejects(workloads.accessOf(jwt), { code: 'identity_unknown', message: /changed/ })
  })

  it('is worked out once for a token', async () => {
    await keep([rule()])
    const jwt = await verified()
    const [first, second] = await Promise.all([workloads.accessOf(jwt), workloads.accessOf(jwt)])
    deepEqual(first, second)
    equal(await workloads.accessOf(jwt), await workloads.accessOf(jwt))
    equal(store.reads, 1)
  })

  it('comes in again after the store failed once', async () => {
    await keep([rule()])
    const jwt = await verified()
    store.failure = new Error('gone')
    await rejects(workloads.accessOf(jwt), /gone/)
    store.failure = undefined
    equal((await workloads.accessOf(jwt)).principal.name, 'ci')
  })
})

describe('A job of CircleCI that was started again with SSH', () => {
  const project = { 'oidc.circleci.com/project-id': '0e2bd1b5-7c1d-4c3a-8e3d-4a8a7f0c9b22' }

  it('is refused, as is one that does not say', async () => {
    await keep([rule({ claims: project })], 'circleci')
    deepEqual((await accessOf({}, 'circleci')).confinement, { repositories: ['github.com/acme/cart'] })
    for (const value of [true, undefined, 'false', null]) {
      await rejects(accessOf({ 'oidc.circleci.com/ssh-rerun': value }, 'circleci'), { code: 'identity_refused', message: /SSH/ })
    }
  })

  it('is let in by a rule that says so', async () => {
    await keep([rule({ claims: { ...project, 'oidc.circleci.com/ssh-rerun': true } })], 'circleci')
    equal((await accessOf({ 'oidc.circleci.com/ssh-rerun': true }, 'circleci')).principal.name, 'ci')
    await rejects(accessOf({}, 'circleci'), { code: 'identity_unknown' })
  })
})

describe('The holder of a certificate', () => {
  const certificate = { purpose: 'api', claims: DOCUMENTED.certificate.claims, expiresAt: EXPIRES_AT }
  const rules = [rule({ claims: { subject_cn: 'deployer' }, patterns: { san_dns: '*.ci.acme.example' } })]
  const settings = { name: 'clients', keys: null }

  it('is whom a rule for its purpose says', async () => {
    await keep(rules, 'certificate', settings)
    const access = await workloads.accessOfCertificate(certificate)
    deepEqual([access.principal.name, access.credential], ['ci', { kind: 'certificate', id: 'clients/cart' }])
    deepEqual(access.identity, { issuer: 'clients', kind: 'certificate', subject: 'spiffe://acme.example/ns/ci/sa/deployer', facts: {} })
    equal(access.expiresAt, EXPIRES_AT)
    equal(await workloads.accessOfCertificate(certificate), access)
    await rejects(workloads.accessOfCertificate({ ...certificate, purpose: 'admission' }), {
      code: 'identity_unknown',
      message: /certificate:admission/,
    })
    await rejects(workloads.accessOfCertificate({ ...certificate, claims: { subject_cn: 'other' } }), {
      code: 'identity_unknown',
      claimed: 'other',
    })
  })
})

describe('What the verifier is told of an issuer', () => {
  it('has durations in milliseconds, and no rules', async () => {
    await keep([rule()], 'github', { clockSkew: 'PT0S', maxLifetime: 'PT10M' })
    const [issuer] = await jwtIssuers(store).all()
    deepEqual(issuer, {
      ...{ name: 'github', issuer: 'https://token.actions.githubusercontent.com', audiences: ['https://gate.example.com'] },
      ...{ algorithms: ['RS256'], keys: { discovery: {} }, clockSkewMs: 0, maxLifetimeMs: 600_000, replay: 'allowed' },
    })
  })
})
