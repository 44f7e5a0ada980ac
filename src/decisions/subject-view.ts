import { sha256Digest, type Digest } from '../core/digest.ts'
import { firstSeenKey, type EvidenceDocument, type IndexManifest, type Link } from '../evidence/index.ts'
import { changesAmong, contributorsIn, type NamedContributor } from './authors.ts'
import { contentsHeld, leftAfter, NO_DEBT, type HeldDebt } from './baselines/held-debt.ts'
import type { BaselineSet } from './baselines/content.ts'
import { composeEvidence, composeWithout, type ComposedEvidence, type EvidenceParts, type PreviousCoverage } from './compose-evidence.ts'
import { platformFamily, type PlatformFamily } from './platforms.ts'
import { selectEvidence, selectVex, type Selection, type SelectionContext, type SelectionRules } from './evidence-selection.ts'
import type { FactsReader, ObservedEvidence, SubjectFacts } from './ports.ts'
import { sourcesOf, visibleLinks, type LinkedSource } from './subject-links.ts'
import { VexOpinions, type TrustedVex, type VexFamily } from './vex.ts'
import { belongsToAsker } from './whose-word.ts'

/** What one pack gets to see of the evidence, with what is needed to tell its answer. */
export interface PackEvidence {
  selection: Selection
  composed: ComposedEvidence
  /** `composed.input` as JSON text. */
  json: string
  /** Of that text: tells whether a replay saw the same. */
  digest: Digest
  /** The VEX documents whose statements were considered. */
  vex: readonly TrustedVex[]
  vexFamily: VexFamily
  /** Id of a coverage report → id of the one that preceded it. */
  previous: ReadonlyMap<string, string>
  /** Why no pack can judge it; null if one can. */
  fault: string | null
  /** What of each lane's old debt the reports still show, in the order of the debt's lanes; null where nothing can tell. */
  left: readonly (BaselineSet | null)[]
}

/** What was selected under a set of rules, and what is needed to compose it. */
export interface GatheredEvidence extends Omit<EvidenceParts, 'requiredNames' | 'held'> {
  selection: Selection
  fault: string | null
}

/**
 * All that is on record about a subject, as one asker may see it. Valid while the evidence revision stays the same;
 * selections are made once for each set of rules.
 */
export class SubjectView {
  readonly facts: SubjectFacts & { family: PlatformFamily }
  readonly sources: LinkedSource[]
  readonly context: SelectionContext
  readonly #reader: FactsReader
  readonly #gathered = new Map<string, Promise<GatheredEvidence>>()
  readonly #changes: readonly ObservedEvidence[]
  readonly #contributors = new Map<string, Promise<NamedContributor[]>>()
  readonly #composed = new Map<string, Promise<PackEvidence>>()
  #characters = 0

  private constructor(reader: FactsReader, facts: SubjectView['facts'], context: SelectionContext) {
    this.#reader = reader
    this.facts = facts
    this.context = context
    this.sources = sourcesOf(context.subject, facts.links)
    const sources = [context.subject, ...this.sources.map(({ id }) => id)]
    this.#changes = changesAmong(facts.observed, sources, context)
  }

  /**
   * Reads the facts about the subject, and about the source that the asker declares for it.
   * @throws {AppError} `storage_unavailable` if they can't be read
   */
  static async read(reader: FactsReader, context: SelectionContext, declared: Link | undefined): Promise<SubjectView> {
    const known = await reader.about(context.subject)
    const facts = declared ? await withDeclared(reader, known, declared) : known
    const family = platformFamily(context.subject, facts.links, await indexManifests(reader, context, facts))
    return new SubjectView(reader, { ...facts, links: visibleLinks(facts.links, context), family }, context)
  }

  /** How much text the selections made so far hold: a measure of the memory that the view takes. */
  get characters(): number {
    return this.#characters
  }

