import { AppError } from '../core/app-error.ts'
import { parseCount } from './checkpoint.ts'
import type { TreeHash } from './merkle.ts'
import { strictBase64 } from './note.ts'

export type ProofErrorCode = 'proof_malformed'

/** A proof that can be verified offline. C2SP tlog-proof, section "Format". */
export interface TlogProof {
  /** Of meaning to the application only, and not authenticated by the format. */
  extra: Uint8Array
  index: number
  /** From the leaf's sibling up to the root's child. */
  hashes: readonly TreeHash[]
  /** The signed note, verbatim. */
  checkpoint: string
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1'

/** A tree of 2^53 leaves has proofs of 53 hashes. */
const MAX_HASHES = 53

/** The text of a proof; extra data always stands in it. */
export function formatProof({ extra, index, hashes, checkpoint }: TlogProof): string {
  const lines = [FIRST_LINE, `extra ${base64(extra)}`, `index ${index}`, ...hashes.map(base64)]
  return `${lines.join('\n')}\n\n${checkpoint}`
}

/**
 * Reads a proof with extra data, exactly as `formatProof` would write it. The checkpoint is not looked into.
 * @throws {AppError} `proof_malformed`
 */
export function parseProof(text: string): TlogProof {
  const split = text.indexOf('\n\n')
  const [, extraLine = '', indexLine = '', ...hashLines] = text.slice(0, Math.max(split, 0)).split('\n')
  if (hashLines.length > MAX_HASHES) throw malformed()
  const proof = {
    extra: strictBase64(extraLine.slice('extra '.length)) ?? Buffer.alloc(0),
    index: parseCount(indexLine.slice('index '.length)),
    hashes: hashLines.map(treeHash),
    checkpoint: text.slice(split + 2),
  }
  if (proof.extra.length === 0 || formatProof(proof) !== text) throw malformed()
  return proof
}

function treeHash(line: string): TreeHash {
  const bytes = strictBase64(line)
  if (bytes?.length !== 32) throw malformed()
  return bytes
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function malformed(): AppError<ProofErrorCode> {
  return new AppError('proof_malformed', 'The text is not a proof of the form c2sp.org/tlog-proof@v1.')
}
