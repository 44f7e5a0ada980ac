import type { Digest } from '../core/digest.ts'
import type { PackManifest } from './model.ts'

/** The pack versions that can be run, at one state of the store. */
export class PackCatalogue {
  readonly #latest: ReadonlyMap<string, PackManifest>
  readonly #versions: ReadonlyMap<string, ReadonlyMap<Digest, PackManifest>>

  /**
   * @param versions every version of every pack
   * @param latest which of them `latest` stands for, by the pack's name; a pack that isn't in it has no `latest`
   */
  constructor(versions: readonly PackManifest[], latest: ReadonlyMap<string, Digest>) {
    const byName = new Map<string, Map<Digest, PackManifest>>()
    for (const manifest of versions) {
      const known = byName.get(manifest.name) ?? new Map<Digest, PackManifest>()
      byName.set(manifest.name, known.set(manifest.digest, manifest))
    }
    this.#versions = byName
    this.#latest = new Map(
      [...latest].flatMap(([name, digest]) => {
        const manifest = byName.get(name)?.get(digest)
        return manifest ? [[name, manifest] as const] : []
      }),
    )
  }

  /** What `latest` stands for. */
  find(name: string): PackManifest | undefined {
    return this.#latest.get(name)
  }

  /** One exact version of a pack. */
  version(name: string, digest: Digest): PackManifest | undefined {
    return this.#versions.get(name)?.get(digest)
  }

  /** What `latest` stands for of all packs, by name. */
  list(): PackManifest[] {
    return [...this.#latest.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

/** Where the catalogue comes from. */
export interface CatalogueSource {
  /** Grows with every committed change of policies; equal numbers mean that an earlier catalogue still holds. */
  revision(): Promise<number>
  /** As of now: sees every committed change. */
  current(): Promise<PackCatalogue>
}

/** A catalogue of packs that never change, each in one version. */
export function fixedCatalogue(manifests: readonly PackManifest[]): CatalogueSource {
  const catalogue = new PackCatalogue(manifests, new Map(manifests.map(({ name, digest }) => [name, digest])))
  return { revision: async () => 0, current: async () => catalogue }
}
