import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import type { Block, BlockState, StoredBlock } from './block.ts'

export interface BlockFilter {
  subject?: string
  /** As it is at `now`. */
  state?: BlockState
}

/** The blocks that weren't lifted at one instant, and how many had ever been placed by then. */
export interface PlacedBlocks {
  blocks: readonly Block[]
  /** Number of the newest block; 0 without any. What was judged by it knows of none that came after. */
  newest: number
}

/** Keeps blocks. Reads see every committed write. */
export interface BlockStore {
  /** Grows with every block that is placed or lifted; equal numbers mean that an earlier `placed` still holds. */
  revision(): Promise<number>
  /** Those that weren't lifted and haven't ended. @param now RFC 3339 UTC */
  placed(now: string): Promise<PlacedBlocks>
  /**
   * Places a block, and voids every allow about its subject and what is linked to that, in one transaction.
   * @throws {AppError} `blocks_too_many`, `idempotency_key_reused`
   */
  place(block: Block, entry: EntryDraft, idempotency: IdempotencyClaim | undefined): Promise<{ block: StoredBlock; repeated: boolean }>
  find(id: string): Promise<StoredBlock | undefined>
  /** Newest first. @param now RFC 3339 UTC */
  list(filter: BlockFilter, page: PageRequest, now: string): Promise<Page<StoredBlock>>
}
