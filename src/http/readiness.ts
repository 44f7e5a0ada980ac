import type { Clock } from '../core/clock.ts'
import type { Readiness } from './ports.ts'

const HOLDS_MS = 1000

/**
 * Keeps the answer of a deep check for up to a second, and lets simultaneous askers share one:
 * the endpoint is public, and the check writes.
 */
export function cachedReadiness(check: () => Promise<Readiness>, clock: Clock): () => Promise<Readiness> {
  let until = Number.NEGATIVE_INFINITY
  let running = false
  let answer: Promise<Readiness> = Promise.resolve({ ok: false, checks: {} })
  return () => {
    if (running || clock.now() < until) return answer
    running = true
    answer = guarded(check).finally(() => {
      running = false
      until = clock.now() + HOLDS_MS
    })
    return answer
  }
}

/** A check that fails to answer is an answer: not ready. What it threw stays inside. */
async function guarded(check: () => Promise<Readiness>): Promise<Readiness> {
  try {
    return await check()
  } catch {
    return { ok: false, checks: { service: 'failed' } }
  }
}
