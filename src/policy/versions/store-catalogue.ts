import { PackCatalogue, type CatalogueSource, type ExactVersion } from '../catalogue.ts'
import type { PackManifest } from '../model.ts'
import type { PolicyStore } from './ports.ts'

/** Manifests that are kept parsed, and their parameter schemas compiled. */
const MAX_KEPT = 1000

/** The catalogue of everything that is in the store. */
export class StoreCatalogue implements CatalogueSource {
  readonly #store: Pick<PolicyStore, 'revision' | 'heads' | 'find'>
  /** By name and digest, the one that was needed last at the end. Versions never change. */
  readonly #manifests = new Map<string, PackManifest>()

  constructor(store: Pick<PolicyStore, 'revision' | 'heads' | 'find'>) {
    this.#store = store
  }

  revision(): Promise<number> {
    return this.#store.revision()
  }

  async current(versions: readonly ExactVersion[] = []): Promise<PackCatalogue> {
    const heads = await this.#store.heads()
    const latest = heads.flatMap(({ name, latest: digest }) => (digest === null ? [] : [{ name, digest }]))
    const manifests = await this.#manifestsOf([...latest, ...versions])
    return new PackCatalogue(manifests, new Map(heads.map((head) => [head.name, head.latest])))
  }

  async #manifestsOf(wanted: readonly ExactVersion[]): Promise<PackManifest[]> {
    const missing = wanted.filter((version) => !this.#manifests.has(keyOf(version)))
    const read = missing.length === 0 ? [] : (await this.#store.find(missing)).map(({ manifest }) => manifest)
    for (const manifest of read) if (!this.#manifests.has(keyOf(manifest))) this.#manifests.set(keyOf(manifest), manifest)
    const found = wanted.flatMap((version) => this.#manifests.get(keyOf(version)) ?? [])
    for (const manifest of found) {
      this.#manifests.delete(keyOf(manifest))
      this.#manifests.set(keyOf(manifest), manifest)
    }
    for (const key of this.#manifests.keys()) {
      if (this.#manifests.size <= MAX_KEPT) break
      this.#manifests.delete(key)
    }
    return found
  }
}

function keyOf({ name, digest }: ExactVersion): string {
  return `${name} ${digest}`
}
