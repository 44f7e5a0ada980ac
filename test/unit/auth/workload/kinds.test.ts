import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import { ClaimReader } from '../../../../src/auth/workload/claim-reader.ts'
import { KINDS } from '../../../../src/auth/workload/kinds.ts'
import { ISSUER_KINDS, type IssuerKind } from '../../../../src/auth/workload/kinds/kind.ts'
import type { ClaimValue } from '../../../../src/auth/workload/rule.ts'
import type { WorkloadFacts } from '../../../../src/core/workload-identity.ts'
import { DOCUMENTED, DOCUMENTED_COMMIT } from '../../../support/workload-claims.ts'

function factsOf(kind: IssuerKind, changed: object = {}, issuer = DOCUMENTED[kind].issuer): WorkloadFacts {
  const profile = KINDS[kind]
  const host = profile.hostOf?.(new URL(issuer))
  return profile.facts(new ClaimReader(profile, { ...DOCUMENTED[kind].claims, ...changed }), { issuer, host })
}

interface Demanded {
  claims?: Record<string, ClaimValue>
  patterns?: Record<string, string>
}

/** What says who, and what does not. */
const WHO: Readonly<Record<IssuerKind, { says: Demanded[]; leavesOpen: Demanded[] }>> = {
  github: {
    says: [
      { claims: { repository_id: '1' } },
      { claims: { repository: 'acme/cart' } },
      { claims: { repository_owner_id: '1' } },
      { claims: { repository_owner: 'acme' } },
      { claims: { enterprise_id: '1' } },
      { patterns: { repository: 'acme/*' } },
      { patterns: { repository: 'acme/cart-*' } },
    ],
    leavesOpen: [
      {},
      { claims: { sub: 'repo:acme/cart:ref:refs/heads/main' } },
      { claims: { ref: 'refs/heads/main', environment: 'production', event_name: 'push' } },
      { claims: { actor: 'ann', actor_id: '1001' } },
      { claims: { job_workflow_ref: 'acme/workflows/.github/workflows/deploy.yml@refs/tags/v3' } },
      { claims: { repository: '' } },
      { patterns: { repository: '**' } },
      { patterns: { repository: '*/cart' } },
      { patterns: { repository: 'acme*/cart' } },
      { patterns: { repository: '*/*' } },
      { patterns: { repository_owner: 'acme*' } },
      { patterns: { repository_id: '4*' } },
      { patterns: { sub: 'repo:acme/*' } },
    ],
  },
  gitlab: {
    says: [
      { claims: { project_id: '20' } },
      { claims: { project_path: 'acme/cart' } },
      { claims: { namespace_id: '72' } },
      { claims: { namespace_path: 'acme' } },
      { patterns: { project_path: 'acme/**' } },
      { patterns: { namespace_path: 'acme/*' } },
    ],
    leavesOpen: [
      { claims: { sub: 'project_path:acme/cart:ref_type:branch:ref:main' } },
      { claims: { user_login: 'ann', user_email: 'ann@example.com' } },
      { claims: { ref: 'main', ref_protected: 'true', environment: 'production' } },
      { claims: { groups_direct: 'acme' } },
      { patterns: { project_path: '**/cart' } },
      { patterns: { namespace_path: 'acme*' } },
    ],
  },
  kubernetes: {
    says: [
      { claims: { namespace: 'ci', serviceaccount: 'deployer' } },
      { claims: { serviceaccount: 'deployer' }, patterns: { namespace: 'team-*' } },
      { claims: { serviceaccount_uid: '14ee3fa4' } },
    ],
    leavesOpen: [
      { claims: { namespace: 'ci' } },
      { claims: { serviceaccount: 'default' } },
      { claims: { sub: 'system:serviceaccount:ci:deployer' } },
      { claims: { namespace: 'ci' }, patterns: { serviceaccount: '**' } },
      { claims: { pod: 'deploy-4711', node: 'node-1' } },
    ],
  },
  azure: {
    says: [
      { claims: { prj_id: '271ef6f7', def_id: '17' } },
      { claims: { org_id: '0ca3ddd9' } },
      { claims: { rpo_uri: 'https://github.com/acme/cart' } },
      { patterns: { rpo_uri: 'https://github.com/acme/*' } },
      { claims: { sub: 'sc://acme/shop/production' } },
      { claims: { sub: '/eid1/c/pub/t/9D16P1v4qEyY0AixA05lZw/a/rISbSSETf0KqFyZ8ppdXmA/sc/14a7cd27/48e25e4e' } },
    ],
    leavesOpen: [
      { claims: { sub: 'p://acme/shop/cart-release' } },
      { claims: { def_id: '17' } },
      { claims: { rpo_ref: 'refs/heads/main' } },
      { patterns: { sub: 'sc://acme/*' } },
      { patterns: { rpo_uri: 'https://github.com/*/cart' } },
      { patterns: { sub: '**' } },
    ],
  },
  circleci: {
    says: [
      { claims: { 'oidc.circleci.com/project-id': '0e2bd1b5' } },
      { claims: { 'oidc.circleci.com/org-id': '6ff5c1b7' } },
      { claims: { 'oidc.circleci.com/vcs-origin': 'github.com/acme/cart' } },
      { patterns: { 'oidc.circleci.com/vcs-origin': 'https://github.com/acme/*' } },
    ],
    leavesOpen: [
      { claims: { sub: 'org/6ff5c1b7/project/0e2bd1b5/user/7c9e6679' } },
      { claims: { 'oidc.circleci.com/vcs-ref': 'refs/heads/main' } },
      { claims: { 'oidc.circleci.com/context-ids': '3a1c5e7f' } },
      { patterns: { 'oidc.circleci.com/vcs-origin': 'github.com/*/cart' } },
      { patterns: { 'oidc.circleci.com/project-id': '0*' } },
    ],
  },
  buildkite: {
    says: [
      { claims: { organization_slug: 'acme', pipeline_slug: 'cart' } },
      { claims: { organization_id: '0184990a' } },
      { claims: { pipeline_id: '0184990a' } },
    ],
    leavesOpen: [
      { claims: { pipeline_slug: 'cart', build_branch: 'main' } },
      { claims: { sub: 'organization:acme:pipeline:cart:ref:refs/heads/main:commit:8fe1:step:deploy' } },
      { patterns: { organization_slug: 'acme*' } },
      { patterns: { sub: 'organization:acme:**' } },
    ],
  },
  jenkins: {
    says: [
      { claims: { sub: 'https://jenkins.example.com/job/acme/job/cart/' } },
      { claims: { sub: 'https://example.com/jenkins/job/cart/' } },
      { patterns: { sub: 'https://jenkins.example.com/job/acme/**' } },
    ],
    leavesOpen: [
      { claims: { build_number: 42 } },
      { claims: { sub: 'https://jenkins.example.com/' } },
      { patterns: { sub: 'https://jenkins.example.com/job/*/' } },
      { patterns: { sub: 'https://jenkins.example.com/job/ac**' } },
      { patterns: { sub: '**/job/acme/' } },
    ],
  },
  google: {
    says: [
      { claims: { sub: '104738291047382910473' } },
      { claims: { email: 'deployer@acme-shop.iam.gserviceaccount.com', email_verified: true } },
      { claims: { project_id: 'acme-shop' } },
      { claims: { project_number: 739419398126 } },
    ],
    leavesOpen: [
      { claims: { email: 'deployer@acme-shop.iam.gserviceaccount.com' } },
      { claims: { email_verified: true, zone: 'europe-west1-b' } },
      { patterns: { email: '*@acme-shop.iam.gserviceaccount.com' }, claims: { email_verified: true } },
      { patterns: { sub: '1*' } },
    ],
  },
  aws: {
    says: [
      { claims: { sub: 'arn:aws:iam::123456789012:role/cart-codebuild' } },
      { patterns: { sub: 'arn:aws:iam::123456789012:role/*' } },
      { claims: { lambda_source_function_arn: 'arn:aws:lambda:eu-central-1:123456789012:function:deploy-cart' } },
    ],
    leavesOpen: [
      { claims: { aws_account: '123456789012', org_id: 'o-abc1234567' } },
      { claims: { 'principal_tags.team': 'shop' } },
      { claims: { 'request_tags.team': 'shop' } },
      { patterns: { sub: 'arn:aws:iam::*:role/cart' } },
      { patterns: { sub: 'arn:aws:iam::1234*' } },
    ],
  },
  openid: {
    says: [{ claims: { sub: 'x' } }, { claims: { client_id: 'deployer' } }, { claims: { repositoryUuid: '{7c9e6679}' } }],
    leavesOpen: [
      { claims: { ref: 'refs/heads/main', environment: 'production' } },
      { claims: { aud: 'https://gate.example.com', iss: 'https://idp.example.com', scope: 'openid' } },
      { claims: { email_verified: true } },
      { patterns: { sub: 'spiffe://**' } },
      { patterns: { client_id: '*' } },
    ],
  },
  certificate: {
    says: [
      { claims: { fingerprint: 'ab' } },
      { claims: { subject_cn: 'deployer' } },
      { claims: { san_dns: 'deployer.ci.acme.example' } },
      { patterns: { san_dns: '*.ci.acme.example' } },
      { claims: { san_uri: 'spiffe://acme.example/ns/ci/sa/deployer' } },
      { patterns: { san_uri: 'spiffe://acme.example/ns/ci/**' } },
    ],
    leavesOpen: [
      { claims: { subject_o: 'Acme', subject_ou: 'Shop' } },
      { claims: { serial: '0a1b2c' } },
      { patterns: { san_uri: 'spiffe://**' } },
      { patterns: { san_uri: 'spiffe://acme.example/**' } },
      { patterns: { subject_cn: '*' } },
    ],
  },
}

