import type { Link } from '../evidence/index.ts'
import type { SelectionContext } from './evidence-selection.ts'
import type { FactsReader } from './ports.ts'
import { SubjectView } from './subject-view.ts'

const MAX_VIEWS = 500

/**
 * Keeps the views of recently judged subjects. A view is used again only while the store's evidence revision is the one
 * under which it was read, so a decision never misses evidence that was acknowledged before it was asked for.
 */
export class ViewCache {
  readonly #reader: FactsReader
  readonly #views = new Map<string, Promise<SubjectView>>()
  #revision = -1

  constructor(reader: FactsReader) {
    this.#reader = reader
  }

  async view(context: SelectionContext, declared: Link | undefined): Promise<SubjectView> {
    if (context.until !== undefined) return SubjectView.read(this.#reader, context, declared)
    const revision = await this.#reader.evidenceRevision()
    if (revision !== this.#revision) {
      this.#views.clear()
      this.#revision = revision
    }
    const key = JSON.stringify([context.subject, context.askerId, context.repository, declared?.to])
    const known = this.#views.get(key)
    if (known) return known
    const view = SubjectView.read(this.#reader, context, declared)
    this.#keep(key, view)
    return view
  }

  #keep(key: string, view: Promise<SubjectView>): void {
    const oldest = this.#views.keys().next()
    if (this.#views.size >= MAX_VIEWS && !oldest.done) this.#views.delete(oldest.value)
    this.#views.set(key, view)
    view.catch(() => this.#views.delete(key))
  }
}
