import { setTimeout } from 'node:timers/promises'

import type { Clock } from '../../core/clock.ts'
import { JwtError } from './errors.ts'
import type { KeySet } from './key-set.ts'
import type { KeySource } from './model.ts'
import type { PublicKey } from './public-key.ts'

/** How long keys count, in milliseconds. */
export interface KeyAges {
  /** Older ones are fetched again in the background. */
  refreshMs: number
  /** Older ones are fetched again before they are used, unless that just failed. */
  staleMs: number
  /** Older ones are not used any more. */
  keepMs: number
  /** Least time from the end of one fetch to the beginning of the next. */
  floorMs: number
}

/** What a key ring works with. */
export interface KeyRingParts {
  /** Reads the keys anew. */
  load: (known: KeySet | undefined) => Promise<KeySet>
  /** Undefined for keys that never change. */
  ages: KeyAges | undefined
  clock: Clock
  /** Name of the issuer's resource. */
  issuer: string
  /** Told why keys could not be read; at most once for each fetch. */
  onFailure: (error: unknown) => void
}

const MINUTE = 60_000

/** Keys of an issuer that can't be reached are kept for a day, so that its outage is not ours. */
const PUBLISHED: KeyAges = { refreshMs: 5 * MINUTE, staleMs: 10 * MINUTE, keepMs: 24 * 60 * MINUTE, floorMs: 5000 }
/** A file can always be read; one that is missing or broken may be in the middle of a change. */
const IN_A_FILE: KeyAges = { refreshMs: 2000, staleMs: 2000, keepMs: MINUTE, floorMs: 1000 }

export function agesOf(keys: KeySource): KeyAges | undefined {
  if ('jwks' in keys) return undefined
  return 'jwksFile' in keys ? IN_A_FILE : PUBLISHED
}

/** Requests that wait for the keys of one issuer at most: a flood of unknown kids must not fill the service. */
const MAX_WAITING = 256

interface Fetched {
  set: KeySet
  /** Milliseconds since the epoch at which the fetch began. */
  at: number
  /** Of the fetch: the first is 1. Clocks may stand still between two. */
  number: number
}

/** The steps of a search for a key. */
export interface KeySearch {
  /** The keys that count now. */
  first(): KeySet | Promise<KeySet>
  /** Newer ones; undefined if the last ones were new enough. */
  next(): Promise<KeySet> | undefined
}

/**
 * The keys of one issuer. However many tokens come, with whatever kids, there is one fetch at a time and a rest after each; a token whose
 * key is known never waits for one, unless the keys have not been looked at for long.
 */
export class KeyRing {
  readonly #parts: KeyRingParts
  #fetched: Fetched | undefined
  #fetching: Promise<Fetched> | undefined
  /** While it lasts no fetch begins. */
  #rest: Promise<void> | undefined
  #begun = 0
  #failing = false
  #waiting = 0

  constructor(parts: KeyRingParts) {
    this.#parts = parts
  }

  /**
   * A search for a key: the keys that count now, and if it isn't there, those whose fetch began after the search, since the issuer may have
   * begun to use a new one. Each step throws a `JwtError` `issuer_unreachable` if there are no keys, or none that are new enough.
   */
  search(): KeySearch {
    const begunBefore = this.#begun
    const { ages } = this.#parts
    let last: Fetched | undefined
    const taken = (fetched: Fetched): KeySet => (last = fetched).set
    return {
      first: () => {
        const fresh = this.#fresh()
        return fresh ? taken(fresh) : this.#current().then(taken)
      },
      next: () => (ages && last && last.number <= begunBefore ? this.#newer().then(taken) : undefined),
    }
  }

  /** True if a key still counts, so that what it signed still does. */
  has(key: PublicKey): boolean {
    return this.#usable()?.set.keys.includes(key) === true
  }

  /** What needs no look at the issuer: nearly always there. */
  #fresh(): Fetched | undefined {
    const { ages } = this.#parts
    const usable = this.#usable()
    return usable && (!ages || this.#rest || this.#ageOf(usable) <= ages.refreshMs) ? usable : undefined
  }

  async #current(): Promise<Fetched> {
    const { ages } = this.#parts
    const usable = this.#usable()
    if (!usable || !ages) return this.#newer()
    const fetching = this.#fetch()
    // Whoever comes first after a quiet night must not find yesterday's keys; but an issuer that doesn't answer is waited for only once.
    if (this.#ageOf(usable) > ages.staleMs && !this.#failing) return this.#wait(fetching).catch(() => usable)
    fetching.catch(() => undefined)
    return usable
  }

  /** @throws {JwtError} `issuer_unreachable`, at once if the last fetch failed a moment ago */
  #newer(): Promise<Fetched> {
    if (this.#failing && this.#rest) return Promise.reject(this.#unreachable())
    return this.#wait(this.#fetch())
  }

  async #wait(fetching: Promise<Fetched>): Promise<Fetched> {
    if (this.#waiting >= MAX_WAITING) {
      fetching.catch(() => undefined)
      throw this.#unreachable()
    }
    this.#waiting++
    try {
      return await fetching
    } finally {
      this.#waiting--
    }
  }

  #fetch(): Promise<Fetched> {
    this.#fetching ??= this.#fetchRested().finally(() => (this.#fetching = undefined))
    return this.#fetching
  }

  async #fetchRested(): Promise<Fetched> {
    const { load, clock, ages, onFailure } = this.#parts
    await this.#rest
    const number = ++this.#begun
    const at = clock.now()
    try {
      this.#fetched = { set: await load(this.#fetched?.set), at, number }
      this.#failing = false
      return this.#fetched
    } catch (error) {
      this.#failing = true
      onFailure(error)
      throw this.#unreachable()
    } finally {
      if (ages) this.#rest = setTimeout(ages.floorMs, undefined, { ref: false }).then(() => (this.#rest = undefined))
    }
  }

  #usable(): Fetched | undefined {
    const { ages } = this.#parts
    return this.#fetched && (!ages || this.#ageOf(this.#fetched) <= ages.keepMs) ? this.#fetched : undefined
  }

  #ageOf({ at }: Fetched): number {
    return this.#parts.clock.now() - at
  }

  #unreachable(): JwtError {
    const { issuer, ages } = this.#parts
    return new JwtError('issuer_unreachable', 'The keys of the token’s issuer can’t be had at the moment.', {
      issuer,
      retryAfterSeconds: Math.ceil((ages?.floorMs ?? 1000) / 1000),
    })
  }
}