for (const kind of ISSUER_KINDS) {
  describe(`Tokens of the kind ${kind}`, () => {
    it('prove what their documented claims say', () => deepEqual(factsOf(kind), DOCUMENTED[kind].facts))

    it('have the documented types', () => {
      const token = new ClaimReader(KINDS[kind], DOCUMENTED[kind].claims)
      const types = { ascii: 'string', text: 'string', number: 'number', boolean: 'boolean', list: 'object' }
      for (const [name, type] of Object.entries(KINDS[kind].claims).filter(([each]) => !each.endsWith('.'))) {
        const value = token.value(name)
        if (value !== undefined) ok(typeof value === types[type] || (type === 'list' && typeof value === 'string'), name)
      }
    })

    it('prove nothing by claims of another type', () => {
      const strange = Object.fromEntries(Object.keys(DOCUMENTED[kind].claims).map((name) => [name, { toString: 'x' }]))
      deepEqual(factsOf(kind, strange), {})
    })

    it('are told apart by rules that say who', () => {
      const { says, leavesOpen } = WHO[kind]
      for (const { claims = {}, patterns = {} } of says) ok(KINDS[kind].saysWho({ claims, patterns }), JSON.stringify({ claims, patterns }))
      for (const { claims = {}, patterns = {} } of leavesOpen) {
        ok(!KINDS[kind].saysWho({ claims, patterns }), JSON.stringify({ claims, patterns }))
      }
    })
  })
}

