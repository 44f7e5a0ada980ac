import { deepEqual, equal } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { cachedReadiness } from '../../../src/http/readiness.ts'

describe('Readiness', () => {
  it('is checked at most once a second, however often it is asked', async () => {
    const clock = { at: 0, now: () => clock.at }
    let checks = 0
    const ready = cachedReadiness(() => Promise.resolve({ ok: true, checks: { n: String(++checks) } }), clock)
    for (let i = 0; i < 100; i++) await ready()
    equal(checks, 1)
    clock.at = 1000
    deepEqual(await ready(), { ok: true, checks: { n: '2' } })
  })

  it('is checked once for all who ask while the check runs, even if it takes long', async () => {
    const clock = { at: 0, now: () => clock.at }
    const { promise, resolve } = Promise.withResolvers<{ ok: boolean; checks: Record<string, string> }>()
    let checks = 0
    const ready = cachedReadiness(() => {
      checks++
      return promise
    }, clock)
    const first = ready()
    clock.at = 5000
    const second = ready()
    resolve({ ok: true, checks: {} })
    deepEqual(await Promise.all([first, second]), [
      { ok: true, checks: {} },
      { ok: true, checks: {} },
    ])
    equal(checks, 1)
  })

  it('is no while a check fails, says nothing of why, and is asked again', async () => {
    const clock = { at: 0, now: () => clock.at }
    let failing = true
    const ready = cachedReadiness(async () => {
      if (failing) throw new Error('disk /secret/path is full')
      return { ok: true, checks: {} }
    }, clock)
    deepEqual(await ready(), { ok: false, checks: { service: 'failed' } })
    failing = false
    clock.at = 1001
    deepEqual(await ready(), { ok: true, checks: {} })
  })
})