  /** Who took part in the change, by the word of each document that the asker may see; undefined without looking further if there is none. */
  get contributors(): Promise<NamedContributor[]> | undefined {
    if (this.#changes.length === 0) return undefined
    return once(this.#contributors, '', () => contributorsIn(this.#changes, this.#reader, this.context))
  }

  /** Whether what was decided for a repository says anything to the asker. */
  concernsAsker(repository: string | null): boolean {
    return repository === null || belongsToAsker([repository], this.context)
  }

  /** The evidence that counts under the rules, without the old debt of a baseline. */
  evidenceFor(rules: SelectionRules, requiredNames: readonly string[], debt: HeldDebt = NO_DEBT): Promise<PackEvidence> {
    return once(this.#composed, JSON.stringify([rules, requiredNames, debt.key]), () => this.#compose(rules, requiredNames, debt))
  }

  /** What the rules select, before packs see it. It is kept with all that the reports say, so only who needs that asks for it. */
  gathered(rules: SelectionRules): Promise<GatheredEvidence> {
    return once(this.#gathered, JSON.stringify(rules), async () => {
      const gathered = await this.#gather(rules)
      for (const { size } of new Set(gathered.selection.counted.map(({ evidence }) => evidence))) this.#characters += size
      return gathered
    })
  }

  async #compose(rules: SelectionRules, requiredNames: readonly string[], debt: HeldDebt): Promise<PackEvidence> {
    const gathered = await (this.#gathered.get(JSON.stringify(rules)) ?? this.#gather(rules))
    const evidence = packEvidence(gathered, requiredNames, debt)
    this.#characters += evidence.json.length
    return evidence
  }

  async #gather(rules: SelectionRules): Promise<GatheredEvidence> {
    const selection = selectEvidence(this.facts, this.context, rules)
    const fault = faultIn(selection)
    const judged = fault === null ? selection : { ...selection, counted: [] }
    const documents = await this.#documents(judged)
    return {
      selection: judged,
      fault,
      documents,
      opinions: await this.#opinions(rules),
      firstSeen: await this.#firstSeen(judged, documents),
      previous: await this.#previousCoverage(judged),
    }
  }

  /** What the authors say whom the pack trusts. */
  async #opinions(rules: SelectionRules): Promise<VexOpinions> {
    const documents: TrustedVex[] = []
    for (const selected of selectVex(this.facts, this.context, rules)) {
      documents.push({ ...selected, statements: (await this.#reader.document(selected.evidence.id))?.vex ?? [] })
    }
    const indexes = this.facts.links.filter(({ kind, to }) => kind === 'platform' && to === this.context.subject).map(({ from }) => from)
    const related = this.facts.links.flatMap(({ from, to }) => [from, to])
    return new VexOpinions(documents, this.context.subject, { indexes, related })
  }

  async #documents(selection: Selection): Promise<Map<string, EvidenceDocument>> {
    const documents = new Map<string, EvidenceDocument>()
    for (const { evidence } of selection.counted) {
      if (documents.has(evidence.id)) continue
      const document = await this.#reader.document(evidence.id)
      if (document) documents.set(evidence.id, document)
    }
    return documents
  }

  #firstSeen(selection: Selection, documents: ReadonlyMap<string, EvidenceDocument>): Promise<ReadonlyMap<string, number>> {
    const keys = new Set<string>()
    for (const document of documents.values()) for (const found of document.findings) keys.add(firstSeenKey(found))
    if (keys.size === 0) return Promise.resolve(new Map())
    const repositories = new Set(selection.counted.map(({ repository }) => repository ?? ''))
    return this.#reader.firstSeen([...repositories.add('')], [...keys])
  }

  async #previousCoverage(selection: Selection): Promise<Map<string, PreviousCoverage>> {
    const previous = new Map<string, PreviousCoverage>()
    const same = [this.context.subject, ...this.sources.map((source) => source.id)]
    for (const item of selection.counted) {
      if (item.class !== 'coverage' || item.repository === null) continue
      const earlier = await this.#reader.previousCoverage(item.repository, item.evidence.name, item.time, same)
      if (!earlier?.document.coverage) continue
      const { id, digest } = earlier.evidence
      previous.set(item.evidence.id, { id, digest, coverage: earlier.document.coverage })
    }
    return previous
  }
}

