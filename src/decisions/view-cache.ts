import type { Link } from '../evidence/index.ts'
import type { SelectionContext } from './evidence-selection.ts'
import type { FactsReader } from './ports.ts'
import { SubjectView } from './subject-view.ts'

const MAX_VIEWS = 500
/** Characters of composed evidence that all kept views may hold together; what they are made of takes a few times as much. */
const MAX_CHARACTERS = 16 * 1024 * 1024

/**
 * Keeps the views of recently judged subjects. A view is used again only while the store's evidence revision is the one
 * under which it was read, so a decision never misses evidence that was acknowledged before it was asked for.
 */
export class ViewCache {
  readonly #reader: FactsReader
  /** The least recently used first. */
  readonly #views = new Map<string, SubjectView>()
  readonly #reading = new Map<string, Promise<SubjectView>>()
  #revision = -1

  constructor(reader: FactsReader) {
    this.#reader = reader
  }

  async view(context: SelectionContext, declared: Link | undefined): Promise<SubjectView> {
    if (context.until !== undefined) return SubjectView.read(this.#reader, context, declared)
    const revision = await this.#reader.evidenceRevision()
    if (revision !== this.#revision) {
      this.#views.clear()
      this.#reading.clear()
      this.#revision = revision
    }
    const key = JSON.stringify([
      context.subject,
      context.askerId,
      context.askerIssuerIds,
      context.repositories,
      context.repository,
      declared?.to,
    ])
    const known = this.#views.get(key)
    if (!known) return this.#reading.get(key) ?? this.#read(key, context, declared)
    this.#views.delete(key)
    this.#views.set(key, known)
    return known
  }

  /** Reads once for all who ask at the same time. */
  async #read(key: string, context: SelectionContext, declared: Link | undefined): Promise<SubjectView> {
    const revision = this.#revision
    const reading = SubjectView.read(this.#reader, context, declared)
    this.#reading.set(key, reading)
    try {
      const view = await reading
      if (revision === this.#revision) this.#keep(key, view)
      return view
    } finally {
      if (this.#reading.get(key) === reading) this.#reading.delete(key)
    }
  }

  #keep(key: string, view: SubjectView): void {
    this.#views.set(key, view)
    let characters = 0
    for (const kept of this.#views.values()) characters += kept.characters
    for (const [oldest, { characters: freed }] of this.#views) {
      if (this.#views.size <= MAX_VIEWS && characters <= MAX_CHARACTERS) break
      if (oldest === key) break
      this.#views.delete(oldest)
      characters -= freed
    }
  }
}
