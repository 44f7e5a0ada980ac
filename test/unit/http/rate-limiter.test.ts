import { equal, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { BURST_MS, RateLimiter } from '../../../src/http/rate-limiter.ts'

const START = Date.parse('2026-11-18T10:00:00Z')

/** How many of so many requests at one moment pass. */
function passing(limiter: RateLimiter, client: string, now: number, requests: number): number {
  let passed = 0
  for (let i = 0; i < requests; i++) if (limiter.take(client, now) === 0) passed += 1
  return passed
}

describe('A rate limiter', () => {
  it('lets two seconds’ worth through at once, then the rate', () => {
    for (const rate of [1, 3, 10, 5000]) {
      const limiter = new RateLimiter(rate)
      equal(passing(limiter, 'a', START, 3 * rate), 2 * rate, `burst at ${rate}/s`)
      equal(passing(limiter, 'a', START + 1000, 3 * rate), rate, `a second later at ${rate}/s`)
      equal(passing(limiter, 'a', START + 60_000, 3 * rate), 2 * rate, `after a minute at ${rate}/s`)
    }
  })

  it('holds the rate however the requests are spread', () => {
    const limiter = new RateLimiter(100)
    let passed = 0
    for (let ms = 0; ms < 10_000; ms++) if (limiter.take('a', START + ms) === 0) passed += 1
    ok(Math.abs(passed - (200 + 10 * 100)) <= 2, String(passed))
  })

  it('tells how long to wait, and keeps its word', () => {
    const limiter = new RateLimiter(2)
    passing(limiter, 'a', START, 4)
    const wait = limiter.take('a', START)
    equal(wait, 500)
    ok(limiter.take('a', START + 499) > 0)
    equal(limiter.take('a', START + 500), 0)
  })

  it('keeps clients apart', () => {
    const limiter = new RateLimiter(1)
    equal(passing(limiter, 'a', START, 10), 2)
    equal(passing(limiter, 'b', START, 10), 2)
  })

  it('gives nothing more when the clock is set back, and keeps nobody waiting for longer than a bucket takes to fill', () => {
    const limiter = new RateLimiter(10)
    equal(passing(limiter, 'a', START, 100), 20)
    const back = START - 3_600_000
    ok(limiter.take('a', back) <= BURST_MS)
    equal(passing(limiter, 'a', back, 100), 0)
    equal(passing(limiter, 'a', back + BURST_MS, 100), 20)
    equal(passing(limiter, 'b', back, 100), 20)
  })

  it('forgets who was quiet for long enough, so that memory does not grow with time', () => {
    const limiter = new RateLimiter(1000)
    for (let i = 0; i < 500_000; i++) limiter.take(`client ${i}`, START + i)
    ok(limiter.size < 5000, String(limiter.size))
  })

  it('forgets nobody who is over the limit for a flood of others, and remembers a bounded number of them', () => {
    const limiter = new RateLimiter(10)
    equal(passing(limiter, 'greedy', START, 100), 20)
    for (let i = 0; i < 500_000; i++) limiter.take(`flood ${i}`, START)
    equal(limiter.take('greedy', START) > 0, true)
    ok(limiter.size <= 50_000, String(limiter.size))
  })

  it('keeps the places of those who were here before a flood', () => {
    const limiter = new RateLimiter(10)
    equal(passing(limiter, 'early', START, 1), 1)
    for (let round = 0; round < 10; round++) {
      const now = START + round * 1.5 * BURST_MS
      for (let i = 0; i < 100_000; i++) limiter.take(`flood ${round} ${i}`, now)
      equal(passing(limiter, 'late', now, 1), 0, `late in round ${round}`)
      equal(passing(limiter, 'early', now, 1), 1, `early in round ${round}`)
    }
  })
})
