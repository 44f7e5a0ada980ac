import { hash, randomBytes } from 'node:crypto'

import { addressBlock } from '../core/address-block.ts'
import { AppError } from '../core/app-error.ts'
import { LeakyBuckets } from '../core/leaky-buckets.ts'
import { RecentKeys } from '../core/recent-keys.ts'
import type { AuthErrorCode } from './errors.ts'

/** A try to log in: with a token, a certificate, a password, the code of a login. */
export interface LoginAttempt {
  /** Network address that it comes from, as far as it is to be believed. */
  address: string
  /** What stands for the credential, such as its SHA-256: never the credential itself. */
  credential: string
}

/** Failures of one address in a minute that nobody minds. */
const FREE_FAILURES = 20
/** Beyond so many more it doesn't become worse. */
const MOST_FAILURES = 3 * FREE_FAILURES
const LEAK_PER_MS = FREE_FAILURES / 60_000
const MOST_ADDRESSES = 10_000
const MOST_CREDENTIALS = 10_000

const SHORTEST_CYCLE_MS = 8000
const LONGEST_CYCLE_MS = 64_000
/** Failures after which the cycle doubles. */
const STEP = 10
/** How long a turn lasts: longer than the second that Retry-After is exact to, so that whoever comes when told to is in time. */
const TURN_MS = 1500

/**
 * Makes guessing slow and cheap to refuse. Once too many logins of an address failed, each credential has its turn: a moment and a half in
 * a cycle of 8 to 64 seconds, and Retry-After says when. So no flood can keep out a credential that is good and not known yet, as in
 * schemes where everybody competes for the next free try. Whoever logged in before isn't made to wait, and a job that fails over and over
 * again, with an expired token or for a wrong audience, slows down itself and not its neighbours.
 *
 * Nothing is looked up and no signature is checked for those that wait. All of it is memory of one process, in bounds.
 */
export class LoginDamper {
  readonly #limits = { leakPerMs: LEAK_PER_MS, capacity: MOST_FAILURES, mostClients: MOST_ADDRESSES }
  /** Every failure of an address. */
  readonly #failures = new LeakyBuckets(this.#limits)
  /** Those with a credential that nobody gave out and that hadn't failed before. */
  readonly #guesses = new LeakyBuckets(this.#limits)
  readonly #good = new RecentKeys(MOST_CREDENTIALS)
  readonly #bad = new RecentKeys(MOST_CREDENTIALS)
  /** Keeps the turns of credentials from being known in advance. */
  readonly #salt = randomBytes(16).toString('hex')

  /**
   * To be called before a credential is looked at that the caller doesn't know yet.
   * @param now milliseconds since the epoch
   * @throws {AppError} `too_many_failed_logins` if it is not its turn
   */
  admit({ address, credential }: LoginAttempt, now: number): void {
    if (this.#good.has(credential)) return
    const block = addressBlock(address)
    const failures = (this.#bad.has(credential) ? this.#failures : this.#guesses).level(block, now)
    const waitMs = failures + 1 > FREE_FAILURES ? this.#untilTurn(credential, cycleAfter(failures), now) : 0
    if (waitMs === 0) return
    throw new AppError<AuthErrorCode>('too_many_failed_logins', 'Too many logins from this network address failed.', {
      field: 'header.Authorization',
      remedy: 'If the token is right, repeat the request after Retry-After seconds; it is looked at then.',
      retryAfterSeconds: Math.ceil(waitMs / 1000),
    })
  }

  /**
   * To be called for every credential that was refused, other than by this.
   * @param genuine true if somebody did give it out, though it is worth nothing here or now: that is no guess
   */
  failed({ address, credential }: LoginAttempt, now: number, genuine = false): void {
    const block = addressBlock(address)
    pour(this.#failures, block, now)
    if (!genuine && !this.#bad.has(credential)) pour(this.#guesses, block, now)
    this.#bad.add(credential)
    this.#good.delete(credential)
  }

  /** To be called for a credential that turned out good, so that it is never damped from now on. */
  succeeded(credential: string): void {
    this.#good.add(credential)
    this.#bad.delete(credential)
  }

  /** Milliseconds until it is a credential's turn; 0 if it is. A turn in a long cycle is one in each shorter one, too. */
  #untilTurn(credential: string, cycleMs: number, now: number): number {
    const moment = Number.parseInt(hash('sha256', this.#salt + credential, 'hex').slice(0, 8), 16) % LONGEST_CYCLE_MS
    const sinceTurn = (((now - moment) % cycleMs) + cycleMs) % cycleMs
    return sinceTurn < TURN_MS ? 0 : cycleMs - sinceTurn
  }
}

function cycleAfter(failures: number): number {
  return Math.min(LONGEST_CYCLE_MS, SHORTEST_CYCLE_MS * 2 ** Math.floor((failures - FREE_FAILURES + 1) / STEP))
}

function pour(buckets: LeakyBuckets, block: string, now: number): void {
  const bucket = buckets.open(block, now)
  // Where there is no place, nobody is damped: that beats damping everybody for the sake of some.
  if (bucket) bucket.level = Math.min(MOST_FAILURES, bucket.level + 1)
}
