import { AppError } from '../core/app-error.ts'
import { parseBoundedJson } from '../core/bounded-json.ts'
import { canonicalJson } from '../core/canonical-json.ts'
import { parseCheckpoint, type Checkpoint, type CheckpointErrorCode } from './checkpoint.ts'
import { openEntry, type Entry, type EntryErrorCode } from './entry.ts'
import { leafHash, type TreeHash } from './merkle.ts'
import { openNote, parseVerifierKey, type NoteErrorCode, type VerifierKey } from './note.ts'
import { verifyInclusion } from './proofs.ts'
import { formatProof, parseProof, type ProofErrorCode, type TlogProof } from './tlog-proof.ts'

export type ReceiptErrorCode =
  | 'receipt_malformed'
  | 'receipt_too_long'
  | 'receipt_other_key'
  | 'receipt_not_included'
  | ProofErrorCode
  | CheckpointErrorCode
  | NoteErrorCode
  | EntryErrorCode

/** Longest receipt: the base64 of the longest leaf, 53 hashes and a checkpoint fit with room to spare. */
export const MAX_RECEIPT_BYTES = 128 * 1024

/** What a receipt is made of. */
export interface ReceiptParts {
  leaf: string
  index: number
  /** Inclusion proof of the leaf in the checkpoint's tree. */
  proof: readonly TreeHash[]
  /** The signed note. */
  checkpoint: string
  verifierKey: VerifierKey
}

/**
 * The receipt of an entry: one C2SP tlog-proof text. Its extra data is the canonical JSON of `{entry, key}`: the leaf itself and
 * the text of the verifier key. The free text beside the leaf stays out: a receipt is passed on, and a tombstone could not reach it.
 */
export function formatReceipt({ leaf, index, proof, checkpoint, verifierKey }: ReceiptParts): string {
  return formatProof({ extra: Buffer.from(formatExtra(leaf, verifierKey.text)), index, hashes: proof, checkpoint })
}

/** The outcome of checking a receipt. */
export type ReceiptCheck =
  | {
      intact: true
      /** True only if the verifier's own key was given: a receipt under its own key proves nothing about who wrote it. */
      pinned: boolean
      entry: Entry
      leaf: string
      index: number
      checkpoint: Checkpoint
      verifierKey: string
    }
  | { intact: false; code: ReceiptErrorCode; reason: string }

/**
 * Checks a receipt offline. Attacker-controlled input: every byte of it must be as the log wrote it.
 * @param receipt the bytes of the file, or its text
 * @param pinnedKey the verifier key that the caller trusts; without it the receipt's own key is taken, and `pinned` is false
 */
export function verifyReceipt(receipt: Uint8Array | string, pinnedKey?: string): ReceiptCheck {
  try {
    const proof = parseProof(receiptText(receipt))
    const { entry, leaf, key } = openExtra(proof)
    if (pinnedKey !== undefined && key.text !== parseVerifierKey(pinnedKey).text) throw otherKey()
    const checkpoint = openCheckpoint(proof.checkpoint, key)
    if (!verifyInclusion(leafHash(leaf), proof.index, checkpoint.size, proof.hashes, checkpoint.root)) throw notIncluded()
    return { intact: true, pinned: pinnedKey !== undefined, entry, leaf, index: proof.index, checkpoint, verifierKey: key.text }
  } catch (error) {
    if (error instanceof AppError) return { intact: false, code: error.code as ReceiptErrorCode, reason: error.message }
    throw error
  }
}

function receiptText(receipt: Uint8Array | string): string {
  if (receipt.length > MAX_RECEIPT_BYTES) {
    throw new AppError<ReceiptErrorCode>('receipt_too_long', `A receipt has at most ${MAX_RECEIPT_BYTES} bytes.`)
  }
  if (typeof receipt === 'string') return receipt
  try {
    // A byte order mark is kept, so that it is refused like any other byte too many.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(receipt)
  } catch (cause) {
    throw malformed(cause)
  }
}

function openExtra({ extra }: TlogProof): { entry: Entry; leaf: string; key: VerifierKey } {
  const text = receiptText(extra)
  const { leaf, keyText } = parsedExtra(text)
  if (formatExtra(leaf, keyText) !== text) throw malformed()
  return { entry: openEntry(leaf), leaf, key: parseVerifierKey(keyText) }
}

function formatExtra(leaf: string, keyText: string): string {
  return `{"entry":${leaf},"key":${canonicalJson(keyText)}}`
}

function parsedExtra(text: string): { leaf: string; keyText: string } {
  try {
    const value = parseBoundedJson(text) as { entry?: unknown; key?: unknown } | null
    if (typeof value?.key === 'string') return { leaf: canonicalJson(value.entry), keyText: value.key }
  } catch (cause) {
    throw malformed(cause)
  }
  throw malformed()
}

/** Exactly one signature, the log's own, and the origin is the key's name: a line that nobody verifies has no place in a receipt. */
function openCheckpoint(note: string, key: VerifierKey): Checkpoint {
  const { text, ignored } = openNote(note, [key])
  const checkpoint = parseCheckpoint(text)
  if (ignored > 0 || checkpoint.origin !== key.name || checkpoint.extensions.length > 0) throw malformed()
  return checkpoint
}

function malformed(cause?: unknown): AppError<ReceiptErrorCode> {
  return new AppError('receipt_malformed', 'The text is not a receipt as the log writes it.', { cause })
}

function otherKey(): AppError<ReceiptErrorCode> {
  return new AppError('receipt_other_key', 'The receipt is not from the log with the given key.')
}

function notIncluded(): AppError<ReceiptErrorCode> {
  return new AppError('receipt_not_included', 'The entry is not in the tree that the checkpoint speaks of.')
}
