import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as after } from 'node:timers/promises'

import { WaitingRoom } from '../../../../src/decisions/waiting/waiting-room.ts'

const NEVER = new AbortController().signal

/** A room over a counter; what is awaited is that it gets past `until`. */
function roomOver(more: Partial<ConstructorParameters<typeof WaitingRoom>[0]> = {}) {
  const state = { count: 0, looks: 0, asked: 0 }
  const room = new WaitingRoom({
    revision: async () => {
      state.looks++
      return String(state.count)
    },
    everyMs: 5,
    ...more,
  })
  const wait = (until: number, ms = 2000, signal = NEVER, who = 'ci'): Promise<boolean> =>
    room.wait(who, { ms, signal }, async () => {
      state.asked++
      return state.count < until
    })
  return { room, state, wait }
}

describe('Waiting for a change', () => {
  it('ends at once where nothing is awaited, and lets nobody look afterwards', async () => {
    const { room, state, wait } = roomOver()
    equal(await wait(0), true)
    const { looks } = state
    await after(30)
    deepEqual([state.looks, room.size], [looks, 0])
  })

  it('asks again after each change, and never without one', async () => {
    const { state, wait } = roomOver()
    const waiting = wait(2)
    await after(40)
    equal(state.asked, 1)
    state.count = 1
    await after(40)
    equal(state.asked, 2)
    state.count = 2
    equal(await waiting, true)
    equal(state.asked, 3)
  })

  it('misses no change that happens while it is asked', async () => {
    const { room, state } = roomOver()
    let asked = 0
    const waiting = room.wait('ci', { ms: 2000, signal: NEVER }, async () => {
      if (++asked > 1) return false
      state.count++
      await after(20)
      return true
    })
    equal(await waiting, true)
    equal(asked, 2)
  })

  it('ends when the time is up, and when whoever waits goes away', async () => {
    const { room, wait } = roomOver()
    equal(await wait(9, 30), true)
    const gone = new AbortController()
    const waiting = wait(9, 60_000, gone.signal)
    await after(10)
    gone.abort()
    equal(await waiting, true)
    equal(await wait(9, 60_000, AbortSignal.abort()), true)
    equal(room.size, 0)
  })

  it('ends for everybody once changes can no longer be told', async () => {
    let fails = false
    const { room, wait } = roomOver({ revision: async () => (fails ? Promise.reject(new Error('gone')) : '1') })
    const waiting = [wait(9, 60_000), wait(9, 60_000)]
    await after(10)
    fails = true
    deepEqual(await Promise.all(waiting), [true, true])
    equal(room.size, 0)
  })

  it('shares one look between all who wait', async () => {
    const { state, wait } = roomOver({ everyMs: 10 })
    const waiting = Array.from({ length: 20 }, () => wait(1, 60_000))
    await after(100)
    ok(state.looks <= 20 + 12, String(state.looks))
    state.count = 1
    await Promise.all(waiting)
  })

  it('has room for so many, and so many of one', async () => {
    const { room, state, wait } = roomOver({ mostWaiting: 3, mostOfOne: 2 })
    const waiting = [wait(1), wait(1)]
    equal(await wait(1), false)
    waiting.push(wait(1, 2000, NEVER, 'other'))
    equal(await wait(1, 2000, NEVER, 'third'), false)
    equal(room.size, 3)
    state.count = 1
    await Promise.all(waiting)
    equal(await wait(1), true)
  })
})
