import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import { RepositoryIndex } from '../../../src/core/repository-index.ts'
import { matchesAnyRepository } from '../../../src/core/repository.ts'

/** Names and globs of few parts, so that they often meet. */
const part = fc.constantFrom('a', 'B', 'b', 'x.y', 'X.y', '*', '**', 'a*')
const text = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))

describe('An index of repositories', () => {
  it('finds exactly what one of its globs matches, letter case aside', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), text, (globs, name) => {
        const index = new RepositoryIndex(globs.map((glob) => [glob, glob] as const))
        const found = index.find(name)
        const lower = (glob: string): string => glob.toLowerCase()
        assert.equal(found !== undefined, matchesAnyRepository(globs.map(lower), lower(name)), `${globs.join(' ')} ${name}`)
        if (found !== undefined) assert.ok(matchesAnyRepository([lower(found)], lower(name)))
      }),
      { numRuns: 3000 },
    )
  })
})
