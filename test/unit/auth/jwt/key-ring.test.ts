import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as after } from 'node:timers/promises'

import { KeyRing, type KeyAges } from '../../../../src/auth/jwt/key-ring.ts'
import type { KeySet } from '../../../../src/auth/jwt/key-set.ts'
import { isAppError } from '../../../../src/core/app-error.ts'
import { TestClock } from '../memory-tokens.ts'

const AGES: KeyAges = { refreshMs: 1000, staleMs: 2000, keepMs: 10_000, floorMs: 60 }

/** The number of the fetch that brought a set stands in it. */
const numberOf = (set: KeySet): number => set.unusable.length

describe('A key ring', () => {
  let clock = new TestClock()
  let fetches = 0
  let failures: unknown[] = []
  /** What the next fetches wait for, or fail with. */
  let gate: Promise<void> | undefined
  let outage: Error | undefined
  // Waiting for an issuer must not keep a process alive; here something else does.
  let alive: NodeJS.Timeout | undefined

  const make = (ages: KeyAges | undefined = AGES): KeyRing =>
    new KeyRing({
      issuer: 'ci',
      ages,
      clock,
      onFailure: (error) => failures.push(error),
      load: async () => {
        const number = ++fetches
        await gate
        if (outage) throw outage
        return { keys: [], unusable: Array.from({ length: number }, () => ({ reason: '' })) }
      },
    })
  /** Looks for what is there from a fetch on. */
  const from = (least: number) => (set: KeySet) => (numberOf(set) >= least ? numberOf(set) : undefined)
  const any = from(1)
  /** Goes through the keys until something is found. */
  const search = async <Found>(ring: KeyRing, find: (set: KeySet) => Found | undefined): Promise<Found | undefined> => {
    const steps = ring.search()
    for (let set: KeySet | undefined = await steps.first(); set; set = await steps.next()) {
      const found = find(set)
      if (found !== undefined) return found
    }
    return undefined
  }
  const unreachable = (error: unknown): boolean => isAppError(error) && error.code === 'issuer_unreachable' && error.retryAfterSeconds === 1

  beforeEach(() => {
    clock = new TestClock()
    fetches = 0
    failures = []
    gate = undefined
    outage = undefined
    alive = setInterval(() => undefined, 1000)
  })
  afterEach(() => clearInterval(alive))

  it('fetches once for however many ask first', async () => {
    const ring = make()
    assert.deepEqual(
      await Promise.all(Array.from({ length: 100 }, () => search(ring, any))),
      Array.from({ length: 100 }, () => 1),
    )
    assert.equal(fetches, 1)
  })

  it('fetches anew for a key that is not there, after the rest, and once for all who wait', async () => {
    const ring = make()
    await search(ring, any)
    const started = performance.now()
    const found = await Promise.all(Array.from({ length: 50 }, () => search(ring, from(2))))
    assert.ok(found.every((number) => number === 2))
    assert.ok(performance.now() - started >= AGES.floorMs - 10)
    assert.equal(fetches, 2)
  })

  it('fetches at once for a key that is not there if it rested', async () => {
    const ring = make()
    await search(ring, any)
    await after(AGES.floorMs * 1.5)
    assert.equal(await search(ring, from(2)), 2)
  })

  it('does not take a fetch for new that began before the question', async () => {
    const ring = make()
    await search(ring, any)
    await after(AGES.floorMs * 1.5)
    const { promise, resolve } = Promise.withResolvers<void>()
    gate = promise
    const first = search(ring, from(2))
    await new Promise((done) => setImmediate(done))
    const second = search(ring, from(3))
    resolve()
    assert.equal(await first, 2)
    assert.equal(await second, 3)
  })

  it('says that a key is not there once the newest keys don’t have it', async () => {
    const ring = make()
    assert.equal(await search(ring, from(99)), undefined)
    assert.equal(fetches, 1)
    assert.equal(await search(ring, from(99)), undefined)
    assert.equal(fetches, 2)
  })

  it('fetches no more for a flood of unknown keys than for one, and nobody whose key is known waits', async () => {
    const ring = make()
    await search(ring, any)
    const flood = Array.from({ length: 1000 }, () => search(ring, from(99)).catch((error: unknown) => error))
    for (let at = 0; at < 100; at++) {
      const good = search(ring, any)
      assert.equal(await Promise.race([good, after(20, 'waits')]), 1)
    }
    const outcomes = await Promise.all(flood)
    assert.equal(outcomes.filter((outcome) => outcome === undefined).length, 256)
    assert.equal(outcomes.filter(unreachable).length, 1000 - 256)
    assert.equal(fetches, 2)
  })

  it('keeps its keys while the issuer does not answer, for a day and no longer', async () => {
    const ring = make()
    await search(ring, any)
    outage = new Error('connect ECONNREFUSED')
    clock.advance(AGES.staleMs + 1)
    await after(AGES.floorMs * 1.5)
    assert.equal(await search(ring, any), 1)
    assert.deepEqual(failures, [outage])
    clock.advance(AGES.keepMs - AGES.staleMs - 1)
    assert.equal(await search(ring, any), 1)
    await assert.rejects(search(ring, from(2)), unreachable)
    clock.advance(1)
    await assert.rejects(search(ring, any), unreachable)
    outage = undefined
    await after(AGES.floorMs * 1.5)
    assert.ok(await search(ring, any))
  })

  it('says at once that the issuer can’t be reached if that was so a moment ago', async () => {
    const ring = make()
    outage = new Error('timeout')
    await assert.rejects(search(ring, any), unreachable)
    for (let at = 0; at < 10; at++) await assert.rejects(search(ring, any), unreachable)
    assert.equal(fetches, 1)
    outage = undefined
    await after(AGES.floorMs * 1.5)
    assert.equal(await search(ring, any), 2)
  })

  it('refreshes in the background', async () => {
    const ring = make()
    await search(ring, any)
    await after(AGES.floorMs * 1.5)
    clock.advance(AGES.refreshMs + 1)
    assert.equal(await search(ring, any), 1)
    assert.equal(await search(ring, any), 2)
    assert.equal(fetches, 2)
  })

  it('waits for fresh keys after a quiet night, but not for an issuer that just failed', async () => {
    const ring = make()
    await search(ring, any)
    await after(AGES.floorMs * 1.5)
    clock.advance(AGES.staleMs + 1)
    assert.equal(await search(ring, any), 2)
    outage = new Error('timeout')
    clock.advance(AGES.staleMs + 1)
    await after(AGES.floorMs * 1.5)
    assert.equal(await search(ring, any), 2)
    await after(AGES.floorMs * 1.5)
    gate = new Promise(() => undefined)
    assert.equal(await Promise.race([search(ring, any), after(20, 'waits')]), 2)
  })

  it('reads keys that never change only once', async () => {
    const ring = new KeyRing({
      issuer: 'ci',
      ages: undefined,
      clock,
      onFailure: () => undefined,
      load: async () => ({ keys: [], unusable: [{ reason: String(++fetches) }] }),
    })
    await search(ring, any)
    clock.advance(AGES.keepMs * 1000)
    assert.equal(await search(ring, from(2)), undefined)
    assert.equal(fetches, 1)
  })
})
