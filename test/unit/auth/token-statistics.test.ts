import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { TokenStatistics } from '../../../src/auth/token-statistics.ts'
import { MemoryTokens, TestClock } from './memory-tokens.ts'

describe('the counts of tokens', () => {
  it('are asked for once a minute, however often they are read, and named by their times', async () => {
    const store = new MemoryTokens()
    const clock = new TestClock()
    const asked: unknown[] = []
    const tally = store.tally.bind(store)
    store.tally = async (...bounds: unknown[]) => {
      asked.push(bounds)
      return tally()
    }
    const statistics = new TokenStatistics(store, clock)
    const [counts] = await Promise.all([statistics.read(), statistics.read()])
    clock.advance(59_999)
    await statistics.read()
    assert.deepEqual(counts, { active: 0, expiring: { '1d': 1, '7d': 2, '30d': 3 }, unused: { '30d': 4, '90d': 5 } })
    assert.deepEqual(asked, [
      [
        '2026-05-01T12:00:00.000Z',
        ['2026-05-02T12:00:00.000Z', '2026-05-08T12:00:00.000Z', '2026-05-31T12:00:00.000Z'],
        ['2026-04-01T12:00:00.000Z', '2026-01-31T12:00:00.000Z'],
      ],
    ])
    clock.advance(1)
    await statistics.read()
    assert.equal(asked.length, 2)
  })

  it('are asked for again after a failure', async () => {
    const store = new MemoryTokens()
    const statistics = new TokenStatistics(store, new TestClock())
    store.failure = new Error('no connection')
    await assert.rejects(statistics.read(), /no connection/)
    store.failure = undefined
    assert.equal((await statistics.read()).active, 0)
  })
})
