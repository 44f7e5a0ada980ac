import { PackCatalogue, type CatalogueSource } from '../../src/policy/catalogue.ts'
import type { PackManifest } from '../../src/policy/model.ts'
import type { RunnableVersions } from '../../src/policy/versions/runnable-versions.ts'

/** A catalogue of packs that never change, each in one version. */
export function fixedCatalogue(manifests: readonly PackManifest[]): CatalogueSource {
  const catalogue = new PackCatalogue(manifests, new Map(manifests.map(({ name, digest }) => [name, digest])))
  return { revision: async () => 0, current: async () => catalogue }
}

/** An engine that has every version. */
export const EVERY_VERSION: Pick<RunnableVersions, 'hold' | 'during'> = {
  hold: async () => new Map(),
  during: (_wanted, task) => task(new Map()),
}
