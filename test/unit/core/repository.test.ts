import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import { globsMayMeet, matchesGlob } from '../../../src/core/glob.ts'
import { matchesRepository, onlyRepository, repositoriesMayMeet } from '../../../src/core/repository.ts'

describe('globs', () => {
  it('are anchored, and a single star stays within a segment', () => {
    assert.ok(matchesGlob('acme/*', 'acme/app'))
    assert.ok(!matchesGlob('acme/*', 'acme/app/sub'))
    assert.ok(matchesGlob('acme/**', 'acme/app/sub'))
    assert.ok(!matchesGlob('acme/app', 'xacme/app'))
    assert.ok(!matchesGlob('acme/app', 'acme/apps'))
    assert.ok(!matchesGlob('a.me/app', 'acme/app'))
  })

  it('are said to meet whenever some name matches both', () => {
    const segment = fc.constantFrom('a', 'b', '*', '**', 'ab', '/', 'a/b')
    const glob = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))
    const name = fc.array(fc.constantFrom('a', 'b', '/'), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(glob, glob, name, (left, right, candidate) => {
        if (matchesGlob(left, candidate) && matchesGlob(right, candidate))
          assert.ok(globsMayMeet(left, right), `${left} ${right} ${candidate}`)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('repository names', () => {
  it('match a glob without a host on any host, and a host-qualified one on that host only', () => {
    assert.ok(matchesRepository('acme/*', 'git.example.com/acme/app'))
    assert.ok(matchesRepository('git.example.com/acme/*', 'git.example.com/acme/app'))
    assert.ok(!matchesRepository('git.example.com/acme/*', 'git.example.org/acme/app'))
    assert.ok(!matchesRepository('git.example.com/acme/*', 'acme/app'))
  })

  it('are known only where one exact name is given', () => {
    assert.equal(onlyRepository(['acme/app']), 'acme/app')
    assert.equal(onlyRepository(['acme/*']), undefined)
    assert.equal(onlyRepository(['acme/app', 'acme/lib']), undefined)
    assert.equal(onlyRepository(undefined), undefined)
  })

  it('may meet across qualified and unqualified globs', () => {
    assert.ok(repositoriesMayMeet(['git.example.com/acme/*'], ['acme/app']))
    assert.ok(!repositoriesMayMeet(['git.example.com/acme/*'], ['other/app']))
  })
})
