import { formatInstant } from '../core/time.ts'
import type { TokenStore } from './ports.ts'

/** Collects when tokens were used, so that a use costs no write of its own. What isn't flushed when the process dies is lost. */
export class LastUses {
  readonly #store: Pick<TokenStore, 'touch'>
  #uses = new Map<string, string>()

  constructor(store: Pick<TokenStore, 'touch'>) {
    this.#store = store
  }

  /** @param at milliseconds since the epoch */
  note(tokenId: string, at: number): void {
    this.#uses.set(tokenId, formatInstant(at))
  }

  /** Writes what was collected; what could not be written is kept for the next time. */
  async flush(): Promise<void> {
    if (this.#uses.size === 0) return
    const uses = this.#uses
    this.#uses = new Map()
    try {
      await this.#store.touch(uses)
    } catch (error) {
      this.#uses = new Map([...uses, ...this.#uses])
      throw error
    }
  }
}
