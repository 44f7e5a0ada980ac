import { isSamePackage, parsePurl, type PackageUrl } from '../core/purl.ts'
import { parseInstant } from '../core/time.ts'
import { VEX_STATUSES, type Finding, type VexStatement } from '../evidence/index.ts'
import type { SelectedVex } from './evidence-selection.ts'

/** A VEX document whose author a pack trusts, with what it says. */
export interface TrustedVex extends SelectedVex {
  statements: readonly VexStatement[]
}

/** The artifacts that statements about the judged subject may name. */
export interface VexFamily {
  /** Those of which the judged subject is a platform: what is said of the index holds for it. */
  indexes: readonly string[]
  /** All whose reports are seen. */
  related: readonly string[]
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
  /** By vulnerability, and within it by the package that is spoken of (`''` for the whole artifact). */
  readonly #words = new Map<string, Map<string, Word[]>>()
  readonly #own: ReadonlySet<string>
  readonly #related: ReadonlySet<string>
  readonly documents: readonly TrustedVex[]
  readonly family: VexFamily

  /** @param subject the judged subject */
  constructor(documents: readonly TrustedVex[], subject: string, family: VexFamily) {
    this.documents = documents
    this.family = family
    this.#own = new Set([subject, ...family.indexes])
    this.#related = new Set([...this.#own, ...family.related])
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
    if (this.#words.size === 0) return undefined
    const ids = [...new Set([found.id, ...found.aliases])]
    const words = new Map(ids.map((id) => [id, this.#newestAbout(id, found, examined)]))
    if ([...words.values()].some((said) => said?.some(({ statement }) => statement.status === 'affected') ?? true)) return undefined
    const clearing = new Map(ids.map((id) => [id, words.get(id)?.find(({ statement }) => clears(statement))]))
    const several = ids.filter((id) => id.startsWith('CVE-'))
    if (several.length > 1 && several.some((id) => clearing.get(id) === undefined)) return undefined
    return ids.flatMap((id) => clearing.get(id) ?? [])[0]
  }

  /** Each author's newest word about an id that concerns the finding, in order of their names; undefined if there are too many to hear. */
  #newestAbout(id: string, found: Finding, examined: string): Spoken[] | undefined {
    const newest = new Map<string, Spoken>()
    const byPackage = this.#words.get(id)
    const actual = found.purl === null ? undefined : parsePurl(found.purl)
    const said = [...(byPackage?.get('') ?? []), ...(actual ? (byPackage?.get(packageKey(actual)) ?? []) : [])]
    if (said.length > MAX_WORDS) return undefined
    for (const word of said) {
      if (!this.#concerns(word, actual, examined)) continue
      const earlier = newest.get(word.spoken.vex.author)
      if (!earlier || outranks(word.spoken, earlier)) newest.set(word.spoken.vex.author, word.spoken)
    }
    return [...newest.values()].sort((a, b) => (a.vex.author < b.vex.author ? -1 : 1))
  }

  /** Files a statement by every vulnerability and package that it names, so that a finding meets only what may be about it. */
  #add(spoken: Spoken): void {
    for (const { ids, digests, components } of spoken.statement.products) {
      const artifacts = [...ids, ...digests].filter((id) => this.#related.has(id))
      const ofPackages = components.length === 0
      for (const id of new Set(spoken.statement.vulnerability)) {
        if (ofPackages && artifacts.length > 0) this.#file(id, '', { spoken, artifacts, named: null })
        for (const named of (ofPackages ? ids : components).flatMap((text) => parsePurl(text) ?? [])) {
          if (ofPackages || artifacts.length > 0)
            this.#file(id, packageKey(named), { spoken, artifacts: ofPackages ? null : artifacts, named })
        }
      }
    }
  }

  #file(id: string, key: string, word: Word): void {
    const byPackage = this.#words.get(id) ?? new Map<string, Word[]>()
    this.#words.set(id, byPackage)
    const known = byPackage.get(key)
    if (known) known.push(word)
    else byPackage.set(key, [word])
  }

  /**
   * The product is the artifact in which it was found, and its components, if any, hold the package; or it is the package itself, which
   * clears only with its version, and from an author trusted for packages. To say that a package is affected takes neither.
   */
  #concerns({ spoken, artifacts, named }: Word, actual: PackageUrl | undefined, examined: string): boolean {
    if (artifacts !== null && !artifacts.some((id) => id === examined || this.#own.has(id))) return false
    if (named === null) return true
    if (!actual || !isWithin(actual, named)) return false
    return artifacts !== null || !clears(spoken.statement) || (spoken.vex.trustedForPackages && named.version !== null)
  }
}

/** A statement about one product and one package of it. */
interface Word {
  spoken: Spoken
  /** What the product may be, of all that is seen; null if it is the package itself. */
  artifacts: readonly string[] | null
  /** The package; null for all of the product. */
  named: PackageUrl | null
}

/** More than anybody has to say of one package: then nothing is cleared. */
const MAX_WORDS = 500

function packageKey({ type, namespace, name }: PackageUrl): string {
  return JSON.stringify([type, namespace, name])
}

/** Every version, qualifier and name that the identifier states must be the package's own. */
function isWithin(actual: PackageUrl, named: PackageUrl): boolean {
  if (!isSamePackage(named, actual) || (named.version !== null && named.version !== actual.version)) return false
  return [...named.qualifiers].every(([key, value]) => actual.qualifiers.get(key) === value)
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

/** Later, or at the same time the worse. */
function outranks(a: Spoken, b: Spoken): boolean {
  if (a.at !== b.at) return a.at > b.at
  return VEX_STATUSES.indexOf(a.statement.status) < VEX_STATUSES.indexOf(b.statement.status)
}

function timeOf(statement: VexStatement, vex: TrustedVex): number {
  return Math.min(parseInstant(statement.at) ?? vex.received, vex.received)
}
