import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { differingParts } from '../../../src/core/change-kind.ts'

describe('What a change makes different', () => {
  it('is shown alone, on both sides', () => {
    assert.deepEqual(differingParts({ a: 1, b: [1, 2], c: 'x' }, { a: 1, b: [1], d: true }), {
      before: { b: [1, 2], c: 'x', d: null },
      after: { b: [1], c: null, d: true },
    })
  })

  it('is everything where there is none yet, or will be none', () => {
    assert.deepEqual(differingParts(undefined, { a: 1 }), { before: null, after: { a: 1 } })
    assert.deepEqual(differingParts({ a: 1 }, undefined), { before: { a: 1 }, after: null })
  })
})
