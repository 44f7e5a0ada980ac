import type { Clock } from '../../core/clock.ts'
import { formatInstant } from '../../core/time.ts'
import { BlockMap } from './block-map.ts'
import type { BlockStore } from './ports.ts'

/** Keeps in memory what is blocked, for as long as none is placed or lifted. */
export class BlockCache {
  readonly #store: Pick<BlockStore, 'revision' | 'placed'>
  readonly #clock: Clock
  #revision = -1
  #map: Promise<BlockMap> = Promise.resolve(new BlockMap({ blocks: [], newest: 0 }))

  constructor(store: Pick<BlockStore, 'revision' | 'placed'>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** As of now: sees every committed block. */
  async current(): Promise<BlockMap> {
    const revision = await this.#store.revision()
    if (revision !== this.#revision) {
      const map = this.#store.placed(formatInstant(this.#clock.now())).then((placed) => new BlockMap(placed))
      this.#map = map
      this.#revision = revision
      map.catch(() => {
        if (this.#map === map) this.#revision = -1
      })
    }
    return this.#map
  }
}
