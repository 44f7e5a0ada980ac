import type { Digest } from '../core/digest.ts'
import { firstSeenKey, type EvidenceDocument, type Link } from '../evidence/index.ts'
import type { InputEvidence } from '../policy/input.ts'
import { composeEvidence } from './compose-evidence.ts'
import { selectEvidence, sourcesOf, type Selection, type SelectionContext, type SelectionRules } from './evidence-selection.ts'
import type { FactsReader, SubjectFacts } from './ports.ts'

/** What one pack gets to see of the evidence, with what is needed to tell its answer. */
export interface PackEvidence {
  selection: Selection
  composed: InputEvidence[]
  /** `composed` as JSON text. */
  json: string
  /** Evidence id → document, for the selected ones. */
  documents: ReadonlyMap<string, EvidenceDocument>
}

/**
 * All that is on record about a subject, as one asker may see it. Valid while the evidence revision stays the same;
 * selections are made once for each set of rules.
 */
export class SubjectView {
  readonly facts: SubjectFacts
  readonly sources: ReturnType<typeof sourcesOf>
  readonly #reader: FactsReader
  readonly #context: SelectionContext
  readonly #selections = new Map<string, Promise<PackEvidence>>()
  #characters = 0

  private constructor(reader: FactsReader, facts: SubjectFacts, context: SelectionContext) {
    this.#reader = reader
    this.facts = facts
    this.#context = context
    this.sources = sourcesOf(context.subject, facts.links)
  }

  /**
   * Reads the facts about the subject, and about the source that the asker declares for it.
   * @throws {AppError} `storage_unavailable` if they can't be read
   */
  static async read(reader: FactsReader, context: SelectionContext, declared: Link | undefined): Promise<SubjectView> {
    const facts = await reader.about(context.subject)
    if (!declared || facts.links.some((link) => link.to === declared.to && link.from === declared.from)) {
      return new SubjectView(reader, facts, context)
    }
    const source = await reader.about(declared.to)
    const own = source.observed.filter(({ evidence }) => evidence.subject === declared.to)
    return new SubjectView(reader, { links: [...facts.links, declared], observed: [...facts.observed, ...own] }, context)
  }

  /** How much text the selections made so far hold: a measure of the memory that the view takes. */
  get characters(): number {
    return this.#characters
  }

  /** The evidence that counts under the rules. */
  evidenceFor(rules: SelectionRules, requiredNames: readonly string[]): Promise<PackEvidence> {
    const key = JSON.stringify([rules, requiredNames])
    let selected = this.#selections.get(key)
    if (!selected) {
      selected = this.#select(rules, requiredNames)
      this.#selections.set(key, selected)
    }
    return selected
  }

  async #select(rules: SelectionRules, requiredNames: readonly string[]): Promise<PackEvidence> {
    const selection = selectEvidence(this.facts, this.#context, rules)
    const documents = await this.#documents(selection)
    const composed = composeEvidence(selection.counted, {
      documents,
      firstSeen: await this.#firstSeen(documents),
      previous: await this.#previousCoverage(selection),
      requiredNames,
    })
    const json = JSON.stringify(composed)
    this.#characters += json.length
    return { selection, composed, json, documents }
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

  #firstSeen(documents: ReadonlyMap<string, EvidenceDocument>): Promise<ReadonlyMap<string, number>> {
    const keys = new Set<string>()
    for (const document of documents.values()) for (const found of document.findings) keys.add(firstSeenKey(found))
    if (keys.size === 0) return Promise.resolve(new Map())
    const { repository } = this.#context
    return this.#reader.firstSeen(repository === null ? [''] : [repository, ''], [...keys])
  }

  async #previousCoverage(
    selection: Selection,
  ): Promise<Map<string, { digest: Digest; coverage: NonNullable<EvidenceDocument['coverage']> }>> {
    const previous = new Map<string, { digest: Digest; coverage: NonNullable<EvidenceDocument['coverage']> }>()
    const { repository, subject } = this.#context
    if (repository === null) return previous
    for (const item of selection.counted) {
      if (item.class !== 'coverage') continue
      const earlier = await this.#reader.previousCoverage(repository, item.evidence.name, item.time, [
        subject,
        ...this.sources.map((source) => source.id),
      ])
      if (earlier?.document.coverage)
        previous.set(item.evidence.id, { digest: earlier.evidence.digest, coverage: earlier.document.coverage })
    }
    return previous
  }
}
