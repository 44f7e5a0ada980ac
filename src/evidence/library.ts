import type { Page, PageRequest } from '../core/page.ts'
import type { Access } from '../core/principal.ts'
import type { Severity } from '../core/severity.ts'
import type { Evidence, ListedFinding } from './evidence.ts'
import type { ShownEvidence } from './intake.ts'
import type { BlobStore, EvidenceFilter, EvidenceStore } from './ports.ts'
import { subjectMatch } from './subject-match.ts'

/** Reads evidence for people. What the asker's token may not see does not exist for it. */
export class EvidenceLibrary {
  readonly #store: EvidenceStore
  readonly #blobs: BlobStore

  constructor(parts: { store: EvidenceStore; blobs: BlobStore }) {
    this.#store = parts.store
    this.#blobs = parts.blobs
  }

  async find(access: Access, id: string): Promise<ShownEvidence | undefined> {
    const evidence = await this.#store.find(id, access.confinement.repositories)
    return evidence && this.#show(evidence)
  }

  /** Newest receipt first. */
  async list(access: Access, filter: Omit<EvidenceFilter, 'visibleTo'>, page: PageRequest): Promise<Page<ShownEvidence>> {
    const { repositories } = access.confinement
    const { items, next } = await this.#store.list({ ...filter, ...(repositories && { visibleTo: repositories }) }, page)
    return { items: await Promise.all(items.map((evidence) => this.#show(evidence))), next }
  }

  /** The findings in the report's order; undefined if there is no such evidence. */
  async findings(access: Access, id: string, filter: { severity?: Severity }, page: PageRequest): Promise<Page<ListedFinding> | undefined> {
    const { repositories } = access.confinement
    if (!(await this.#store.find(id, repositories))) return undefined
    return this.#store.findings(id, { ...filter, ...(repositories && { repositories }) }, page)
  }

  /** The bytes as they are kept, secrets blanked; undefined if there is no such evidence or retention removed them. */
  async raw(access: Access, id: string): Promise<Uint8Array | undefined> {
    const evidence = await this.#store.find(id, access.confinement.repositories)
    return evidence && this.#blobs.get(evidence.storedDigest)
  }

  async #show(evidence: Evidence): Promise<ShownEvidence> {
    return { ...evidence, subjectMatch: subjectMatch(evidence, await this.#store.links(evidence.subject)) }
  }
}
