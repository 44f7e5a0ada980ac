import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import { globCovers, globsMayMeet, matchesGlob, shapeOf } from '../../../src/core/glob.ts'
import { timed } from '../../support/cpu-time.ts'

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
          assert.ok(globsMayMeet(shapeOf(left), shapeOf(right)), `${left} ${right} ${candidate}`)
      }),
      { numRuns: 5000 },
    )
  })

  it('match exactly what their definition says', () => {
    const glob = fc.array(fc.constantFrom('a', 'b', '/', '*', '**', '***'), { maxLength: 6 }).map((parts) => parts.join(''))
    const name = fc.array(fc.constantFrom('a', 'b', '/', '*'), { maxLength: 7 }).map((parts) => parts.join(''))
    let matched = 0
    fc.assert(
      fc.property(glob, name, (pattern, candidate) => {
        if (matchesGlob(pattern, candidate)) matched++
        assert.equal(matchesGlob(pattern, candidate), matchesByDefinition(pattern, candidate))
      }),
      { numRuns: 20_000 },
    )
    assert.ok(matched > 500, `only ${matched} pairs matched`)
  })

  // Trying one way after the other, as a regular expression does, would take longer than the universe exists.
  it('with any number of wildcards are matched in bounded time', () => {
    for (const wildcard of ['*', '**']) {
      for (const literal of ['a', 'aa', 'a*b*a', 'a/a']) {
        const hostile = `${`${wildcard}${literal}`.repeat(100)}${wildcard}c${wildcard}`
        const { result, cpuMs } = timed(() => [
          matchesGlob(hostile, 'a'.repeat(500)),
          matchesGlob(hostile, 'a/'.repeat(500)),
          globCovers(hostile, `${wildcard}a`.repeat(250)),
          globsMayMeet(shapeOf(hostile), shapeOf('a/'.repeat(250))),
        ])
        assert.deepEqual(result, [false, false, false, false])
        assert.ok(cpuMs < 2000, `${literal} took ${cpuMs} ms`)
      }
    }
  })
})

/** `*`: any run without a slash; two or more: any run. */
function matchesByDefinition(glob: string, name: string): boolean {
  const [wildcard] = /^\*+/.exec(glob) ?? []
  if (wildcard === undefined) return glob === '' ? name === '' : glob[0] === name[0] && matchesByDefinition(glob.slice(1), name.slice(1))
  const rest = glob.slice(wildcard.length)
  for (let length = 0; length <= name.length; length++) {
    if (wildcard === '*' && name.slice(0, length).includes('/')) return false
    if (matchesByDefinition(rest, name.slice(length))) return true
  }
  return false
}
