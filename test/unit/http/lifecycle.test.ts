import { equal } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { Lifecycle } from '../../../src/http/lifecycle.ts'

describe('A lifecycle', () => {
  it('is idle at once when nothing is in progress', async () => {
    await new Lifecycle().idle()
  })

  it('is idle when the last request has ended', async () => {
    const lifecycle = new Lifecycle()
    lifecycle.started()
    lifecycle.started()
    let idle = false
    const waiting = lifecycle.idle().then(() => (idle = true))
    lifecycle.finished()
    await Promise.resolve()
    equal(idle, false)
    equal(lifecycle.inFlight, 1)
    lifecycle.finished()
    await waiting
    equal(idle, true)
  })

  it('drains once it is told to', () => {
    const lifecycle = new Lifecycle()
    equal(lifecycle.draining, false)
    lifecycle.drain()
    equal(lifecycle.draining, true)
  })
})
