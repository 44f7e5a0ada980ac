import { addressBlock } from '../core/address-block.ts'
import { AppError } from '../core/app-error.ts'
import type { RequestMetrics } from './metrics.ts'
import type { HttpSettings } from './ports.ts'
import type { HttpErrorCode } from './problem.ts'
import { RateLimiter } from './rate-limiter.ts'

/** How many requests each network address and each principal may send. Every process counts for itself. */
export class RateLimits {
  readonly #metrics: Pick<RequestMetrics, 'rateLimited'>
  readonly #addresses: RateLimiter | undefined
  readonly #principals: RateLimiter | undefined

  constructor({ ratePerAddress, ratePerPrincipal }: HttpSettings, metrics: Pick<RequestMetrics, 'rateLimited'>) {
    this.#metrics = metrics
    this.#addresses = ratePerAddress > 0 ? new RateLimiter(ratePerAddress) : undefined
    this.#principals = ratePerPrincipal > 0 ? new RateLimiter(ratePerPrincipal) : undefined
  }

  /**
   * Counts a request of an address; to be called before anybody asks whose it is.
   * @param now milliseconds
   * @throws {AppError} `rate_limited`
   */
  spendAddress(address: string, now: number): void {
    const wait = this.#addresses?.take(addressBlock(address), now) ?? 0
    if (wait > 0) throw this.#refused('address', 'Too many requests came from this network address.', wait)
  }

  /** Counts a request of a principal, whichever of its credentials came with it. @throws {AppError} `rate_limited` */
  spendPrincipal(principalId: string, now: number): void {
    const wait = this.#principals?.take(principalId, now) ?? 0
    if (wait > 0) throw this.#refused('principal', 'Too many requests came from this principal.', wait)
  }

  #refused(kind: 'address' | 'principal', message: string, waitMs: number): AppError<HttpErrorCode> {
    this.#metrics.rateLimited(kind)
    return new AppError('rate_limited', message, {
      remedy: 'Send fewer at a time, and repeat this one after Retry-After seconds.',
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
    })
  }
}
