import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { areIndependent, ownersOf, ROLES, type Scope } from '../../../src/core/principal.ts'
import { ANN, WORKER } from '../auth/memory-tokens.ts'

const bea = { ...ANN, id: '0196a000-0000-7000-8000-0000000000bb', name: 'bea' }
const admin = '0196a000-0000-7000-8000-0000000000aa'

describe('who stands behind a credential', () => {
  it('is its principal, and everybody through whose hands it went, each once', () => {
    assert.deepEqual(ownersOf({ principal: WORKER, issuerIds: [ANN.id, 'system', WORKER.id] }), [WORKER.id, ANN.id, 'system'])
  })

  it('is the same person for two credentials of one principal', () => {
    assert.equal(areIndependent({ principal: ANN, issuerIds: [] }, { principal: ANN, issuerIds: [admin] }), false)
  })

  it('is the same person where one issued the credential of the other, at whatever distance', () => {
    const handedOut = { principal: bea, issuerIds: [WORKER.id, ANN.id] }
    assert.equal(areIndependent({ principal: ANN, issuerIds: [] }, handedOut), false)
    assert.equal(areIndependent(handedOut, { principal: ANN, issuerIds: [] }), false)
  })

  it('is one person where somebody handed out both, at whatever distance', () => {
    const carl = { ...ANN, id: '0196a000-0000-7000-8000-0000000000cc', name: 'carl' }
    const puppets = [
      { principal: bea, issuerIds: [ANN.id, admin, 'system'] },
      { principal: carl, issuerIds: [ANN.id, admin, 'system'] },
      { principal: carl, issuerIds: [WORKER.id, ANN.id, admin, 'system'] },
      { principal: carl, issuerIds: [admin, 'system', ANN.id] },
    ] as const
    for (const one of puppets.slice(0, 1)) for (const other of puppets.slice(1)) assert.equal(areIndependent(one, other), false)
    for (const one of puppets.slice(0, 1)) for (const other of puppets.slice(1)) assert.equal(areIndependent(other, one), false)
  })

  it('is two people where whoever set the service up handed out both, or nobody did', () => {
    assert.equal(areIndependent({ principal: ANN, issuerIds: [admin, 'system'] }, { principal: bea, issuerIds: [admin, 'system'] }), true)
    assert.equal(areIndependent({ principal: ANN, issuerIds: [] }, { principal: bea, issuerIds: [] }), true)
  })
})

describe('A role', () => {
  it('that reads decisions may read who owns what they are about', () => {
    for (const [role, scopes] of Object.entries(ROLES)) {
      const given: readonly Scope[] = scopes
      assert.equal(!given.includes('decisions:read') || given.includes('policies:read'), true, role)
    }
  })
})
