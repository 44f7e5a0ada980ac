import { formatInstant } from '../../core/time.ts'
import type { Clock } from '../../core/clock.ts'
import type { LoadedPack } from '../engine/load-packs.ts'
import type { PolicyStore } from './ports.ts'

/**
 * Notes what this release ships. A version that the store has never seen can be bound from now on, but no binding runs it because of that: `latest` of a
 * policy that is there stays where it is.
 * @returns names of shipped packs that are left out, since somebody made policies of these names before
 */
export async function registerShipped(
  store: Pick<PolicyStore, 'heads' | 'find' | 'register'>,
  packs: readonly LoadedPack[],
  clock: Clock,
): Promise<string[]> {
  const wanted = packs.map(({ manifest: { name, digest } }) => ({ name, digest }))
  const [heads, versions] = await Promise.all([store.heads(), store.find(wanted)])
  const [named, known] = [new Set(heads.map(({ name }) => name)), new Set(versions.map(({ manifest }) => keyOf(manifest)))]
  const fresh = packs.filter(({ manifest }) => !named.has(manifest.name) || !known.has(keyOf(manifest)))
  if (fresh.length === 0) return []
  const at = formatInstant(clock.now())
  return store.register(
    fresh.map((pack) => ({
      version: { manifest: pack.manifest, origin: 'shipped', bundle: null, createdAt: at, createdBy: 'system' },
      pack,
      bundle: null,
    })),
    { actor: 'system', at, requestId: undefined },
  )
}

function keyOf({ name, digest }: { name: string; digest: string }): string {
  return `${name} ${digest}`
}
