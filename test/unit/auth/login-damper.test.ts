import { equal, ok, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { LoginDamper } from '../../../src/auth/login-damper.ts'
import { isAppError } from '../../../src/core/app-error.ts'

const START = Date.parse('2026-05-01T12:00:00.000Z')
const ADDRESS = '192.0.2.1'

/** Seconds that a login is told to wait; 0 if it may be tried. */
function waitOf(damper: LoginDamper, credential: string, now: number, address = ADDRESS): number {
  try {
    damper.admit({ address, credential }, now)
    return 0
  } catch (error) {
    ok(isAppError(error) && error.code === 'too_many_failed_logins')
    return error.retryAfterSeconds ?? Number.NaN
  }
}

/** A guess that fails if it is tried at all. */
function guess(damper: LoginDamper, credential: string, now: number, address = ADDRESS): boolean {
  if (waitOf(damper, credential, now, address) > 0) return false
  damper.failed({ address, credential }, now)
  return true
}

/** How many of so many different guesses are tried. */
function tried(damper: LoginDamper, guesses: number, now: number, name = 'guess'): number {
  let count = 0
  for (let i = 0; i < guesses; i++) if (guess(damper, `${name} ${now} ${i}`, now)) count += 1
  return count
}

describe('The damper of failed logins', () => {
  it('minds no twenty failures in a minute, and no failure every three seconds', () => {
    equal(tried(new LoginDamper(), 20, START), 20)
    const damper = new LoginDamper()
    for (let i = 0; i < 1000; i++) ok(guess(damper, `slow ${i}`, START + i * 3001))
  })

  it('makes most further ones wait, longer and longer, up to about a minute', () => {
    const damper = new LoginDamper()
    tried(damper, 20, START)
    const longest = (count: number): number => Math.max(...Array.from({ length: count }, (_, i) => waitOf(damper, `probe ${i}`, START)))
    const first = longest(500)
    ok(first > 4 && first <= 8, String(first))
    ok(tried(damper, 3000, START) < 300)
    const last = longest(500)
    ok(last > 50 && last <= 64, String(last))
  })

  it('forgets in a few minutes', () => {
    const damper = new LoginDamper()
    tried(damper, 3000, START)
    equal(tried(damper, 20, START + 180_000), 20)
  })

  it('keeps its word: whoever comes when told to is let in, if the attack goes on as before', () => {
    const damper = new LoginDamper()
    let now = START
    for (let second = 0; second < 30; second++) tried(damper, 200, (now += 1000))
    for (let i = 0; i < 20; i++) {
      const late = (i % 5) * 120
      const credential = `good ${i}`
      let wait = waitOf(damper, credential, now)
      while (wait === 0) wait = waitOf(damper, credential, (now += 1000))
      for (let second = 0; second < wait; second++) tried(damper, 50, (now += 1000))
      equal(waitOf(damper, credential, now + late), 0)
    }
  })

  it('never makes a credential wait that worked before, until it fails', () => {
    const damper = new LoginDamper()
    damper.succeeded('good')
    for (let second = 0; second < 64; second++) {
      tried(damper, 1000, START + second * 1000)
      equal(waitOf(damper, 'good', START + second * 1000), 0)
    }
    damper.failed({ address: ADDRESS, credential: 'good' }, START + 64_000)
    const waits = Array.from({ length: 64 }, (_, second) => waitOf(damper, 'good', START + 64_000 + second * 1000))
    ok(waits.some((wait) => wait > 0))
  })

  it('slows down a job that repeats one bad credential, and not its neighbours', () => {
    const damper = new LoginDamper()
    let refused = 0
    for (let i = 0; i < 1000; i++) if (!guess(damper, 'expired', START + i * 100)) refused += 1
    ok(refused > 800, String(refused))
    for (let i = 0; i < 100; i++) equal(waitOf(damper, `fresh ${i}`, START + 100_000), 0)
  })

  it('takes nothing for a guess that somebody did give out, however many different ones are refused', () => {
    const damper = new LoginDamper()
    for (let i = 0; i < 1000; i++) damper.failed({ address: ADDRESS, credential: `wrong audience ${i}` }, START, true)
    for (let i = 0; i < 100; i++) equal(waitOf(damper, `fresh ${i}`, START), 0)
    ok(Array.from({ length: 100 }, (_, i) => waitOf(damper, `wrong audience ${i}`, START)).some((wait) => wait > 0))
  })

  it('gives credentials other turns in each process, so that nobody can choose those whose turn it is', () => {
    const turns = [new LoginDamper(), new LoginDamper()].map((damper) => {
      tried(damper, 3000, START)
      return Array.from({ length: 50 }, (_, i) => waitOf(damper, `probe ${i}`, START)).join()
    })
    ok(turns[0] !== turns[1])
  })

  it('locks nobody out for longer when the clock is set back', () => {
    const damper = new LoginDamper()
    tried(damper, 3000, START)
    const back = START - 86_400_000
    const wait = Math.max(...Array.from({ length: 100 }, (_, i) => waitOf(damper, `probe ${i}`, back)))
    ok(wait > 0 && wait <= 64)
    equal(waitOf(damper, 'later', back + 180_000), 0)
  })

  it('stays within bounds, and damps those who were there before a flood of addresses', () => {
    const damper = new LoginDamper()
    tried(damper, 3000, START)
    global.gc?.()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 300_000; i++)
      damper.failed({ address: `2001:db8:${(i >> 16).toString(16)}:${(i & 0xffff).toString(16)}::1`, credential: `c${i}` }, START)
    global.gc?.()
    ok(process.memoryUsage().heapUsed - before < 64 * 1024 * 1024)
    ok(tried(damper, 1000, START) < 200)
    equal(waitOf(damper, 'somebody', START, '198.51.100.1'), 0)
  })

  it('says what to do, and not the credential', () => {
    const damper = new LoginDamper()
    tried(damper, 3000, START)
    throws(
      () => {
        for (let i = 0; i < 100; i++) damper.admit({ address: ADDRESS, credential: `secret ${i}` }, START)
      },
      (error: unknown) =>
        isAppError(error) && /Retry-After/.test(error.remedy ?? '') && !JSON.stringify([error.message, error.remedy]).includes('secret'),
    )
  })
})
