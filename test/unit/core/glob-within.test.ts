import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import { repositoryGlobWithin } from '../../../src/core/glob-within.ts'
import { matchesRepository } from '../../../src/core/repository.ts'
import { timed } from '../../support/cpu-time.ts'

describe('a repository glob within another', () => {
  it('is one that plainly names no more', () => {
    const within = [
      ['acme/cart', 'acme/cart'],
      ['acme/cart', 'acme/*'],
      ['acme/*', 'acme/*'],
      ['acme/c*t', 'acme/c*'],
      ['acme/*', 'acme/**'],
      ['acme/**', 'acme/**'],
      ['acme/**', '**'],
      ['github.com/acme/cart', 'acme/*'],
      ['github.com/acme/*', 'github.com/**'],
      ['*/cart', '*/c*'],
    ] as const
    for (const [inner, outer] of within) assert.ok(repositoryGlobWithin(inner, outer), `${inner} in ${outer}`)
  })

  it('is not one that can name more', () => {
    const beyond = [
      ['acme/cart', 'acme/shop'],
      ['acme/**', 'acme/*'],
      ['acme/**', 'acme/*/*'],
      ['acme/*', 'acme/cart'],
      ['**', '*'],
      ['acme/cart', 'github.com/acme/cart'],
      ['acme/cart', 'github.com/**'],
      ['acme/*', 'github.com/acme/*'],
      ['*/cart', 'acme/*'],
      ['acme/c*', 'acme/c*t'],
      ['Acme/cart', 'acme/*'],
    ] as const
    for (const [inner, outer] of beyond) assert.ok(!repositoryGlobWithin(inner, outer), `${inner} in ${outer}`)
  })

  it('matches no name that the other one does not', () => {
    const glob = fc
      .array(fc.constantFrom('a', 'b', '/', '*', '**', 'a.b', ':'), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join(''))
    const name = fc.array(fc.constantFrom('a', 'b', '/', 'a.b', '.', ':'), { maxLength: 7 }).map((parts) => parts.join(''))
    let met = 0
    fc.assert(
      fc.property(glob, glob, fc.array(name, { minLength: 20, maxLength: 20 }), (inner, outer, names) => {
        if (!repositoryGlobWithin(inner, outer)) return
        for (const each of names) {
          if (!matchesRepository(inner, each)) continue
          met++
          assert.ok(matchesRepository(outer, each), `${each} matches ${inner} but not ${outer}`)
        }
      }),
      { numRuns: 20_000 },
    )
    assert.ok(met > 100, `only ${met} names were compared`)
  })

  it('is told in bounded time however many wildcards both have', () => {
    const [inner, outer] = [`acme/${'*a'.repeat(120)}`, `acme/${'*a*'.repeat(80)}b*`]
    const { result, cpuMs } = timed(() => [repositoryGlobWithin(inner, outer), repositoryGlobWithin(inner, inner)])
    assert.deepEqual(result, [false, true])
    assert.ok(cpuMs < 5000, `it took ${cpuMs} ms`)
  })
})
