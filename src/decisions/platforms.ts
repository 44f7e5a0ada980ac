import type { EvidenceClass } from '../core/evidence-class.ts'
import { mayBeSamePlatform } from '../core/platform.ts'
import type { Evidence, IndexManifest, Link } from '../evidence/index.ts'

/** What needs evidence by itself: each platform of a judged index, else the judged subject. */
export interface Platform {
  id: string
  /** `os/architecture[/variant]`, if the index states it. */
  platform: string | null
}

/** The judged subject among the indexes and platforms that it is proven to belong to. */
export interface PlatformFamily {
  /** Never empty. */
  judged: readonly Platform[]
  /** The platforms of each index that the judged subject is or belongs to. */
  indexes: ReadonlyMap<string, readonly Platform[]>
}

/** The classes whose reports speak for one platform; others, such as tests, speak for all. */
const PER_PLATFORM: ReadonlySet<EvidenceClass> = new Set(['vulnerabilities', 'secrets', 'licences', 'sbom'])

/** @param manifests what each index that the judged subject is or belongs to lists by its own bytes */
export function platformFamily(
  judged: string,
  links: readonly Link[],
  manifests: ReadonlyMap<string, readonly IndexManifest[]>,
): PlatformFamily {
  const indexes = new Map<string, Platform[]>()
  for (const [index, listed] of manifests) {
    const distinct = new Map(listed.map(({ digest, platform }) => [digest, { id: digest, platform }]))
    indexes.set(index, [...distinct.values()])
  }
  const proven = links.filter(({ kind, from }) => kind === 'platform' && from === judged).map(({ to }) => ({ id: to, platform: null }))
  const own = indexes.get(judged) ?? proven
  return { judged: own.length > 0 ? own : [{ id: judged, platform: null }], indexes }
}

/**
 * The platforms of the judged subject that a report speaks for in a class. A report about an index speaks for the platform that
 * it names; one that names none says which vulnerabilities are there, but covers none of several.
 * @returns undefined if it speaks for other platforms only
 */
export function platformsSpokenFor(evidence: Evidence, name: EvidenceClass, family: PlatformFamily): readonly string[] | undefined {
  const judged = family.judged.map(({ id }) => id)
  if (!PER_PLATFORM.has(name)) return judged
  if (judged.includes(evidence.subject)) return isOwn(evidence, family) ? [evidence.subject] : []
  const siblings = family.indexes.get(evidence.subject)
  if (!siblings) return judged
  const named = namedAmong(siblings, evidence)
  const ours = named.filter((id) => judged.includes(id))
  return named.length > 0 && ours.length === 0 ? undefined : ours
}

/** A report that names only the index was made of whichever platform the tool chose: it must say that it is this one. */
function isOwn(evidence: Evidence, { indexes }: PlatformFamily): boolean {
  if (evidence.statedDigests.some((digest) => digest === evidence.subject)) return true
  const siblings = evidence.statedDigests.flatMap((digest) => indexes.get(digest) ?? [])
  return siblings.length === 0 || namedAmong(siblings, evidence).includes(evidence.subject)
}

function namedAmong(siblings: readonly Platform[], { statedDigests, platform }: Evidence): string[] {
  const byDigest = siblings.filter(({ id }) => statedDigests.some((digest) => digest === id))
  if (byDigest.length > 0) return byDigest.map(({ id }) => id)
  const [only, ...others] = siblings
  if (only && others.length === 0 && (platform === null || only.platform === null)) return [only.id]
  const fitting = siblings.filter(
    (sibling) => platform !== null && sibling.platform !== null && mayBeSamePlatform(sibling.platform, platform),
  )
  return fitting.length === 1 ? fitting.map(({ id }) => id) : []
}
