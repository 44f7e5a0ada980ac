/** A client's bucket. An empty one is worth nothing, so it needn't be kept. */
export interface Bucket {
  /** What was poured in and hasn't leaked out. */
  level: number
  /** When that was so, in milliseconds. */
  at: number
}

export interface BucketLimits {
  /** What leaks out of each in a millisecond. */
  leakPerMs: number
  /** Fullest that anybody lets one become. */
  capacity: number
  /** Clients that are kept apart, in each of two generations. */
  mostClients: number
}

/**
 * A leaky bucket for each client, in bounded memory. One that is empty again is forgotten, which loses nothing. No other is, however many
 * come: newcomers beyond half of the places get none until there is room, and those who were here before have the other half.
 */
export class LeakyBuckets {
  readonly #limits: BucketLimits
  /** After this long even the fullest is empty. */
  readonly #generationMs: number
  #young = new Map<string, Bucket>()
  #old = new Map<string, Bucket>()
  #turnedAt = 0

  constructor(limits: BucketLimits) {
    this.#limits = limits
    this.#generationMs = limits.capacity / limits.leakPerMs
  }

  /** Clients of whom something is known. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  /**
   * The bucket of a client, to be poured into; undefined if there is no place for a newcomer.
   * @param now milliseconds; where a clock was set back, nothing leaks
   */
  open(client: string, now: number): Bucket | undefined {
    this.#turn(now)
    const bucket = this.#young.get(client) ?? this.#welcome(client, now)
    if (bucket) leak(bucket, this.#limits.leakPerMs, now)
    return bucket
  }

  /** What is in the bucket of a client, who gets no place by being asked about. */
  level(client: string, now: number): number {
    const bucket = this.#young.get(client) ?? this.#old.get(client)
    if (!bucket) return 0
    leak(bucket, this.#limits.leakPerMs, now)
    return bucket.level
  }

  /** Whose bucket wasn't opened for a whole generation has an empty one by now. */
  #turn(now: number): void {
    if (now < this.#turnedAt) this.#turnedAt = now
    const elapsed = now - this.#turnedAt
    if (elapsed < this.#generationMs) return
    this.#old = elapsed < 2 * this.#generationMs ? this.#young : new Map<string, Bucket>()
    this.#young = new Map()
    this.#turnedAt = now
  }

  #welcome(client: string, now: number): Bucket | undefined {
    const known = this.#old.get(client)
    const { mostClients } = this.#limits
    if (this.#young.size >= (known ? mostClients : mostClients / 2)) return known
    const bucket = known ?? { level: 0, at: now }
    this.#young.set(client, bucket)
    return bucket
  }
}

/** Lets out of a bucket what leaked since it was last looked at. */
export function leak(bucket: Bucket, leakPerMs: number, now: number): void {
  bucket.level = Math.max(0, bucket.level - Math.max(0, now - bucket.at) * leakPerMs)
  bucket.at = now
}
