import { isSamePackage, parsePurl, type PackageUrl } from '../../core/purl.ts'
import { isInRange, parseVersionRange, type VersionRange, type VersionRangeFault } from '../../core/version-range.ts'

/** Qualifier that holds a range of versions (package URL, section "Known qualifiers"). */
const RANGE_QUALIFIER = 'vers'

/** Why the package URL of a scope is not to be taken in. */
export interface PackageFault {
  /** As the sentence goes on. */
  what: string
  remedy: string
  /** True if the range of versions is at fault. */
  range: boolean
}

const RANGE_FAULTS: Readonly<Record<VersionRangeFault, Pick<PackageFault, 'what' | 'remedy'>>> = {
  malformed: { what: 'is malformed', remedy: 'Write it like pkg:npm/lodash?vers=vers:npm/>=4.0.0|<4.17.21, with at most 20 constraints.' },
  unordered: { what: 'is not in ascending order', remedy: 'Name each version once, the lowest first.' },
  type_unsupported: {
    what: 'is of a type of package whose versions can’t be put in order',
    remedy: 'Name one version, as in pkg:deb/debian/openssl@3.0.14. Ranges are known for cargo, golang, hex, npm and pub.',
  },
  type_differs: { what: 'is for another type of package', remedy: 'Begin it with vers: and the type of the package, or with vers:semver.' },
}

/** What is wrong with the package URL of a scope; undefined if nothing is. */
export function packageFault(text: string): PackageFault | undefined {
  const named = parsePurl(text)
  if (!named || !/^[\x21-\x7e]+$/.test(text)) {
    return { what: 'is no package URL', remedy: 'Write it like pkg:npm/lodash or pkg:deb/debian/openssl@3.0.14.', range: false }
  }
  const vers = named.qualifiers.get(RANGE_QUALIFIER)
  if (vers === undefined) return undefined
  if (named.version !== null) return { what: 'has a version and a range', remedy: 'Leave one of them out.', range: false }
  const range = parseVersionRange(vers, named.type)
  return typeof range === 'string' ? { ...RANGE_FAULTS[range], range: true } : undefined
}

/** The packages that a scope names. */
export class PackageScope {
  readonly #named: PackageUrl
  readonly #range: VersionRange | null
  readonly #qualifiers: readonly (readonly [string, string])[]

  private constructor(named: PackageUrl, range: VersionRange | null) {
    this.#named = named
    this.#range = range
    this.#qualifiers = [...named.qualifiers].filter(([key]) => key !== RANGE_QUALIFIER)
  }

  /** @returns undefined if the text can't be read, which then fits nothing */
  static read(text: string): PackageScope | undefined {
    const named = parsePurl(text)
    const vers = named?.qualifiers.get(RANGE_QUALIFIER)
    if (!named || packageFault(text)) return undefined
    const range = vers === undefined ? null : parseVersionRange(vers, named.type)
    return typeof range === 'string' ? undefined : new PackageScope(named, range)
  }

  /** Names the package, whatever its version. */
  get key(): string {
    return packageKey(this.#named)
  }

  /** The one version that it names; null if it names none. */
  get exactly(): string | null {
    return this.#named.version
  }

  /** Every version and qualifier that the scope states must be the package's own. @param version where its URL states none */
  holds(actual: PackageUrl, version: string | null): boolean {
    if (!isSamePackage(this.#named, actual)) return false
    if (!this.#qualifiers.every(([key, value]) => actual.qualifiers.get(key) === value)) return false
    const found = actual.version ?? version
    if (this.#named.version !== null) return found === this.#named.version
    return this.#range === null || (found !== null && isInRange(this.#range, found))
  }
}

/** Names a package, whatever its version. */
export function packageKey({ type, namespace, name }: PackageUrl): string {
  return JSON.stringify([type, namespace, name])
}
