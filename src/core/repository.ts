import { globsMayMeet, isExactGlob, matchesGlob } from './glob.ts'

/**
 * Repository names are `OWNER/REPO` or host-qualified, `HOST/OWNER/REPO` (the first segment holds a dot or a port).
 * A glob without a host matches the repository on any host; a host-qualified one matches that host only.
 */
export function matchesRepository(glob: string, repository: string): boolean {
  return matchesGlob(glob, repository) || (!isHostQualified(glob) && matchesGlob(glob, withoutHost(repository)))
}

export function matchesAnyRepository(globs: readonly string[], repository: string): boolean {
  return globs.some((glob) => matchesRepository(glob, repository))
}

/** True unless no repository at all can match a glob of both lists. */
export function repositoriesMayMeet(a: readonly string[], b: readonly string[]): boolean {
  return a.some((left) => b.some((right) => globsMayMeet(left, right) || globsMayMeet(withoutHost(left), withoutHost(right))))
}

/** The one repository that the globs name, or undefined if they could match several. */
export function onlyRepository(globs: readonly string[] | undefined): string | undefined {
  const [only, ...others] = globs ?? []
  return only !== undefined && others.length === 0 && isExactGlob(only) ? only : undefined
}

/** True if the name or glob begins with a host. */
export function isHostQualified(name: string): boolean {
  const first = name.slice(0, name.indexOf('/'))
  return first.includes('.') || first.includes(':')
}

function withoutHost(name: string): string {
  return isHostQualified(name) ? name.slice(name.indexOf('/') + 1) : name
}
