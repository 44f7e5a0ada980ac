/** For how long somebody waits, and what ends it before. */
export interface Patience {
  /** Milliseconds. */
  ms: number
  signal: AbortSignal
}

export interface WaitingRoomParts {
  /** Another text after every committed change of what is waited for, by whichever replica. */
  revision: () => Promise<string>
  /** Milliseconds between two looks at it; nobody is woken more often. */
  everyMs?: number
  mostWaiting?: number
  mostOfOne?: number
}

interface Watcher {
  seen: string
  /** @param revision undefined if it can't be told any more */
  wake: (revision: string | undefined) => void
}

/**
 * Where requests wait for a change. All of them share one look at the revision at a time, and none is taken while nobody waits. So many may wait, and
 * so many of one principal; the next is not let in.
 */
export class WaitingRoom {
  readonly #parts: Required<WaitingRoomParts>
  readonly #watchers = new Set<Watcher>()
  readonly #waiting = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(parts: WaitingRoomParts) {
    this.#parts = { everyMs: 500, mostWaiting: 256, mostOfOne: 32, ...parts }
  }

  /** How many wait. */
  get size(): number {
    return [...this.#waiting.values()].reduce((sum, count) => sum + count, 0)
  }

  /**
   * Waits for as long as there is something to wait for; it is asked again after every change.
   * @param principal id of whoever waits
   * @returns false if there was no room
   */
  async wait(principal: string, { ms, signal }: Patience, isAwaited: () => Promise<boolean>): Promise<boolean> {
    const own = this.#waiting.get(principal) ?? 0
    if (this.size >= this.#parts.mostWaiting || own >= this.#parts.mostOfOne) return false
    this.#waiting.set(principal, own + 1)
    const over = new AbortController()
    const end = (): void => over.abort()
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
    try {
      // Before the first look at what is there, so that no change in between is missed.
      let seen: string | undefined = await this.#parts.revision()
      while (seen !== undefined && !over.signal.aborted && (await isAwaited())) seen = await this.#changeSince(seen, over.signal)
      return true
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      const left = (this.#waiting.get(principal) ?? 1) - 1
      if (left > 0) this.#waiting.set(principal, left)
      else this.#waiting.delete(principal)
    }
  }

  /** @returns the revision once it is another one; undefined if that was no longer waited for */
  #changeSince(seen: string, over: AbortSignal): Promise<string | undefined> {
    if (over.aborted) return Promise.resolve(undefined)
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    const onOver = (): void => watcher.wake(undefined)
    const watcher: Watcher = {
      seen,
      wake: (revision) => {
        this.#watchers.delete(watcher)
        over.removeEventListener('abort', onOver)
        if (this.#watchers.size === 0) clearTimeout(this.#timer)
        resolve(revision)
      },
    }
    over.addEventListener('abort', onOver)
    this.#watchers.add(watcher)
    if (this.#watchers.size === 1) this.#lookLater()
    return promise
  }

  #lookLater(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#look(), this.#parts.everyMs)
  }

  /** Whoever can't be told of changes any more goes on, and meets what is wrong. */
  async #look(): Promise<void> {
    const revision = await this.#parts.revision().catch(() => undefined)
    for (const watcher of this.#watchers) if (watcher.seen !== revision) watcher.wake(revision)
    if (this.#watchers.size > 0) this.#lookLater()
  }
}
