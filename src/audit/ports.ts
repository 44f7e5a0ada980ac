import type { EntryType } from '../core/log-entry.ts'
import type { Page, PageRequest } from '../core/page.ts'

/** A leaf as it is stored. */
export interface StoredEntry {
  index: number
  /** The leaf: canonical JSON, exactly the bytes that are hashed. */
  leaf: string
  /** Free text that lies beside the leaf: field → salt (base64) and value; empty once tombstoned. */
  detail: Readonly<Record<string, { salt: string; value: unknown }>>
}

export interface EntryFilter {
  type?: EntryType
  actor?: string
  subject?: string
  stage?: string
  environment?: string
  /** Repository globs of the projects whose decisions, evidence and deployments are told of; letter case doesn't count in them. */
  owned?: readonly string[]
  from?: string
  to?: string
}

/** Reads the committed log. */
export interface LogReader {
  /** Size and root of the committed tree. */
  head(): Promise<{ size: number; root: Uint8Array }>
  entry(index: number): Promise<StoredEntry | undefined>
  entries(filter: EntryFilter, page: PageRequest): Promise<Page<StoredEntry>>
  /**
   * Hashes of complete subtrees: `level` 0 are leaf hashes, `level` l covers 2^l leaves.
   * @param ranges nodes wanted, each `[level, index]`; answered in the same order. All lie within the committed tree.
   */
  nodes(ranges: readonly (readonly [level: number, index: number])[]): Promise<Uint8Array[]>
}
