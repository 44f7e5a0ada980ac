import { globCovers, isExactGlob } from './glob.ts'
import { isHostQualified, matchesRepository } from './repository.ts'

/**
 * True only if every repository that `inner` matches is matched by `outer` too.
 * It may be false for a pair of wildcards that happens to fit; rights that are handed on must fit plainly.
 */
export function repositoryGlobWithin(inner: string, outer: string): boolean {
  // Without a host it names repositories of every host.
  if (isHostQualified(outer) && !isHostQualified(inner)) return false
  return isExactGlob(inner) ? matchesRepository(outer, inner) : globCovers(outer, inner)
}
