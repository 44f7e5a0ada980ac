import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { secondPersonRule } from '../../../src/auth/second-person.ts'

describe('A second person', () => {
  it('is needed as soon as two have a token that may do everything', () => {
    const counted = (declared: number) => secondPersonRule({ loginConfigured: false, proven: 0, declared })
    assert.deepEqual(counted(1), { needed: false, proof: 'declared' })
    assert.deepEqual(counted(2), { needed: true, proof: 'declared' })
  })

  it('is one who logs in as soon as two did', () => {
    assert.deepEqual(secondPersonRule({ loginConfigured: true, proven: 2, declared: 5 }), { needed: true, proof: 'proven' })
    assert.deepEqual(secondPersonRule({ loginConfigured: true, proven: 1, declared: 5 }), { needed: true, proof: 'declared' })
    assert.deepEqual(secondPersonRule({ loginConfigured: true, proven: 1, declared: 1 }), { needed: false, proof: 'declared' })
    assert.deepEqual(secondPersonRule({ loginConfigured: false, proven: 2, declared: 1 }), { needed: false, proof: 'declared' })
  })
})
