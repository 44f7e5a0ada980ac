import { leak, LeakyBuckets, type Bucket } from '../core/leaky-buckets.ts'

/** For how long the full rate may be used up at once: a client that was quiet may send so many seconds' worth in one go. */
export const BURST_MS = 2000

const MOST_CLIENTS = 25_000
/** Sums of fractions are a little off. */
const ROUNDING = 1e-9

/** Holds each client to so many requests a second. Newcomers for whom there is no place are held to it together. */
export class RateLimiter {
  readonly #leakPerMs: number
  readonly #capacity: number
  readonly #buckets: LeakyBuckets
  readonly #shared: Bucket = { level: 0, at: 0 }

  /** @param perSecond how many requests of one client per second; at least 1 */
  constructor(perSecond: number) {
    this.#leakPerMs = perSecond / 1000
    this.#capacity = this.#leakPerMs * BURST_MS
    this.#buckets = new LeakyBuckets({ leakPerMs: this.#leakPerMs, capacity: this.#capacity, mostClients: MOST_CLIENTS })
  }

  /** Clients of whom something is known. */
  get size(): number {
    return this.#buckets.size
  }

  /**
   * Counts one request of a client.
   * @param now milliseconds; a clock that was set back gives nobody more, and keeps nobody waiting for longer than a burst takes
   * @returns 0 if it may pass, else in how many milliseconds it might
   */
  take(client: string, now: number): number {
    const bucket = this.#buckets.open(client, now) ?? this.#crowd(now)
    const tooMuch = bucket.level + 1 - this.#capacity
    if (tooMuch > ROUNDING) return tooMuch / this.#leakPerMs
    bucket.level += 1
    return 0
  }

  #crowd(now: number): Bucket {
    leak(this.#shared, this.#leakPerMs, now)
    return this.#shared
  }
}
