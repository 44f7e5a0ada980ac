import { isExactGlob } from '../../core/glob.ts'
import { parsePurl, type PackageUrl } from '../../core/purl.ts'
import { matchesRepository, withoutHost } from '../../core/repository.ts'
import { packageKey, PackageScope } from './package-scope.ts'
import type { Waiver } from './waiver.ts'

/** A finding as far as waivers look at it. */
export interface WaivableFinding {
  id: string
  aliases: readonly string[]
  purl: string | null
  version: string | null
}

/** Where something is judged. A waiver is a right, so names fit exactly, in their letter case too. */
export interface WaiverPlace {
  /** Identity of the subject. */
  subject: string
  stage: string
  environment: string
  /** The repository that is proven; null fits no waiver that names one. */
  repository: string | null
  /** Milliseconds since the epoch. */
  at: number
}

interface Entry {
  waiver: Waiver
  packages: PackageScope | null
  /** Milliseconds since the epoch. */
  endsAt: number
}

/** Waivers of one rule about the same finding or package, by where they apply. */
interface Shelf {
  bySubject: Map<string, Entry[]>
  byRepository: Map<string, Entry[]>
  anywhere: Entry[]
}

const WHOLE_RULE = ''

/** Finds the waiver that fits among very many that don't. */
export class WaiverIndex {
  readonly #rules = new Map<string, Map<string, Shelf>>()
  /** What applies at a place, worked out once however many findings are asked about. */
  readonly #applying = new WeakMap<WaiverPlace, Map<Shelf, readonly Entry[]>>()

  /** @param waivers that count */
  constructor(waivers: readonly Waiver[]) {
    for (const waiver of waivers) this.#add(waiver)
  }

  /** Whether any waiver names exactly this rule. */
  names(rule: string): boolean {
    return this.#rules.has(rule)
  }

  /** The waiver that takes the finding out of what a rule counts; of several the one that ends last. */
  forFinding(rule: string, found: WaivableFinding, place: WaiverPlace): Waiver | undefined {
    const shelves = this.#rules.get(rule)
    if (!shelves) return undefined
    const actual = found.purl === null ? undefined : parsePurl(found.purl)
    const fits = ({ waiver: { scope }, packages }: Entry): boolean => {
      if (scope.vulnerability !== null && !isAbout(found, scope.vulnerability)) return false
      return scope.purl === null || (actual !== undefined && packages?.holds(actual, found.version) === true)
    }
    const keys = [
      WHOLE_RULE,
      ...new Set([found.id, ...found.aliases].map(ofFinding)),
      ...(actual ? packageKeys(actual, found.version) : []),
    ]
    const fitting = keys.flatMap((key) => this.#entriesFor(shelves.get(key), place).find(fits) ?? [])
    return fitting.sort(lastToEndFirst)[0]?.waiver
  }

  /** The waiver for a violation that rests on no finding: only one that names the whole rule is. */
  forViolation(rule: string, place: WaiverPlace): Waiver | undefined {
    return this.#entriesFor(this.#rules.get(rule)?.get(WHOLE_RULE), place)[0]?.waiver
  }

  /** Those that apply at the place, the last to end first. */
  #entriesFor(shelf: Shelf | undefined, place: WaiverPlace): readonly Entry[] {
    if (!shelf) return []
    const applying = this.#applying.get(place) ?? new Map<Shelf, readonly Entry[]>()
    this.#applying.set(place, applying)
    return made(applying, shelf, () => entriesAt(shelf, place))
  }

  #add(waiver: Waiver): void {
    const { rule, vulnerability, purl, subject, repository } = waiver.scope
    const packages = purl === null ? null : PackageScope.read(purl)
    if (packages === undefined) return
    const key = vulnerability !== null ? ofFinding(vulnerability) : packages ? ofPackage(packages.key, packages.exactly) : WHOLE_RULE
    const shelf = made(
      made(this.#rules, rule, () => new Map<string, Shelf>()),
      key,
      emptyShelf,
    )
    const entry = { waiver, packages, endsAt: Date.parse(waiver.expiresAt) }
    if (subject !== null) made(shelf.bySubject, subject, () => []).push(entry)
    else if (repository !== null && isExactGlob(repository)) made(shelf.byRepository, repository, () => []).push(entry)
    else shelf.anywhere.push(entry)
  }
}

function emptyShelf(): Shelf {
  return { bySubject: new Map(), byRepository: new Map(), anywhere: [] }
}

function made<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const value = make()
  map.set(key, value)
  return value
}

function ofFinding(id: string): string {
  return `id ${id}`
}

/** @param version null for all of them, or a range */
function ofPackage(key: string, version: string | null): string {
  return `package ${key} ${version ?? ''}`
}

function packageKeys(actual: PackageUrl, version: string | null): string[] {
  const [key, exactly] = [packageKey(actual), actual.version ?? version]
  return exactly === null || exactly === '' ? [ofPackage(key, null)] : [ofPackage(key, null), ofPackage(key, exactly)]
}

function entriesAt(shelf: Shelf, place: WaiverPlace): Entry[] {
  const { repository } = place
  const names = repository === null ? [] : [...new Set([repository, withoutHost(repository)])]
  const candidates = [
    ...(shelf.bySubject.get(place.subject) ?? []),
    ...names.flatMap((name) => shelf.byRepository.get(name) ?? []),
    ...shelf.anywhere,
  ]
  return candidates.filter((entry) => appliesTo(entry, place)).sort(lastToEndFirst)
}

function appliesTo({ waiver: { scope }, endsAt }: Entry, { subject, stage, environment, repository, at }: WaiverPlace): boolean {
  if (!(endsAt > at)) return false
  if (scope.subject !== null && scope.subject !== subject) return false
  if (scope.stage !== null && scope.stage !== stage) return false
  if (scope.environment !== null && scope.environment !== environment) return false
  return scope.repository === null || (repository !== null && matchesRepository(scope.repository, repository))
}

/**
 * Whether a finding is about a vulnerability, by its id or an alias. An alias says nothing where the finding has another id of the same kind: an
 * advisory about two vulnerabilities, or a report that passes one off as another, is not waived by what was said of one of them.
 */
function isAbout({ id, aliases }: WaivableFinding, vulnerability: string): boolean {
  if (id === vulnerability) return true
  if (!aliases.includes(vulnerability)) return false
  return [id, ...aliases].every((other) => other === vulnerability || kindOf(other) !== kindOf(vulnerability))
}

/** `CVE`, `GHSA`: what an id begins with. */
function kindOf(id: string): string {
  const dash = id.indexOf('-')
  return (dash === -1 ? id : id.slice(0, dash)).toUpperCase()
}

/** Those that end together in the order of their ids. */
function lastToEndFirst(a: Entry, b: Entry): number {
  return b.endsAt - a.endsAt || (a.waiver.id < b.waiver.id ? -1 : 1)
}