/** What a pack gets to see of what was gathered, without the old debt of a baseline. */
export function packEvidence(gathered: GatheredEvidence, requiredNames: readonly string[], debt: HeldDebt = NO_DEBT): PackEvidence {
  const { selection, fault, ...parts } = gathered
  const held = contentsHeld(debt)
  const composed = composeEvidence(selection.counted, { ...parts, requiredNames, held: (item) => held.get(item) })
  const json = JSON.stringify(composed.input)
  const { documents: vex, family: vexFamily } = parts.opinions
  const previous = new Map([...parts.previous].map(([id, earlier]) => [id, earlier.id]))
  return { selection, composed, json, digest: sha256Digest(json), vex, vexFamily, previous, left: leftAfter(debt, parts.documents), fault }
}

/** What a pack gets to see without some findings. It is judged, but never stored. @param taken positions of the findings of each piece */
export function withoutFindings(evidence: PackEvidence, taken: readonly ReadonlySet<number>[]): PackEvidence {
  const composed = composeWithout(evidence.composed, taken)
  return { ...evidence, composed, json: JSON.stringify(composed.input) }
}

/** More than the largest images have with several scanners; beyond it composing would take the service's time from everybody. */
const MAX_FINDINGS = 50_000

function findingsIn({ counted }: Selection): number {
  return counted.reduce((sum, { evidence: { summary }, class: name }) => {
    const shown = summary.classes?.[name] ?? summary.counts
    return sum + [...Object.values(shown ?? {}), ...Object.values(summary.suppressed ?? {})].reduce((all, count) => all + count, 0)
  }, 0)
}

/** Why no pack can judge it; null if one can. */
function faultIn(selection: Selection): string | null {
  const findings = findingsIn(selection)
  return findings > MAX_FINDINGS
    ? `the reports that count hold ${findings} findings, and more than ${MAX_FINDINGS} can't be judged together`
    : null
}

/** The value that was made before. A read that failed is no answer: the next decision reads again. */
function once<Value>(kept: Map<string, Promise<Value>>, key: string, make: () => Promise<Value>): Promise<Value> {
  const known = kept.get(key)
  if (known) return known
  const made = make()
  kept.set(key, made)
  made.catch(() => kept.delete(key))
  return made
}

/** Adds the link that the asker declares, and the evidence about its source unless another link led there. */
async function withDeclared(reader: FactsReader, facts: SubjectFacts, declared: Link): Promise<SubjectFacts> {
  const links = [...facts.links, declared]
  if (facts.links.some(({ to }) => to === declared.to)) return { ...facts, links }
  const source = await reader.about(declared.to)
  return { links, observed: [...facts.observed, ...source.observed.filter(({ evidence }) => evidence.subject === declared.to)] }
}

/**
 * What the linked indexes list by their own bytes. Anybody can post an index that lists a subject, so only those are read that matter: the
 * judged one, and those that other evidence is about or names, as far as the asker may see them.
 */
async function indexManifests(
  reader: FactsReader,
  context: SelectionContext,
  facts: SubjectFacts,
): Promise<Map<string, readonly IndexManifest[]>> {
  const manifests = new Map<string, readonly IndexManifest[]>()
  const observed = facts.observed.filter(({ observation }) => belongsToAsker(observation.repositories, context))
  const { links } = facts
  const linked = new Set(links.flatMap(({ kind, from }) => (kind === 'platform' ? [from] : [])))
  const others = observed.filter(({ evidence }) => !evidence.summary.scanned.includes('index'))
  const named = new Set<string>([context.subject, ...others.flatMap(({ evidence }) => [evidence.subject, ...evidence.statedDigests])])
  for (const { evidence } of observed) {
    if (!linked.has(evidence.subject) || !named.has(evidence.subject) || manifests.has(evidence.subject)) continue
    if (!evidence.summary.scanned.includes('index')) continue
    const document = await reader.document(evidence.id)
    if (document?.manifests) manifests.set(evidence.subject, document.manifests)
  }
  return manifests
}