describe('The repository that a token proves', () => {
  it('is on the host that the issuer stands for', () => {
    equal(factsOf('github', {}, 'https://token.actions.githubusercontent.com/acme-inc').repository, 'github.com/acme/cart')
    equal(factsOf('github', {}, 'https://token.actions.octocorp.ghe.com').repository, 'octocorp.ghe.com/acme/cart')
    equal(factsOf('github', {}, 'https://git.example.com/_services/token').repository, 'git.example.com/acme/cart')
    equal(factsOf('github', {}, 'https://git.example.com:8443/_services/token').repository, 'git.example.com:8443/acme/cart')
    equal(factsOf('github', {}, 'https://token.actions.githubusercontent.com.evil.example').repository, undefined)
    equal(factsOf('gitlab', {}, 'https://example.com/gitlab/').repository, 'example.com/gitlab/acme/shop/cart')
  })

  it('is plainly a name: nothing in it can be taken for a wildcard, or for another place', () => {
    const names = [
      'acme/*',
      'acme/**',
      '*/cart',
      'acme',
      '',
      'acme/',
      '/cart',
      'acme//cart',
      'acme/..',
      '../cart',
      'acme/ca rt',
      'acme/cаrt',
      'acme/cart?x',
    ]
    for (const repository of names) equal(factsOf('github', { repository }).repository, undefined, repository)
    for (const name of ['https://github.com/acme/**', 'github.com/*/cart', 'github.com', 'acme/cart', 'javascript:github.com/acme/cart']) {
      equal(factsOf('circleci', { 'oidc.circleci.com/vcs-origin': name }).repository, undefined, name)
    }
  })

  it('is read from addresses in their usual forms', () => {
    for (const address of [
      'github.com/acme/cart',
      'https://github.com/acme/cart',
      'https://github.com/acme/cart.git',
      'https://GitHub.com/acme/cart',
    ]) {
      equal(factsOf('circleci', { 'oidc.circleci.com/vcs-origin': address }).repository, 'github.com/acme/cart', address)
    }
    equal(
      factsOf('azure', { rpo_uri: 'https://dev.azure.com/acme/My%20Shop/_git/cart' }).repository,
      'dev.azure.com/acme/My%20Shop/_git/cart',
    )
  })

  it('is not proven by the token of a service connection', () => {
    const claims = { sub: 'sc://acme/shop/production', iss: 'x' }
    deepEqual(KINDS.azure.facts(new ClaimReader(KINDS.azure, claims), { issuer: 'x', host: undefined }), {})
  })
})

