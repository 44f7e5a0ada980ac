import type { Clock } from '../../core/clock.ts'
import { isFreeText } from '../../core/free-text.ts'
import { newId } from '../../core/id.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import type { Access } from '../../core/principal.ts'
import { parseSubject } from '../../core/subject.ts'
import { formatInstant, parseInstant } from '../../core/time.ts'
import { blockState, type Block, type BlockState, type StoredBlock } from './block.ts'
import { blockPlacedEntry } from './entries.ts'
import { blockInvalid, blockNotFound } from './errors.ts'
import type { BlockFilter, BlockStore } from './ports.ts'

const MAX_REASON = 1000

/** A block as somebody asks for it. */
export interface BlockDraft {
  subject: string
  reason: string
  /** RFC 3339; without it the block stays until it is lifted. */
  expiresAt?: string
}

/** A block as it stands now. */
export interface ShownBlock extends StoredBlock {
  state: BlockState
}

/** What passes nowhere. Lifting a block is a change (`blockLift`), since it loosens. */
export class Blocks {
  readonly #store: BlockStore
  readonly #clock: Clock

  constructor(parts: { store: BlockStore; clock: Clock }) {
    this.#store = parts.store
    this.#clock = parts.clock
  }

  /**
   * Blocks a subject from now on: it is denied at every stage, and the allows that it had are void.
   * @returns after the commit; `repeated` if an earlier request with the same idempotency key placed it
   * @throws {AppError} `subject_malformed`, `subject_is_tag`, `block_invalid` or `blocks_too_many`
   */
  async place(
    access: Access,
    draft: BlockDraft,
    meta: { requestId: string; idempotency: IdempotencyClaim | undefined },
  ): Promise<{ block: ShownBlock; repeated: boolean }> {
    const now = this.#clock.now()
    const at = formatInstant(now)
    const { id, name } = access.principal
    const block: Block = {
      id: newId(),
      subject: parseSubject(draft.subject, 'body.subject').id,
      reason: readReason(draft.reason),
      placedBy: name,
      placedAt: at,
      expiresAt: draft.expiresAt === undefined ? null : readEnd(draft.expiresAt, now),
    }
    const entry = blockPlacedEntry(block, { actor: id, at, requestId: meta.requestId })
    const placed = await this.#store.place(block, entry, meta.idempotency)
    return { ...placed, block: this.#shown(placed.block) }
  }

  /** @throws {AppError} `block_not_found` */
  async find(id: string): Promise<ShownBlock> {
    const block = await this.#store.find(id)
    if (!block) throw blockNotFound()
    return this.#shown(block)
  }

  /** Newest first. */
  async list(filter: BlockFilter, page: PageRequest): Promise<Page<ShownBlock>> {
    const { items, next } = await this.#store.list(filter, page, formatInstant(this.#clock.now()))
    return { items: items.map((block) => this.#shown(block)), next }
  }

  #shown(block: StoredBlock): ShownBlock {
    return { ...block, state: blockState(block, this.#clock.now()) }
  }
}

function readReason(reason: string): string {
  if (isFreeText(reason, MAX_REASON)) return reason
  throw blockInvalid(
    'reason',
    'The reason is empty, too long or has control characters.',
    `Write 1 to ${MAX_REASON} characters on one line.`,
  )
}

function readEnd(text: string, now: number): string {
  const end = parseInstant(text)
  if (end === undefined) {
    throw blockInvalid('expiresAt', 'The time is not RFC 3339 with an offset.', 'Write it like 2026-11-21T09:30:00Z.')
  }
  if (end > now) return formatInstant(end)
  throw blockInvalid('expiresAt', 'The block would have ended already.', 'Give a time in the future, or leave it out.')
}
