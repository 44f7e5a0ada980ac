/** For how long the full rate may be used up at once: a client that was quiet may send so many seconds' worth in one go. */
export const BURST_MS = 2000

/** Clients that are kept apart, in each of two generations. */
const MOST_CLIENTS = 25_000
/** Newcomers leave room for those who were here before them. */
const PLACES_FOR_NEWCOMERS = MOST_CLIENTS / 2

/** The bucket of one client. One that is full again is worth nothing, so it needn't be kept. */
interface Bucket {
  /** Requests that may come at this moment; fractions count. */
  level: number
  /** When that was so, in milliseconds. */
  at: number
}

/**
 * A token bucket for each client. Who was quiet for long enough is forgotten, which loses nothing. Nobody who wasn't is forgotten for
 * somebody else's sake, however many come: newcomers beyond the bound share one bucket until there is room.
 */
export class RateLimiter {
  readonly #perMs: number
  readonly #capacity: number
  readonly #shared: Bucket
  #young = new Map<string, Bucket>()
  #old = new Map<string, Bucket>()
  #turnedAt = 0

  /** @param perSecond how many requests of one client per second; at least 1 */
  constructor(perSecond: number) {
    this.#perMs = perSecond / 1000
    this.#capacity = this.#perMs * BURST_MS
    this.#shared = { level: this.#capacity, at: 0 }
  }

  /** Clients of whom something is known. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  /**
   * Takes one request of a client out of its bucket.
   * @param now milliseconds; a clock that was set back gives nobody more, and keeps nobody waiting for longer than a bucket takes to fill
   * @returns 0 if it may pass, else in how many milliseconds it might
   */
  take(client: string, now: number): number {
    const bucket = this.#bucket(client, now)
    const level = Math.min(this.#capacity, bucket.level + Math.max(0, now - bucket.at) * this.#perMs)
    bucket.at = now
    bucket.level = level < 1 ? level : level - 1
    return level < 1 ? (1 - level) / this.#perMs : 0
  }

  #bucket(client: string, now: number): Bucket {
    if (now < this.#turnedAt) this.#turnedAt = now
    if (now - this.#turnedAt >= BURST_MS) this.#turn(now)
    return this.#young.get(client) ?? this.#welcome(client, now)
  }

  /** Whoever wasn't seen for a whole generation has a full bucket by now. */
  #turn(now: number): void {
    this.#old = now - this.#turnedAt < 2 * BURST_MS ? this.#young : new Map<string, Bucket>()
    this.#young = new Map()
    this.#turnedAt = now
  }

  #welcome(client: string, now: number): Bucket {
    const known = this.#old.get(client)
    const places = known ? MOST_CLIENTS : PLACES_FOR_NEWCOMERS
    if (this.#young.size >= places) return known ?? this.#shared
    const bucket = known ?? { level: this.#capacity, at: now }
    this.#young.set(client, bucket)
    return bucket
  }
}
