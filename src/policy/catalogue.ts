import type { Digest } from '../core/digest.ts'
import type { PackManifest } from './model.ts'

/** One exact version of a pack. */
export interface ExactVersion {
  name: string
  digest: Digest
}

/** The pack versions that can be bound, at one state of the store: what `latest` stands for, and those that were asked for. */
export class PackCatalogue {
  readonly #names: readonly string[]
  readonly #latest: ReadonlyMap<string, PackManifest>
  readonly #versions: ReadonlyMap<string, PackManifest>

  /**
   * @param versions the versions that it knows
   * @param latest which of them `latest` stands for, by the pack's name; null for a pack of which none was activated
   */
  constructor(versions: readonly PackManifest[], latest: ReadonlyMap<string, Digest | null>) {
    const known = new Map(versions.map((manifest) => [keyOf(manifest), manifest]))
    this.#versions = known
    this.#names = [...latest.keys()].sort()
    this.#latest = new Map(
      [...latest].flatMap(([name, digest]) => {
        const manifest = digest === null ? undefined : known.get(keyOf({ name, digest }))
        return manifest ? [[name, manifest] as const] : []
      }),
    )
  }

  /** True if there is a pack of that name, whether a version of it was activated or not. */
  has(name: string): boolean {
    return this.#names.includes(name)
  }

  /** The names of all packs, in order. */
  names(): readonly string[] {
    return this.#names
  }

  /** What `latest` stands for. */
  find(name: string): PackManifest | undefined {
    return this.#latest.get(name)
  }

  /** One exact version of a pack, if it was asked for or is the latest; also of one that was deleted since. */
  version(name: string, digest: Digest): PackManifest | undefined {
    return this.#versions.get(keyOf({ name, digest }))
  }
}

function keyOf({ name, digest }: ExactVersion): string {
  return `${name} ${digest}`
}

/** Where the catalogue comes from. */
export interface CatalogueSource {
  /** Grows with every committed change of policies; equal numbers mean that an earlier catalogue still holds. */
  revision(): Promise<number>
  /**
   * As of now: sees every committed change.
   * @param versions which exact versions it shall know besides what `latest` stands for; what isn't there is left out
   */
  current(versions?: readonly ExactVersion[]): Promise<PackCatalogue>
}
