import type { Clock } from '../../core/clock.ts'
import { formatInstant } from '../../core/time.ts'
import type { WaiverStore } from './ports.ts'
import { WaiverIndex } from './waiver-index.ts'

/** Keeps the waivers that count for as long as none is approved or revoked. What ends in between, the index leaves out by its time. */
export class WaiversInForce {
  readonly #store: Pick<WaiverStore, 'revision' | 'approved' | 'inForce'>
  readonly #clock: Clock
  #revision: number | undefined
  #index: Promise<WaiverIndex> = Promise.resolve(new WaiverIndex([]))

  constructor(store: Pick<WaiverStore, 'revision' | 'approved' | 'inForce'>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** As of now: sees every committed change. */
  async current(): Promise<WaiverIndex> {
    const revision = await this.#store.revision()
    if (revision !== this.#revision) {
      const index = this.#store.approved(formatInstant(this.#clock.now())).then((waivers) => new WaiverIndex(waivers))
      this.#index = index
      this.#revision = revision
      index.catch(() => {
        if (this.#index === index) this.#revision = undefined
      })
    }
    return this.#index
  }

  /** As they stood at another time. @param at milliseconds since the epoch */
  async asOf(at: number): Promise<WaiverIndex> {
    return new WaiverIndex(await this.#store.inForce(formatInstant(at)))
  }
}
