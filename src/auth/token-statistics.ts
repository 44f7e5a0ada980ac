import type { Clock } from '../core/clock.ts'
import { formatInstant } from '../core/time.ts'
import type { TokenStore } from './ports.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const EXPIRING = { '1d': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS } as const
const UNUSED = { '30d': 30 * DAY_MS, '90d': 90 * DAY_MS } as const
const KEPT_MS = 60_000

/** How many active tokens there are, end within a time, and were not used for a time. */
export interface TokenCounts {
  active: number
  expiring: Readonly<Record<string, number>>
  unused: Readonly<Record<string, number>>
}

/** Counts tokens for the metrics: all of them are looked at, so once a minute at most, however often metrics are read. */
export class TokenStatistics {
  readonly #store: Pick<TokenStore, 'tally'>
  readonly #clock: Clock
  #counts: Promise<TokenCounts> | undefined
  #readAt = Number.NaN

  constructor(store: Pick<TokenStore, 'tally'>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  read(): Promise<TokenCounts> {
    const now = this.#clock.now()
    if (this.#counts && Math.abs(now - this.#readAt) < KEPT_MS) return this.#counts
    this.#readAt = now
    const counts = this.#count(now)
    this.#counts = counts
    counts.catch(() => {
      // The next reader tries again.
      if (this.#counts === counts) this.#counts = undefined
    })
    return counts
  }

  async #count(now: number): Promise<TokenCounts> {
    const expiresBefore = Object.values(EXPIRING).map((ms) => formatInstant(now + ms))
    const unusedSince = Object.values(UNUSED).map((ms) => formatInstant(now - ms))
    const { active, expiring, unused } = await this.#store.tally(formatInstant(now), expiresBefore, unusedSince)
    return { active, expiring: named(EXPIRING, expiring), unused: named(UNUSED, unused) }
  }
}

function named(names: object, counts: readonly number[]): Record<string, number> {
  return Object.fromEntries(Object.keys(names).map((name, at) => [name, counts[at] ?? 0]))
}
