import { OwnershipMap } from './ownership-map.ts'
import type { OwnershipStore } from './ports.ts'

/** Keeps in memory who owns what, for as long as no project and no team changes. */
export class OwnershipCache {
  readonly #store: Pick<OwnershipStore, 'revision' | 'all'>
  #revision = -1
  #map: Promise<OwnershipMap> = Promise.resolve(new OwnershipMap({ projects: [], teams: [] }))

  constructor(store: Pick<OwnershipStore, 'revision' | 'all'>) {
    this.#store = store
  }

  /** As of now: sees every committed change. */
  async current(): Promise<OwnershipMap> {
    const revision = await this.#store.revision()
    if (revision !== this.#revision) {
      const map = this.#store.all().then((records) => new OwnershipMap(records))
      this.#map = map
      this.#revision = revision
      map.catch(() => {
        if (this.#map === map) this.#revision = -1
      })
    }
    return this.#map
  }
}
