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
    for (const vex of documents) for (const statement of vex.statements) this.#add({ vex, statement, at: timeOf(statement, vex) })
  }

  /**
   * Whose word clears a finding, if anybody's: of each author's statements that apply the newest counts, and nobody's newest may
   * say that it is affected.
   * @param examined the subject of the report in which the finding stands
   */
  clearanceOf(found: Finding, examined: string): Clearance | undefined {
    const said = [...new Set([found.id, ...found.aliases].flatMap((id) => this.#byVulnerability.get(id) ?? []))]
    const newest = new Map<string, Spoken>()
    for (const spoken of said) {
      if (!spoken.statement.products.some((product) => this.#concerns(product, found, examined, spoken.vex))) continue
      const earlier = newest.get(spoken.vex.author)
      if (!earlier || outranks(spoken, earlier)) newest.set(spoken.vex.author, spoken)
    }
    const words = [...newest.values()]
    if (words.some(({ statement }) => statement.status === 'affected')) return undefined
    return words
      .filter(({ statement }) => statement.status === 'not_affected' || statement.status === 'fixed')
      .sort((a, b) => (a.vex.author < b.vex.author ? -1 : 1))[0]
  }

  #add(spoken: Spoken): void {
    for (const id of new Set(spoken.statement.vulnerability)) {
      const known = this.#byVulnerability.get(id)
      if (known) known.push(spoken)
      else this.#byVulnerability.set(id, [spoken])
    }
  }

  /** The product is the artifact in which it was found, and its components, if any, hold the package; or it is the package itself. */
  #concerns({ ids, digests, components }: VexProduct, found: Finding, examined: string, vex: TrustedVex): boolean {
    const isArtifact = [...ids, ...digests].some((id) => id === examined || this.#own.has(id))
    if (isArtifact && (components.length === 0 || components.some((id) => namesPackage(id, found, false)))) return true
    return vex.trustedForPackages && components.length === 0 && ids.some((id) => namesPackage(id, found, true))
  }
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
