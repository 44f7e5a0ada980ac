import { isExactGlob } from './glob.ts'
import { isHostQualified, matchesRepository } from './repository.ts'

/** Stands for any run of characters; no repository's name holds it. */
const ANY_RUN = '\u{e000}'

/**
 * True only if every repository that `inner` matches is matched by `outer` too.
 * It may be false for a pair of wildcards that happens to fit; rights that are handed on must fit plainly.
 */
export function repositoryGlobWithin(inner: string, outer: string): boolean {
  // Without a host it names repositories of every host.
  if (isHostQualified(outer) && !isHostQualified(inner)) return false
  return isExactGlob(inner) ? matchesRepository(outer, inner) : symbolsMatch(inner, outer)
}

/**
 * Matches the inner glob as if it were a name: only a wildcard of the outer one can swallow a wildcard of the inner one,
 * and only `**` can swallow `**`.
 */
function symbolsMatch(inner: string, outer: string): boolean {
  const name = inner.replaceAll(/\*{2,}/g, ANY_RUN)
  const pattern = outer
    .split(/(\*+)/)
    .map((part) => (part.startsWith('*') ? (part.length > 1 ? '.*' : `[^/${ANY_RUN}]*`) : RegExp.escape(part)))
    .join('')
  return new RegExp(`^${pattern}$`, 'su').test(name)
}
