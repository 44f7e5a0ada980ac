import { equal } from 'node:assert/strict'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import { ClaimReader } from '../../../../src/auth/workload/claim-reader.ts'
import { KINDS } from '../../../../src/auth/workload/kinds.ts'
import type { IssuerKind } from '../../../../src/auth/workload/kinds/kind.ts'
import { ruleMatches, type ClaimValue } from '../../../../src/auth/workload/rule.ts'
import { DOCUMENTED } from '../../../support/workload-claims.ts'

function matches(
  kind: IssuerKind,
  demands: { claims?: Record<string, ClaimValue>; patterns?: Record<string, string> },
  changed = {},
): boolean {
  const claims = { ...DOCUMENTED[kind].claims, ...changed }
  return ruleMatches({ claims: {}, patterns: {}, ...demands }, new ClaimReader(KINDS[kind], claims))
}

describe('A rule', () => {
  it('matches a token that has every claim that it names', () => {
    const claims = { repository_id: '412345678', environment: 'production' }
    equal(matches('github', { claims }), true)
    equal(matches('github', { claims: { ...claims, ref: 'refs/heads/dev' } }), false)
    equal(matches('github', { claims }, { environment: undefined }), false)
  })

  it('compares without converting types', () => {
    equal(matches('github', { claims: { repository_id: '412345678' } }, { repository_id: 412345678 }), false)
    equal(matches('buildkite', { claims: { build_number: 42 } }), true)
    equal(matches('buildkite', { claims: { build_number: 42 } }, { build_number: '42' }), false)
    equal(matches('google', { claims: { email_verified: true } }, { email_verified: 'true' }), false)
    equal(matches('google', { claims: { email_verified: true } }, { email_verified: 1 }), false)
  })

  it('matches no list, object or null by an exact value', () => {
    for (const value of [['acme/cart'], { name: 'acme/cart' }, null, undefined, '']) {
      equal(matches('github', { claims: { repository: 'acme/cart' } }, { repository: value }), false)
      equal(matches('github', { patterns: { repository: 'acme/*' } }, { repository: value }), false)
    }
  })

  it('looks into the lists that are documented as such', () => {
    const context = { 'oidc.circleci.com/context-ids': '3a1c5e7f-9b8d-4c6a-a0e2-f4d6b8c0a2e4' }
    equal(matches('circleci', { claims: context }), true)
    equal(matches('circleci', { claims: { 'oidc.circleci.com/context-ids': '3a1c5e7f' } }), false)
    equal(matches('gitlab', { claims: { groups_direct: 'acme' } }), true)
    equal(matches('gitlab', { claims: { groups_direct: 'acme' } }, { groups_direct: { acme: true } }), false)
    equal(matches('gitlab', { claims: { groups_direct: 'acme' } }, { groups_direct: [['acme']] }), false)
    equal(matches('gitlab', { patterns: { groups_direct: 'acme/*' } }), true)
    equal(matches('certificate', { claims: { san_dns: 'deployer.acme.example', subject_cn: 'deployer' } }), true)
    equal(matches('certificate', { patterns: { san_dns: '*.ci.acme.example' } }), true)
  })

  it('folds neither letter case nor Unicode', () => {
    const lookAlikes = [
      'Acme/cart',
      'ACME/CART',
      'аcme/cart',
      'acme∕cart',
      'ａcme/cart',
      'acme/cart ',
      ' acme/cart',
      'acme/cart\u200b',
      'acme/cart\0',
    ]
    for (const repository of lookAlikes)
      equal(matches('github', { claims: { repository: 'acme/cart' } }, { repository }), false, repository)
    equal(matches('github', { claims: { environment: 'Åland' } }, { environment: 'A\u030aland' }), false)
    equal(matches('github', { claims: { environment: 'Åland' } }, { environment: 'Åland' }), true)
  })

  it('matches patterns as a whole, and a wildcard within one part only', () => {
    const by = (repository: string, pattern = 'acme/cart'): boolean =>
      matches('github', { patterns: { repository: pattern } }, { repository })
    equal(by('acme/cart', 'acme/*'), true)
    equal(by('acme-evil/cart', 'acme/*'), false)
    equal(by('acme/cart/evil', 'acme/*'), false)
    equal(by('acme/cart-evil', 'acme/cart'), false)
    equal(by('evil/acme/cart', 'acme/*'), false)
    equal(by('acme/cart-evil', 'acme/cart-*'), true)
    equal(by('ACME/cart', 'acme/*'), false)
    const ref = (value: string): boolean => matches('github', { patterns: { ref: 'refs/heads/release/*' } }, { ref: value })
    equal(ref('refs/heads/release/1.0'), true)
    equal(ref('refs/heads/release/1.0/../../main'), false)
    equal(matches('gitlab', { patterns: { project_path: 'acme/**' } }), true)
    equal(matches('gitlab', { patterns: { project_path: 'acme/*' } }), false, 'a subgroup')
  })

  it('lets no look-alike hide behind a wildcard where the alphabet is ASCII', () => {
    const by = (repository: string): boolean => matches('github', { patterns: { repository: 'acme/*' } }, { repository })
    equal(by('acme/cаrt'), false, 'a Cyrillic а')
    equal(by('acme/cart\u202e'), false)
    equal(by('acme/ca rt'), false)
    equal(matches('github', { patterns: { ref: 'refs/heads/*' } }, { ref: 'refs/heads/größe' }), true, 'branches may be called anything')
  })

  it('gives an overlong claim no time', () => {
    equal(matches('github', { patterns: { ref: '*a*a*a*a*a*a*a*a*' } }, { ref: 'a'.repeat(1025) }), false)
  })

  it('finds nested claims by their documented names, and nothing else under them', () => {
    equal(matches('kubernetes', { claims: { namespace: 'ci', serviceaccount: 'deployer', pod: 'deploy-4711', node: 'node-1' } }), true)
    equal(matches('kubernetes', { claims: { namespace: 'ci' } }, { namespace: 'ci', 'kubernetes.io': { namespace: 'other' } }), false)
    equal(matches('kubernetes', { claims: { namespace: 'ci' } }, { namespace: 'ci', 'kubernetes.io': undefined }), false)
    equal(matches('kubernetes', { claims: { serviceaccount: 'deployer' } }, { 'kubernetes.io': { serviceaccount: 'deployer' } }), false)
    equal(matches('aws', { claims: { aws_account: '123456789012', 'principal_tags.team': 'shop' } }), true)
    equal(matches('aws', { claims: { 'principal_tags.team': 'cart' } }), false)
    equal(matches('google', { claims: { project_number: 739419398126, zone: 'europe-west1-b' } }), true)
  })

  it('finds nothing that every object has', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      equal(matches('openid', { claims: { [name]: 'x' } }), false)
      equal(matches('openid', { patterns: { [name]: '*' } }), false)
    }
    equal(matches('aws', { patterns: { 'principal_tags.constructor': '*' } }), false)
    const token = new ClaimReader(KINDS.aws, DOCUMENTED.aws.claims)
    for (const name of ['constructor', 'principal_tags.toString']) equal(token.value(name), undefined)
  })
})

describe('Whatever pattern a rule may have in the place of a repository', () => {
  const name = fc.stringMatching(/^[a-z*.-]{1,8}$/)
  const pattern = fc.tuple(name, fc.constantFrom('/', '/', ''), name).map((parts) => parts.join(''))
  const stranger = fc.stringMatching(/^[a-z-]{1,8}\/[a-z-]{1,8}$/)

  it('matches no repository of a stranger', () => {
    let counted = 0
    fc.assert(
      fc.property(pattern, stranger, (repository, theirs) => {
        if (!repository.includes('*') || !KINDS.github.saysWho({ claims: {}, patterns: { repository } })) return
        counted += 1
        const owner = repository.slice(0, repository.indexOf('/') + 1)
        if (!theirs.startsWith(owner)) equal(matches('github', { patterns: { repository } }, { repository: theirs }), false)
        const ours = owner + theirs.slice(theirs.indexOf('/') + 1)
        equal(matches('github', { patterns: { repository: `${owner}*` } }, { repository: ours }), true)
      }),
      { numRuns: 2000 },
    )
    equal(counted > 50, true, `only ${counted} patterns counted`)
  })
})
