import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { Confinement } from '../../../../src/core/principal.ts'
import { isWithin, readScope, type ScopeDraft } from '../../../../src/governance/waivers/scope.ts'
import type { WaiverScope } from '../../../../src/governance/waivers/waiver.ts'

const RULE = 'vulnerabilities.max_severity'
const NOWHERE = { vulnerability: null, purl: null, subject: null, repository: null, environment: null, stage: null }
const DIGEST = `sha256:${'a'.repeat(64)}`

const read = (draft: Partial<ScopeDraft> = {}, confinement: Confinement = {}): WaiverScope =>
  readScope({ rule: RULE, ...draft }, confinement)

function refused(draft: Partial<ScopeDraft>, code: string, confinement?: Confinement): void {
  assert.throws(() => read(draft, confinement), { code }, JSON.stringify(draft))
}

describe('The scope of a waiver', () => {
  it('is limited by nothing but what it says', () => {
    assert.deepEqual(read(), { rule: RULE, ...NOWHERE })
    assert.deepEqual(read({ subject: `registry.example.com/app@${DIGEST}`, vulnerability: 'CVE-2026-1' }), {
      ...{ rule: RULE, ...NOWHERE, subject: DIGEST, vulnerability: 'CVE-2026-1' },
    })
  })

  it('with a stage is about the environment of that name, so that it opens no other one', () => {
    assert.deepEqual([read({ stage: 'test' }).environment, read({ stage: 'test', environment: 'qa' }).environment], ['test', 'qa'])
    assert.equal(read({ environment: 'qa' }).stage, null)
  })

  it('is cut to what the requester may speak about', () => {
    const cart = { repositories: ['github.com/acme/cart'], environments: ['qa'], stages: ['test'] }
    assert.deepEqual(read({}, cart), { ...NOWHERE, rule: RULE, repository: 'github.com/acme/cart', environment: 'qa', stage: 'test' })
    assert.equal(read({}, { stages: ['test'] }).environment, 'test')
    const acme = { repositories: ['github.com/acme/*'] }
    assert.equal(read({}, acme).repository, 'github.com/acme/*')
    assert.equal(read({ repository: 'github.com/acme/cart' }, acme).repository, 'github.com/acme/cart')
  })

  it('is refused if it is wider, in whatever way it is written', () => {
    const cart = { repositories: ['github.com/acme/cart'], environments: ['qa'], stages: ['test'] }
    const wider = [
      'acme/cart',
      'github.com/acme/*',
      '**',
      'github.com/acme/**',
      'gitlab.com/acme/cart',
      'github.com/acme/cart-2',
      'github.com/Acme/cart',
    ]
    for (const repository of wider) refused({ repository }, 'outside_confinement', cart)
    for (const environment of ['production', 'QA']) refused({ environment }, 'outside_confinement', cart)
    refused({ stage: 'production' }, 'outside_confinement', cart)
    refused({ stage: 'test' }, 'outside_confinement', { environments: ['qa'] })
    const several = { repositories: ['github.com/acme/a', 'github.com/acme/b'] }
    refused({}, 'waiver_scope_missing', several)
    refused({ repository: 'github.com/acme/*' }, 'outside_confinement', several)
  })

  it('names a rule exactly as reports do: nothing that only looks like one', () => {
    const rules = [
      'vulnerabilities',
      '.max',
      'a.',
      'vulnerabilities.*',
      '*',
      'Vulnerabilities.max',
      'vulnerabilities.max ',
      'vulnerabilities.max\n',
    ]
    // Cyrillic, full width, a soft hyphen, a dotless i, a zero width space
    const alike = [
      'vulnerаbilities.max',
      'vulnerabilities．max',
      'vulner\u00adabilities.max',
      'vulnerabılıties.max',
      'vulnerabilities.max\u200b',
    ]
    for (const rule of [...rules, ...alike]) refused({ rule }, 'waiver_scope_invalid')
    for (const rule of ['gate.no_binding', 'gate.policy_error', 'gate.policy_timeout']) refused({ rule }, 'rule_not_waivable')
    assert.equal(read({ rule: 'my-pack.v2.no_root' }).rule, 'my-pack.v2.no_root')
  })

  it('names findings and packages in plain characters', () => {
    for (const vulnerability of ['', ' CVE-1', 'CVE-1 ', 'CVE\t1', 'CVE-1\u0000', 'CVE‐2026‐1', '\u202eCVE']) {
      refused({ vulnerability }, 'waiver_scope_invalid')
    }
    for (const purl of [
      'lodash',
      'pkg:',
      'pkg:npm',
      'pkg:npm/',
      'pkg:npm/lodash\n',
      'pkg:npm/lоdash',
      'pkg:npm/a b',
      'pkg:npm/lodash@1?vers=vers:npm/<2.0.0',
    ]) {
      refused({ purl }, 'waiver_scope_invalid')
    }
    for (const vers of ['vers:npm/*', 'vers:npm/', '*', 'vers:npm/>=2.0.0|<1.0.0', 'vers:deb/<2.0.0']) {
      refused({ purl: `pkg:npm/lodash?vers=${vers}` }, 'waiver_version_range')
    }
    refused({ purl: 'pkg:deb/debian/openssl?vers=vers:deb/<3.0.14' }, 'waiver_version_range')
  })

  it('names places and subjects as decisions do', () => {
    for (const repository of [
      'cart',
      'https://github.com/acme/cart',
      '!acme/cart',
      'acme//cart',
      'acme/ca\u0000rt',
      `${'*/'.repeat(17)}x`,
    ]) {
      refused({ repository }, 'waiver_scope_invalid')
    }
    for (const stage of ['', 'a/b', '*', 'prod uction', 'prоduction']) refused({ stage }, 'waiver_scope_invalid')
    refused({ subject: 'app:latest' }, 'subject_is_tag')
    refused({ subject: 'sha256:abc' }, 'subject_malformed')
  })

  it('lies within a confinement only if all that it could let pass does', () => {
    const acme = { repositories: ['github.com/acme/*'], environments: ['qa'], stages: ['test'] }
    const scope = { ...NOWHERE, rule: RULE, repository: 'github.com/acme/cart', environment: 'qa', stage: 'test' }
    assert.equal(isWithin(scope, acme), true)
    assert.equal(isWithin({ ...scope, repository: 'github.com/acme/*' }, acme), true)
    for (const wider of [
      { repository: null },
      { repository: 'acme/cart' },
      { repository: 'github.com/**' },
      { environment: null },
      { environment: 'production' },
      { stage: null },
      { stage: 'Test' },
    ]) {
      assert.equal(isWithin({ ...scope, ...wider }, acme), false, JSON.stringify(wider))
    }
    assert.equal(isWithin({ ...NOWHERE, rule: RULE }, {}), true)
  })
})
