import type { PackManifest } from './model.ts'

/** The pack versions that this service can run, by name. */
export class PackCatalogue {
  readonly #byName: ReadonlyMap<string, PackManifest>

  constructor(manifests: readonly PackManifest[]) {
    this.#byName = new Map(manifests.map((manifest) => [manifest.name, manifest]))
  }

  find(name: string): PackManifest | undefined {
    return this.#byName.get(name)
  }

  /** All packs, by name. */
  list(): PackManifest[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}
