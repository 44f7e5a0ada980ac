import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { requireRightsWithin, requireUnconfined, scopesOf } from '../../../src/auth/authorize.ts'
import { SCOPES } from '../../../src/core/principal.ts'
import { accessOf } from './memory-tokens.ts'

const nothing = { roles: [], scopes: [], confinement: {} } as const

describe('rights', () => {
  it('are the scopes of all roles and the single ones', () => {
    assert.deepEqual([...scopesOf({ roles: ['admission'], scopes: ['metrics:read', 'admission:review'] })].sort(), [
      'admission:review',
      'inventory:report',
      'metrics:read',
    ])
    assert.equal(scopesOf({ roles: ['admin'], scopes: [] }).size, SCOPES.length)
  })

  it('are handed on only by who has them', () => {
    const access = accessOf(['tokens:manage', 'evidence:read'])
    requireRightsWithin(access, { ...nothing, scopes: ['evidence:read'] })
    assert.throws(() => requireRightsWithin(access, { ...nothing, scopes: ['evidence:read', 'audit:read'] }), { code: 'scope_missing' })
    assert.throws(() => requireRightsWithin(access, { ...nothing, roles: ['admin'] }), { code: 'scope_missing' })
  })

  it('are handed on only for the places that the giver has', () => {
    const access = accessOf(SCOPES, { repositories: ['acme/*'], stages: ['build', 'test'], environments: ['qa'] })
    const within = { repositories: ['acme/cart'], stages: ['test'], environments: ['qa'] }
    requireRightsWithin(access, { ...nothing, confinement: within })
    const beyond = [
      {},
      { ...within, repositories: ['acme/**'] },
      { ...within, repositories: ['acme/cart', 'other/cart'] },
      { ...within, stages: ['production'] },
      { ...within, environments: ['QA'] },
      { repositories: within.repositories, stages: within.stages },
    ]
    for (const confinement of beyond) {
      assert.throws(
        () => requireRightsWithin(access, { ...nothing, confinement }),
        { code: 'outside_confinement' },
        JSON.stringify(confinement),
      )
    }
  })

  it('over everything are only those of a token without confinement', () => {
    requireUnconfined(accessOf([]))
    for (const list of ['repositories', 'environments', 'stages']) {
      assert.throws(() => requireUnconfined(accessOf([], { [list]: ['x'] })), { code: 'outside_confinement' })
    }
  })
})
