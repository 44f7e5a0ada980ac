import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { personAfter, personOf } from '../../../src/auth/person-of.ts'
import { SCOPES, type Access } from '../../../src/core/principal.ts'
import { accessOf, ANN, WORKER } from './memory-tokens.ts'

const BEN = { ...ANN, id: 'ben', name: 'ben' }
const declared = accessOf(SCOPES)
const proven: Access = { ...declared, person: 'proven' }
const workload: Access = { ...declared, principal: WORKER, person: null }

describe('A token', () => {
  it('proves its owner only if that one proved to be a person and made it', () => {
    assert.equal(personOf(proven, ANN), 'proven')
    assert.equal(personOf(proven, BEN), 'declared')
    assert.equal(personOf(declared, ANN), 'declared')
    assert.equal(personOf(proven, WORKER), null)
  })

  it('tells of no person if a workload issued it, or somebody with such a token', () => {
    assert.equal(personOf(workload, ANN), null)
    assert.equal(personOf({ ...declared, person: null }, BEN), null)
  })

  it('tells no more after it was replaced, and no more than who replaced it', () => {
    const after = (person: 'proven' | 'declared' | null, access: Access) => personAfter({ person, principalId: ANN.id }, access)
    assert.equal(after('proven', proven), 'proven')
    assert.equal(after('proven', declared), 'declared')
    assert.equal(after('proven', { ...proven, principal: BEN }), 'declared')
    assert.equal(after('declared', proven), 'declared')
    assert.equal(after('declared', workload), null)
    assert.equal(after('proven', workload), null)
    assert.equal(after(null, proven), null)
  })
})
