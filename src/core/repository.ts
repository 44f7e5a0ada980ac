import { globsMayMeet, isExactGlob, matchesGlob, shapeOf, type GlobShape } from './glob.ts'

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
  const others = b.map(repositoryShape)
  return a.map(repositoryShape).some((left) => others.some((right) => mayMeet(left, right)))
}

/** A repository glob as it is, and as it stands for every host. */
interface RepositoryShape {
  isQualified: boolean
  whole: GlobShape
  bare: GlobShape
}

function repositoryShape(glob: string): RepositoryShape {
  const isQualified = isHostQualified(glob)
  const whole = shapeOf(glob)
  return { isQualified, whole, bare: isQualified ? shapeOf(withoutHost(glob)) : whole }
}

/** A glob without a host stands for every host; two hosts that are stated differ. */
function mayMeet(left: RepositoryShape, right: RepositoryShape): boolean {
  return globsMayMeet(left.whole, right.whole) || (!(left.isQualified && right.isQualified) && globsMayMeet(left.bare, right.bare))
}

const LONGEST_GLOB = 256
const MOST_WILDCARDS = 16

/**
 * Why a repository glob is not to be taken in: it would cost too much to match, or no name of a repository can match it.
 * @returns undefined if nothing is wrong with it
 */
export function repositoryGlobFault(glob: string): string | undefined {
  if (glob.length > LONGEST_GLOB) return `is longer than ${LONGEST_GLOB} characters`
  if ((glob.match(/\*+/g) ?? []).length > MOST_WILDCARDS) return `has more than ${MOST_WILDCARDS} wildcards`
  if (glob.startsWith('!')) return 'begins with "!", but repositories cannot be excluded'
  if (glob.includes('://')) return 'is an address rather than a name'
  if (!/^[^\s\p{Cc}\p{Cs}]+$/u.test(glob)) return 'is empty or holds white space or control characters'
  if (glob.split('/').includes('')) return 'has a part without a name'
  return glob.includes('/') || glob.includes('**') ? undefined : 'names no owner'
}

/** What a faulty repository glob should look like. */
export const REPOSITORY_GLOB_REMEDY = 'Write OWNER/REPO or HOST/OWNER/REPO; `*` stands for a run within one part, `**` for any run.'

/** The one repository that the globs name, or undefined if they could match several. */
export function onlyRepository(globs: readonly string[] | undefined): string | undefined {
  const [only, ...others] = globs ?? []
  return only !== undefined && others.length === 0 && isExactGlob(only) ? only : undefined
}

/** Whether a name, with a host or without one, is that of a repository whose name has one. */
export function isSameRepository(name: string, qualified: string): boolean {
  return name === qualified || (!isHostQualified(name) && name === withoutHost(qualified))
}

/** True if the name or glob begins with a host. */
export function isHostQualified(name: string): boolean {
  const first = name.slice(0, name.indexOf('/'))
  return first.includes('.') || first.includes(':')
}

/** `OWNER/REPO` of a name that may begin with a host. */
export function withoutHost(name: string): string {
  return isHostQualified(name) ? name.slice(name.indexOf('/') + 1) : name
}
