/** `ended`: its time has run out. */
export const BLOCK_STATES = ['active', 'ended', 'lifted'] as const

export type BlockState = (typeof BLOCK_STATES)[number]

/** A subject that passes nowhere, whatever else speaks for it. */
export interface Block {
  id: string
  /** Identity of the subject: a digest or a source revision. */
  subject: string
  reason: string
  /** Name of the principal. */
  placedBy: string
  /** RFC 3339 UTC. */
  placedAt: string
  /** RFC 3339 UTC; null for one that stays until it is lifted. */
  expiresAt: string | null
}

/** A block with what became of it. */
export interface StoredBlock extends Block {
  liftedAt: string | null
  liftedBy: string | null
}

/** How a block is taken back: the record that its log entry speaks for. */
export interface BlockLift {
  block: string
  /** RFC 3339 UTC. */
  liftedAt: string
  /** Name of the principal. */
  liftedBy: string
}

/** @param now milliseconds since the epoch */
export function blockState({ expiresAt, liftedAt }: StoredBlock, now: number): BlockState {
  if (liftedAt !== null) return 'lifted'
  return holdsAt({ expiresAt }, now) ? 'active' : 'ended'
}

/** A time that can't be read ends nothing. */
export function holdsAt({ expiresAt }: Pick<Block, 'expiresAt'>, now: number): boolean {
  return expiresAt === null || !(Date.parse(expiresAt) <= now)
}

/** What taking a block back is a change of. */
export function blockTarget(id: string): string {
  return `blocks/${id}`
}