describe('The commit that a token proves', () => {
  it('is a full one', () => {
    for (const build_commit of ['HEAD', 'main', '8fe1b32', DOCUMENTED_COMMIT.toUpperCase(), `${DOCUMENTED_COMMIT}0`]) {
      equal(factsOf('buildkite', { build_commit }).commit, undefined, build_commit)
    }
    equal(factsOf('buildkite', { build_commit: 'a'.repeat(64) }).commit, 'a'.repeat(64))
  })
})

describe('A fact', () => {
  it('is one line of text, not empty and not overlong', () => {
    for (const environment of ['', 'a'.repeat(501), 'pro\nduction', 'pro\u0000duction', '\ud800']) {
      equal(factsOf('github', { environment }).environment, undefined, JSON.stringify(environment))
    }
  })

  it('names the tag of a build that has one', () => equal(factsOf('buildkite', { build_tag: 'v1' }).ref, 'refs/tags/v1'))
})

describe('Whatever an issuer may sign', () => {
  it('proves facts that are texts in one line, and a repository that is no wildcard', () => {
    for (const kind of ISSUER_KINDS) {
      const names = Object.keys(DOCUMENTED[kind].claims)
      fc.assert(
        fc.property(fc.constantFrom(...names), fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' })), (name, value) => {
          const facts = factsOf(kind, { [name]: value })
          for (const fact of Object.values(facts)) ok(typeof fact === 'string' && fact !== '' && !/\p{Cc}/u.test(fact))
          ok(facts.repository === undefined || /^[a-z0-9.:-]+(?:\/[A-Za-z0-9._~%-]+){2,}$/.test(facts.repository))
        }),
        { numRuns: 300 },
      )
    }
  })
})
