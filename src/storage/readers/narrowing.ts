import { isExactGlob } from '../../core/glob.ts'
import { repositoryGlobWithin } from '../../core/glob-within.ts'
import { matchesAnyRepository, repositoriesMayMeet } from '../../core/repository.ts'
import { RepositoryIndex } from '../../core/repository-index.ts'
import { repositoryKey } from '../repository-key.ts'
import type { ReadSession } from './session.ts'

/** The repositories that a list is narrowed to; both must hold, an absent one does not narrow. */
export interface RepositoryNarrowing {
  /** Globs that a confined reader may see; letter case counts. */
  visibleTo?: readonly string[] | undefined
  /** Globs of what the projects own that the list is about; letter case doesn't count. */
  owned?: readonly string[] | undefined
}

/** The names among those of a table that the list is narrowed to; undefined for all. */
export async function narrowedNames(
  session: ReadSession,
  table: 'decision_repositories' | 'deployment_repositories',
  { visibleTo, owned }: RepositoryNarrowing,
): Promise<string[] | undefined> {
  if (!visibleTo && !owned) return undefined
  const rows = await session.all(`select name from ${table}`)
  const isOwned = ownedTest(owned)
  return rows.map((row) => String(row['name'])).filter((name) => (!visibleTo || matchesAnyRepository(visibleTo, name)) && isOwned([name]))
}

/** To whom observations belong, of which there are few different ones; null for those that count everywhere. */
export async function observationScopes(session: ReadSession): Promise<{ id: number; owners: readonly string[] | null }[]> {
  const rows = await session.all('select id, globs from observation_scopes')
  return rows.map((row) => ({ id: Number(row['id']), owners: JSON.parse(String(row['globs'])) as string[] | null }))
}

/** What is owned among everything that entries of the log belong to, as `repositoryKey` gives it. */
export async function ownedKeys(session: ReadSession, owned: readonly string[]): Promise<string[]> {
  const isOwned = ownedTest(owned)
  const rows = await session.all('select name from decision_repositories union select name from deployment_repositories')
  const named = rows.map((row) => [String(row['name'])])
  const observed = (await observationScopes(session)).map(({ owners }) => owners)
  return [...new Set([...named, ...observed].filter(isOwned).flatMap((owners) => repositoryKey(owners) ?? []))]
}

/** Whether a reader may see what belongs to the repositories of these globs; null belongs to all. */
export function mayBeSeen(owners: readonly string[] | null, visibleTo: readonly string[] | undefined): boolean {
  return !visibleTo || owners === null || repositoriesMayMeet(owners, visibleTo)
}

/**
 * Tells whether what belongs to the repositories of some globs is owned: whether all of them lie within one of what is owned. What belongs to
 * nobody, or to all, is not.
 */
export function ownedTest(owned: readonly string[] | undefined): (owners: readonly string[] | null) => boolean {
  if (!owned) return () => true
  const outer = owned.map((glob) => glob.toLowerCase())
  const index = new RepositoryIndex(outer.map((glob) => [glob, true] as const))
  return (owners) =>
    owners !== null &&
    owners.length > 0 &&
    owners.every((inner) =>
      isExactGlob(inner) ? index.find(inner) === true : outer.some((glob) => repositoryGlobWithin(inner.toLowerCase(), glob)),
    )
}
