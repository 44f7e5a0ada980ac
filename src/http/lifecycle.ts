/** How many requests are in progress, and whether the service is stopping. Shared by the application and its server. */
export class Lifecycle {
  #inFlight = 0
  readonly #stopping = new AbortController()
  #whenIdle: (() => void)[] = []

  get inFlight(): number {
    return this.#inFlight
  }

  /** True once the service stops: replies then ask clients to close their connections. */
  get draining(): boolean {
    return this.#stopping.signal.aborted
  }

  /** Ends what only waits, once the service stops. */
  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  started(): void {
    this.#inFlight++
  }

  finished(): void {
    this.#inFlight--
    if (this.#inFlight > 0) return
    for (const wake of this.#whenIdle.splice(0)) wake()
  }

  /** From now on connections end with their next reply. */
  drain(): void {
    this.#stopping.abort()
  }

  /** Resolves when no request is in progress. */
  idle(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#whenIdle.push(resolve)
    return promise
  }
}
