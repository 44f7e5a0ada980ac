import { AppError } from '../core/app-error.ts'
import type { JsonValue } from '../core/log-entry.ts'
import type { Page, PageRequest } from '../core/page.ts'
import { formatCheckpoint } from './checkpoint.ts'
import { openEntry, type Entry } from './entry.ts'
import { leafHash, type TreeHash } from './merkle.ts'
import type { NoteSigner } from './note.ts'
import type { EntryFilter, LogReader, StoredEntry } from './ports.ts'
import { assemble, nodesOf, planConsistency, planInclusion, sameHash, verifyInclusion, type ProofPlan, type TreeHead } from './proofs.ts'
import { formatReceipt } from './receipt.ts'

export type AuditErrorCode = 'entry_not_found' | 'consistency_range' | 'log_corrupt'

/** An entry as auditors read it. */
export interface LoggedEntry extends Omit<Entry, 'detail'> {
  index: number
  /** Hex SHA-256: the leaf's hash in the tree. */
  leafHash: string
  /** Free text that lies beside the leaf. */
  detail: Readonly<Record<string, JsonValue>>
  /** Names of free text that was removed. */
  removed: string[]
}

/** Reads and proves the committed log. */
export class AuditLog {
  readonly #reader: LogReader
  readonly #signer: NoteSigner
  #signed: (TreeHead & { note: string }) | undefined

  constructor(reader: LogReader, signer: NoteSigner) {
    this.#reader = reader
    this.#signer = signer
  }

  /** The text of the key that verifies checkpoints and receipts. */
  get verifierKey(): string {
    return this.#signer.verifierKey.text
  }

  /** One page of entries, in the order of the log. */
  async entries(filter: EntryFilter, page: PageRequest): Promise<Page<LoggedEntry>> {
    const { items, next } = await this.#reader.entries(filter, page)
    return { items: items.map(logged), next }
  }

  /** The signed checkpoint of the committed tree: a C2SP signed note. */
  async checkpoint(): Promise<string> {
    return this.#sign(await this.#reader.head())
  }

  /**
   * The receipt of an entry, under a checkpoint of the committed tree.
   * @throws {AppError} `entry_not_found`, or `log_corrupt` rather than a receipt that would not verify
   */
  async receipt(index: number): Promise<string> {
    const head = await this.#reader.head()
    const entry = index >= 0 && index < head.size ? await this.#reader.entry(index) : undefined
    if (!entry) throw new AppError<AuditErrorCode>('entry_not_found', 'The log has no such entry.', { field: 'path.index' })
    const proof = await this.#prove(planInclusion(index, head.size))
    if (!verifyInclusion(leafHash(entry.leaf), index, head.size, proof, head.root)) throw corrupt(`Entry ${index} is not in the tree.`)
    return formatReceipt({ leaf: entry.leaf, index, proof, checkpoint: this.#sign(head), verifierKey: this.#signer.verifierKey })
  }

  /**
   * The proof that the tree of `to` leaves extends the tree of `from` leaves. RFC 6962, section 2.1.2.
   * @throws {AppError} `consistency_range` unless from ≤ to ≤ the committed size
   */
  async consistency(from: number, to: number): Promise<TreeHash[]> {
    const { size } = await this.#reader.head()
    if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to && to <= size)) {
      throw new AppError<AuditErrorCode>('consistency_range', `The sizes must be whole numbers with 0 ≤ from ≤ to ≤ ${size}.`, {
        field: 'query.from',
        remedy: 'Take the sizes from checkpoints of this log.',
      })
    }
    return this.#prove(planConsistency(from, to))
  }

  /** Nodes of complete subtrees never change, so a proof for a known head stays right while the log grows. */
  async #prove(plan: ProofPlan): Promise<TreeHash[]> {
    return assemble(plan, await this.#reader.nodes(nodesOf(plan)))
  }

  /** Two roots for one size would be two logs under one name, so the second is never signed. */
  #sign({ size, root }: TreeHead): string {
    if (this.#signed?.size === size) {
      if (!sameHash(this.#signed.root, root)) throw corrupt(`The tree of ${size} entries changed.`)
      return this.#signed.note
    }
    const note = this.#signer.sign(formatCheckpoint({ origin: this.#signer.verifierKey.name, size, root, extensions: [] }))
    this.#signed = { size, root, note }
    return note
  }
}

function logged({ index, leaf, detail }: StoredEntry): LoggedEntry {
  const entry = openEntry(leaf)
  const present = Object.entries(detail).filter(([field]) => field !== 'nonce')
  const removed = Object.keys(entry.detail).filter((field) => field !== 'nonce' && !Object.hasOwn(detail, field))
  return {
    ...entry,
    index,
    leafHash: Buffer.from(leafHash(leaf)).toString('hex'),
    detail: Object.fromEntries(present.map(([field, { value }]) => [field, value as JsonValue])),
    removed,
  }
}

function corrupt(message: string): AppError<AuditErrorCode> {
  return new AppError('log_corrupt', message, { remedy: 'Stop relying on this log and compare it with an earlier checkpoint.' })
}
