import { compareSemver } from './semver.ts'

/** Types of package URL whose versions are in the order of SemVer. Of others no range can be told: their order is another one. */
const SEMVER_TYPES: ReadonlySet<string> = new Set(['cargo', 'golang', 'hex', 'npm', 'pub'])
const ANY_OF_THEM = 'semver'

/** A run of versions; an absent end is open. */
interface Interval {
  from?: Bound
  to?: Bound
}

interface Bound {
  version: string
  inclusive: boolean
}

/** A range of versions that was read. */
export interface VersionRange {
  intervals: readonly Interval[]
  exactly: readonly string[]
  except: readonly string[]
}

/** Why a range is not to be taken in. */
export type VersionRangeFault = 'malformed' | 'unordered' | 'type_unsupported' | 'type_differs'

const RANGE = /^vers:([a-z][a-z0-9.+-]*)\/(\S+)$/
const CONSTRAINT = /^(>=|<=|!=|=|>|<)?([^<>=!|*]+)$/
const MOST_CONSTRAINTS = 20
const LONGEST = 1000
const LONGEST_VERSION = 256

/**
 * Reads a range of versions such as `vers:npm/>=1.0.0|<2.0.0` (VERS, ECMA-427): constraints in ascending order, each version once.
 * @param type of the package URL whose versions it is about
 */
export function parseVersionRange(text: string, type: string): VersionRange | VersionRangeFault {
  const [, scheme, list] = (text.length <= LONGEST ? RANGE.exec(text) : null) ?? []
  if (scheme === undefined || list === undefined) return 'malformed'
  if (!SEMVER_TYPES.has(type)) return 'type_unsupported'
  if (scheme !== type && scheme !== ANY_OF_THEM) return 'type_differs'
  const constraints = list.split('|').map(readConstraint)
  if (constraints.length > MOST_CONSTRAINTS) return 'malformed'
  const read = constraints.filter((constraint) => constraint !== undefined)
  if (read.length !== constraints.length) return 'malformed'
  return isAscending(read) ? rangeOf(read) : 'unordered'
}

/** True if the version is in the range; a version that can't be read is in none. */
export function isInRange({ intervals, exactly, except }: VersionRange, version: string): boolean {
  if (!isReadable(version)) return false
  const equals = (other: string): boolean => compareSemver(version, other) === 0
  if (except.some(equals)) return false
  return exactly.some(equals) || intervals.some((interval) => isWithin(version, interval))
}

interface Constraint {
  comparator: string
  version: string
}

function readConstraint(text: string): Constraint | undefined {
  const [, comparator = '=', encoded = ''] = CONSTRAINT.exec(text) ?? []
  const version = decoded(encoded)
  return version !== undefined && isReadable(version) ? { comparator, version } : undefined
}

function isReadable(version: string): boolean {
  return version.length <= LONGEST_VERSION && compareSemver(version, version) === 0
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function isAscending(constraints: readonly Constraint[]): boolean {
  return constraints.every(({ version }, at) => {
    const before = constraints[at - 1]
    return before === undefined || (compareSemver(before.version, version) ?? 1) < 0
  })
}

/** Lower and upper bounds must take turns: two of one kind in a row would leave open which of them is meant. */
function rangeOf(constraints: readonly Constraint[]): VersionRange | 'malformed' {
  const of = (wanted: string): string[] => constraints.flatMap(({ comparator, version }) => (comparator === wanted ? [version] : []))
  const intervals: Interval[] = []
  let from: Bound | undefined
  for (const { comparator, version } of constraints) {
    const bound = { version, inclusive: comparator.endsWith('=') }
    if (comparator.startsWith('>')) {
      if (from) return 'malformed'
      from = bound
    } else if (comparator.startsWith('<')) {
      if (!from && intervals.length > 0) return 'malformed'
      intervals.push({ ...(from && { from }), to: bound })
      from = undefined
    }
  }
  if (from) intervals.push({ from })
  const exactly = of('=')
  const except = of('!=')
  // Nothing but exceptions says what is meant without saying what it is an exception from.
  return intervals.length + exactly.length > 0 ? { intervals, exactly, except } : 'malformed'
}

function isWithin(version: string, { from, to }: Interval): boolean {
  return (!from || isOnSide(version, from, 1)) && (!to || isOnSide(version, to, -1))
}

function isOnSide(version: string, bound: Bound, side: 1 | -1): boolean {
  const order = compareSemver(version, bound.version)
  return order !== undefined && (Math.sign(order) === side || (order === 0 && bound.inclusive))
}
