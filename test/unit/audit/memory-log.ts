import { sealEntry } from '../../../src/audit/entry.ts'
import { append, EMPTY_RANGE, leafHash, rootOf, type CompactRange, type NodeId, type TreeHash } from '../../../src/audit/merkle.ts'
import type { EntryFilter, LogReader, StoredEntry } from '../../../src/audit/ports.ts'
import { canonicalDigest } from '../../../src/core/canonical-json.ts'
import type { EntryDraft } from '../../../src/core/log-entry.ts'
import type { Page, PageRequest } from '../../../src/core/page.ts'

/** A log in memory that keeps complete subtrees only, as a store does. */
export class MemoryLog implements LogReader {
  readonly stored: StoredEntry[] = []
  readonly #nodes = new Map<string, TreeHash>()
  #range: CompactRange = EMPTY_RANGE

  add(draft: EntryDraft): StoredEntry {
    const { leaf, detail } = sealEntry(draft)
    const entry = { index: this.stored.length, leaf, detail }
    const { range, completed } = append(this.#range, leafHash(leaf))
    this.#range = range
    for (const node of completed) this.#nodes.set(`${node.level}/${node.index}`, node.hash)
    this.stored.push(entry)
    return entry
  }

  async head(): Promise<{ size: number; root: TreeHash }> {
    return { size: this.#range.size, root: rootOf(this.#range) }
  }

  async entry(index: number): Promise<StoredEntry | undefined> {
    return this.stored[index]
  }

  async entries(_filter: EntryFilter, page: PageRequest): Promise<Page<StoredEntry>> {
    return { items: this.stored.slice(0, page.limit), next: null }
  }

  async nodes(ids: readonly NodeId[]): Promise<TreeHash[]> {
    return ids.map(([level, index]) => {
      const hash = this.#nodes.get(`${level}/${index}`)
      if (!hash) throw new Error(`no complete subtree [${level}, ${index}]`)
      return hash
    })
  }
}

interface Changes {
  verdict?: 'allow' | 'deny'
  expiresAt?: string
  subject?: string
  repository?: string | null
  verified?: string[]
}

/** The draft of a decision's entry, as the gate writes it. */
export function decisionDraft(changes: Changes = {}): EntryDraft {
  return {
    type: 'decision',
    at: '2026-03-01T10:00:00.000Z',
    actor: '0195a0aa-0000-7000-8000-000000000001',
    subject: changes.subject ?? canonicalDigest('image'),
    stage: 'production',
    environment: 'live',
    requestId: 'request-1',
    body: {
      digest: canonicalDigest('record'),
      id: '0195a0aa-0000-7000-8000-000000000002',
      verdict: changes.verdict ?? 'allow',
      enforced: true,
      expiresAt: changes.expiresAt ?? '2026-03-08T10:00:00.000Z',
      repository: changes.repository === undefined ? 'acme/cart' : changes.repository,
      verified: changes.verified ?? [],
      rules: [],
      evidence: [canonicalDigest('report')],
    },
    detail: { author: 'someone' },
  }
}
