import { equal, match, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { BodyPace, paceInterval } from '../../../src/http/body-pace.ts'

const LIMITS = { deadlineMs: 300_000, stallMs: 15_000, windowMs: 30_000, minBytesPerSecond: 1000 }
const SECOND = 1000
const BEGIN = 123_456

/** Lets a body arrive, so many bytes in each second. @returns the second in which it is given up, and why */
function given(bytesIn: (second: number) => number, seconds: number, limits = LIMITS): { second: number; reason: string } | undefined {
  const pace = new BodyPace(limits, BEGIN)
  for (let second = 1; second <= seconds; second++) {
    const now = BEGIN + second * SECOND
    const bytes = bytesIn(second)
    if (bytes > 0) pace.arrived(bytes, now)
    const reason = pace.tooSlow(now)
    if (reason !== undefined) return { second, reason }
  }
  return undefined
}

describe('The pace of a body', () => {
  it('is fast enough at the least rate, until the deadline', () => {
    const end = given(() => 1000, 400)
    equal(end?.second, 300)
    match(end?.reason ?? '', /did not arrive within 300 seconds/)
  })

  it('is too slow once nothing arrived for as long as a stall may last', () => {
    const end = given((second) => (second <= 5 ? 1_000_000 : 0), 60)
    equal(end?.second, 20)
    match(end?.reason ?? '', /Nothing of the body arrived for 15 seconds/)
    equal(given(() => 0, 60)?.second, 15)
  })

  it('is judged by its rate only when the window is full', () => {
    const end = given(() => 999, 60)
    equal(end?.second, 30)
    match(end?.reason ?? '', /Less than 1000 bytes/)
  })

  it('is judged by what arrived lately: a quick beginning buys no slow end', () => {
    const end = given((second) => (second <= 10 ? 1_000_000 : 1), 300)
    equal(end?.second, 40)
  })

  it('may pause for less than a stall, if it makes up for it', () => {
    equal(given((second) => (second % 15 === 0 ? 15_000 : 0), 299)?.second, undefined)
  })

  it('is taken over the time that really passed when it was looked at late', () => {
    const pace = new BodyPace(LIMITS, BEGIN)
    equal(pace.tooSlow(BEGIN + SECOND), undefined)
    pace.arrived(50_000, BEGIN + 45 * SECOND)
    equal(pace.tooSlow(BEGIN + 45 * SECOND), undefined, '50,000 bytes in 44 s')
    const slower = new BodyPace(LIMITS, BEGIN)
    slower.arrived(40_000, BEGIN + 45 * SECOND)
    ok(slower.tooSlow(BEGIN + 45 * SECOND))
  })

  it('is looked at often enough that no limit is passed by a tenth', () => {
    for (const limits of [LIMITS, { ...LIMITS, stallMs: 100 }, { ...LIMITS, deadlineMs: 50 }]) {
      ok(paceInterval(limits) <= Math.min(limits.deadlineMs, limits.stallMs, limits.windowMs) / 10)
    }
  })
})
