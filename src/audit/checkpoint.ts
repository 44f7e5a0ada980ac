import { AppError } from '../core/app-error.ts'
import type { TreeHash } from './merkle.ts'
import { strictBase64 } from './note.ts'

export type CheckpointErrorCode = 'checkpoint_malformed'

/** What a log signs about its tree. C2SP tlog-checkpoint, section "Note text". */
export interface Checkpoint {
  /** The identity of the log. */
  origin: string
  size: number
  root: TreeHash
  /** Opaque lines that no monitor can audit; we write none. */
  extensions: readonly string[]
}

/** The text of a checkpoint, ready to be signed. */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  return [origin, String(size), Buffer.from(root).toString('base64'), ...extensions, ''].join('\n')
}

/**
 * Reads the text of a checkpoint, exactly as `formatCheckpoint` would write it.
 * @throws {AppError} `checkpoint_malformed`
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root = '', ...rest] = text.split('\n')
  const bytes = strictBase64(root)
  const extensions = rest.slice(0, -1)
  const checkpoint = { origin, size: parseCount(size), root: bytes ?? Buffer.alloc(0), extensions }
  const wellFormed = origin !== '' && bytes?.length === 32 && extensions.every((line) => line !== '')
  if (!wellFormed || formatCheckpoint(checkpoint) !== text) {
    throw new AppError<CheckpointErrorCode>('checkpoint_malformed', 'The text is not a checkpoint.')
  }
  return checkpoint
}

/** A number of leaves or an index in ASCII decimal without leading zeroes; NaN for anything else. */
export function parseCount(text: string): number {
  const value = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) ? value : Number.NaN
}
