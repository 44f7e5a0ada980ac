import { sealEntry } from '../../audit/entry.ts'
import { append, leafHash, rootOf, type CompactRange } from '../../audit/merkle.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import { spanBucket } from '../time-spans.ts'
import { BULK, type BulkTable, type Cell } from './bulk-table.ts'
import type { WriteEngine } from './engine.ts'

/** What other parts of the service cache, and must read again when it changed. */
export type Revision =
  'evidence' | 'tokens' | 'bindings' | 'ownership' | 'issuers' | 'policies' | 'waivers' | 'approvals' | 'calendars' | 'blocks'

const HASH_BYTES = 32
const NODE_LEVELS = 8

/**
 * The operations of one transaction. Rows of the hot path are gathered here and flushed together; everything else is
 * written at once, through `engine`.
 */
export class WriteBatch {
  readonly engine: WriteEngine
  readonly #committedSize: number
  #tree: CompactRange
  #rows = new Map<BulkTable, (readonly Cell[])[]>()
  #keyed = new Map<BulkTable, Map<string, readonly Cell[]>>()
  #changed = new Set<Revision>()

  private constructor(engine: WriteEngine, tree: CompactRange) {
    this.engine = engine
    this.#tree = tree
    this.#committedSize = tree.size
  }

  /** Begins the transaction and takes the lock that sequences all writers. */
  static async begin(engine: WriteEngine): Promise<WriteBatch> {
    const { size, frontier } = await engine.begin()
    const hashes: Uint8Array[] = []
    for (let at = 0; at < frontier.length; at += HASH_BYTES) hashes.push(frontier.slice(at, at + HASH_BYTES))
    return new WriteBatch(engine, { size, hashes })
  }

  /** The caches that this batch makes stale. */
  get changed(): readonly Revision[] {
    return [...this.#changed]
  }

  /** Number of leaves, those of this batch included. */
  get logSize(): number {
    return this.#tree.size
  }

  /**
   * Seals a fact and appends it to the log.
   * @param repository whose lists show the entry; the record says so
   * @returns its index
   */
  append(draft: EntryDraft, record?: string, repository: string | null = null): number {
    const { leaf, detail } = sealEntry(draft)
    const hash = leafHash(leaf)
    const idx = this.#tree.size
    const { range, completed } = append(this.#tree, hash)
    this.#tree = range
    const { type, at, actor, subject = null, stage = null, environment = null } = draft
    this.add(BULK.logEntries, [idx, type, at, actor, subject, stage, environment, repository, leaf, hash])
    for (const [field, { salt, value }] of Object.entries(detail)) this.add(BULK.logDetails, [idx, field, salt, JSON.stringify(value)])
    if (record !== undefined) this.add(BULK.logRecords, [idx, record])
    for (const node of completed) {
      if (node.level > 0 && node.level % NODE_LEVELS === 0) this.add(BULK.logNodes, [node.level, node.index, node.hash])
    }
    this.#extendSpan(at, idx)
    return idx
  }

  /** Gathers a row for the next flush. */
  add(table: BulkTable, row: readonly Cell[]): void {
    const rows = this.#rows.get(table)
    if (rows) rows.push(row)
    else this.#rows.set(table, [row])
  }

  /** Gathers a row for the next flush; a later one under the same key takes its place. */
  put(table: BulkTable, key: string, row: readonly Cell[]): void {
    const rows = this.#keyed.get(table)
    if (rows) rows.set(key, row)
    else this.#keyed.set(table, new Map([[key, row]]))
  }

  /** A row gathered under this key and not yet flushed. */
  pending(table: BulkTable, key: string): readonly Cell[] | undefined {
    return this.#keyed.get(table)?.get(key)
  }

  /** Notes that a cache is stale from this batch on. */
  touch(revision: Revision): void {
    this.#changed.add(revision)
  }

  async flush(): Promise<void> {
    const [rows, keyed] = [this.#rows, this.#keyed]
    this.#rows = new Map()
    this.#keyed = new Map()
    for (const [table, gathered] of rows) await this.engine.insert(table, gathered)
    for (const [table, gathered] of keyed) await this.engine.insert(table, [...gathered.values()])
  }

  /** Runs an operation so that its failure undoes nothing but its own writes. */
  async isolated<Result>(operation: () => Promise<Result>): Promise<Result> {
    await this.flush()
    await this.engine.savepoint()
    const [tree, changed] = [this.#tree, new Set(this.#changed)]
    try {
      const result = await operation()
      await this.flush()
      await this.engine.releaseSavepoint()
      return result
    } catch (error) {
      if (this.engine.isUnavailable(error)) throw error
      this.#rows.clear()
      this.#keyed.clear()
      this.#tree = tree
      this.#changed = changed
      await this.engine.rollbackToSavepoint()
      throw error
    }
  }

  /** Writes what was gathered and the state of the tree, and commits. */
  async commit(): Promise<void> {
    await this.flush()
    if (this.#tree.size > this.#committedSize) {
      await this.engine.run('update log_tree set size = ?, frontier = ?, root = ? where id = 1', [
        this.#tree.size,
        Buffer.concat(this.#tree.hashes),
        rootOf(this.#tree),
      ])
    }
    for (const revision of [...this.#changed].sort()) {
      await this.engine.run('update counters set value = value + 1 where name = ?', [`revision.${revision}`])
    }
    await this.engine.commit()
  }

  #extendSpan(at: string, idx: number): void {
    const bucket = spanBucket(at)
    if (bucket === undefined) return
    const first = this.pending(BULK.logSpans, String(bucket))?.[1] ?? idx
    this.put(BULK.logSpans, String(bucket), [bucket, first, idx])
  }
}
