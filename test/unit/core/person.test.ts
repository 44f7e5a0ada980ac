import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { requirePerson } from '../../../src/core/person.ts'
import { SCOPES } from '../../../src/core/principal.ts'
import { accessOf, WORKER } from '../auth/memory-tokens.ts'

const ann = accessOf(SCOPES)

describe('What only a person can do', () => {
  it('a person can, declared or proven', () => {
    assert.equal(requirePerson(ann, 'approve'), 'declared')
    assert.equal(requirePerson({ ...ann, person: 'proven' }, 'approve'), 'proven')
  })

  it('no workload can, whatever scopes it has, nor a credential that was a workload’s', () => {
    assert.throws(() => requirePerson({ ...ann, principal: WORKER, person: null }, 'approve a change'), {
      code: 'person_required',
      message: /Only a person can approve a change/,
    })
    assert.throws(() => requirePerson({ ...ann, principal: WORKER }, 'approve'), { code: 'person_required' })
    assert.throws(() => requirePerson({ ...ann, person: null }, 'approve'), { code: 'person_required' })
  })
})
