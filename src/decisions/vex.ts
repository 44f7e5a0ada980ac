import { isSamePackage, parsePurl, type PackageUrl } from '../core/purl.ts'
import { parseInstant } from '../core/time.ts'
import { VEX_STATUSES, type Finding, type VexProduct, type VexStatement } from '../evidence/index.ts'
import type { SelectedVex } from './evidence-selection.ts'

/** A VEX document whose author a pack trusts, with what it says. */
export interface TrustedVex extends SelectedVex {
  statements: readonly VexStatement[]
}

/** A trusted author's word that a finding doesn't count. */
export interface Clearance {
  vex: TrustedVex
  statement: VexStatement
}

interface Spoken extends Clearance {
  /** Milliseconds since the epoch; never later than the receipt. */
  at: number
}

/** What trusted authors say, indexed by vulnerability. */
export class VexOpinions {
  readonly #byVulnerability = new Map<string, Spoken[]>()
  readonly #own: ReadonlySet<string>
  readonly documents: readonly TrustedVex[]

  /**
   * @param subject the judged subject
   * @param indexes of which the judged subject is a platform: what is said of the index holds for it
   */
  constructor(documents: readonly TrustedVex[], subject: string, indexes: readonly string[]) {
    this.documents = documents
    this.#own = new Set([subject, ...indexes])
    const current = newestVersions(documents)
    for (const vex of documents) {
      for (const statement of vex.statements) {
        const replacing = current.get(versionKey(vex, statement))
        if (counts(statement, vex) && (replacing === undefined || replacing === vex))
          this.#add({ vex, statement, at: timeOf(statement, vex) })
      }
    }
  }

  /**
   * Whose word clears a finding, if anybody's: of each author's statements about an id the newest counts, and nobody's newest may say
   * that it is affected. An advisory about several CVEs is cleared only if each of them is.
   * @param examined the subject of the report in which the finding stands
   */
  clearanceOf(found: Finding, examined: string): Clearance | undefined {
    if (this.#byVulnerability.size === 0) return undefined
    const ids = [...new Set([found.id, ...found.aliases])]
    const words = new Map(ids.map((id) => [id, this.#newestAbout(id, found, examined)]))
    if ([...words.values()].flat().some(({ statement }) => statement.status === 'affected')) return undefined
    const clearing = new Map(ids.map((id) => [id, words.get(id)?.find(({ statement }) => clears(statement))]))
    const several = ids.filter((id) => id.startsWith('CVE-'))
    if (several.length > 1 && several.some((id) => clearing.get(id) === undefined)) return undefined
    return ids.flatMap((id) => clearing.get(id) ?? [])[0]
  }

  /** Each author's newest word about an id that concerns the finding, in order of their names. */
  #newestAbout(id: string, found: Finding, examined: string): Spoken[] {
    const newest = new Map<string, Spoken>()
    for (const spoken of this.#byVulnerability.get(id) ?? []) {
      if (!spoken.statement.products.some((product) => this.#concerns(product, found, examined, spoken))) continue
      const earlier = newest.get(spoken.vex.author)
      if (!earlier || outranks(spoken, earlier)) newest.set(spoken.vex.author, spoken)
    }
    return [...newest.values()].sort((a, b) => (a.vex.author < b.vex.author ? -1 : 1))
  }

  #add(spoken: Spoken): void {
    for (const id of new Set(spoken.statement.vulnerability)) {
      const known = this.#byVulnerability.get(id)
      if (known) known.push(spoken)
      else this.#byVulnerability.set(id, [spoken])
    }
  }

  /**
   * The product is the artifact in which it was found, and its components, if any, hold the package; or it is the package itself, which
   * clears only with its version, and from an author trusted for packages. To say that a package is affected takes neither.
   */
  #concerns({ ids, digests, components }: VexProduct, found: Finding, examined: string, { vex, statement }: Spoken): boolean {
    const isArtifact = [...ids, ...digests].some((id) => id === examined || this.#own.has(id))
    if (isArtifact && (components.length === 0 || components.some((id) => namesPackage(id, found, false)))) return true
    if (components.length > 0 || (clears(statement) && !vex.trustedForPackages)) return false
    return ids.some((id) => namesPackage(id, found, clears(statement)))
  }
}

function clears({ status }: VexStatement): boolean {
  return status === 'not_affected' || status === 'fixed'
}

/** Of a document that isn't complete nothing clears, but what it says against still counts. */
function counts(statement: VexStatement, { evidence }: TrustedVex): boolean {
  return evidence.completeness === 'complete' || !clears(statement)
}

function versionKey({ author }: TrustedVex, { document }: VexStatement): string {
  return document === null ? '' : JSON.stringify([author, document])
}

/** Of each author's documents of one id, the one that is dated, or else was received, last. */
function newestVersions(documents: readonly TrustedVex[]): Map<string, TrustedVex> {
  const newest = new Map<string, TrustedVex>()
  for (const vex of documents) {
    for (const key of new Set(vex.statements.map((statement) => versionKey(vex, statement)))) {
      const earlier = newest.get(key)
      if (key !== '' && (!earlier || isLaterVersion(vex, earlier))) newest.set(key, vex)
    }
  }
  return newest
}

function isLaterVersion(a: TrustedVex, b: TrustedVex): boolean {
  const [left, right] = [dateOf(a), dateOf(b)]
  return left === right ? a.received > b.received : left > right
}

function dateOf({ evidence, received }: TrustedVex): number {
  return Math.min(parseInstant(evidence.reportedAt) ?? received, received)
}

/** Every version, qualifier and name that the identifier states must be the package's own. */
function namesPackage(id: string, found: Finding, needsVersion: boolean): boolean {
  const named = parsePurl(id)
  const actual = found.purl === null ? undefined : parsePurl(found.purl)
  if (!named || !actual || !isSamePackage(named, actual) || (needsVersion && named.version === null)) return false
  if (named.version !== null && named.version !== actual.version) return false
  return hasQualifiers(actual, named)
}

function hasQualifiers(actual: PackageUrl, named: PackageUrl): boolean {
  return [...named.qualifiers].every(([key, value]) => actual.qualifiers.get(key) === value)
}

/** Later, or at the same time the worse. */
function outranks(a: Spoken, b: Spoken): boolean {
  if (a.at !== b.at) return a.at > b.at
  return VEX_STATUSES.indexOf(a.statement.status) < VEX_STATUSES.indexOf(b.statement.status)
}

function timeOf(statement: VexStatement, vex: TrustedVex): number {
  return Math.min(parseInstant(statement.at) ?? vex.received, vex.received)
}
