import { hash } from 'node:crypto'

/** A SHA-256 value: 32 bytes. */
export type TreeHash = Uint8Array

/** Names a complete subtree: level 0 are leaves; `[l, i]` covers leaves i·2^l up to (i+1)·2^l. */
export type NodeId = readonly [level: number, index: number]

/** A complete subtree and its hash. */
export interface TreeNode {
  level: number
  index: number
  hash: TreeHash
}

/** The right edge of a tree: all that is needed to append to it and to tell its root. Plain data. */
export interface CompactRange {
  /** Number of leaves. */
  readonly size: number
  /** Hashes of the complete subtrees that the tree falls into, from the largest (leftmost) to the smallest. */
  readonly hashes: readonly TreeHash[]
}

/** The tree without leaves. */
export const EMPTY_RANGE: CompactRange = { size: 0, hashes: [] }

/** Hash of a leaf: SHA-256(0x00 ‖ leaf). RFC 6962, section 2.1. A string is taken as UTF-8. */
export function leafHash(leaf: Uint8Array | string): TreeHash {
  const length = typeof leaf === 'string' ? Buffer.byteLength(leaf) : leaf.length
  const message = Buffer.allocUnsafe(length + 1)
  message[0] = 0x00
  if (typeof leaf === 'string') message.write(leaf, 1)
  else message.set(leaf, 1)
  return hash('sha256', message, 'buffer')
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right). RFC 6962, section 2.1. */
export function nodeHash(left: TreeHash, right: TreeHash): TreeHash {
  const message = Buffer.allocUnsafe(65)
  message[0] = 0x01
  message.set(left, 1)
  message.set(right, 33)
  return hash('sha256', message, 'buffer')
}

/** Root of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): TreeHash {
  return hash('sha256', '', 'buffer')
}

/**
 * Appends one leaf; the range given stays as it was.
 * @returns the new range, and every subtree that the leaf completed, from the leaf itself upwards
 */
export function append(range: CompactRange, leaf: TreeHash): { range: CompactRange; completed: TreeNode[] } {
  const hashes = [...range.hashes]
  const completed: TreeNode[] = [{ level: 0, index: range.size, hash: leaf }]
  let node = leaf
  let index = range.size
  for (let level = 1; isOdd(index); level++) {
    node = nodeHash(hashes.pop() ?? missingSubtree(range), node)
    index = half(index)
    completed.push({ level, index, hash: node })
  }
  hashes.push(node)
  return { range: { size: range.size + 1, hashes }, completed }
}

/** The Merkle tree head of a range. RFC 6962, section 2.1. */
export function rootOf(range: CompactRange): TreeHash {
  return range.hashes.length === 0 ? emptyRoot() : joinSubtrees(range.hashes)
}

/** The complete subtrees that a tree of this size falls into, in the order of `CompactRange.hashes`. */
export function frontier(size: number): NodeId[] {
  return subtrees(0, size)
}

/** Root over neighbouring complete subtrees, given from left to right, each smaller than the one before. */
export function joinSubtrees(hashes: readonly TreeHash[]): TreeHash {
  const last = hashes.at(-1)
  if (!last) throw new RangeError('no subtree to join')
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last)
}

/**
 * Complete subtrees of the leaves from `start` (inclusive) to `end` (exclusive), left to right.
 * `start` is a multiple of the smallest power of two that is not below the length, as in every subtree of RFC 6962.
 */
export function subtrees(start: number, end: number): NodeId[] {
  const nodes: NodeId[] = []
  for (let at = start; at < end;) {
    const level = floorLog2(end - at)
    const width = 2 ** level
    nodes.push([level, at / width])
    at += width
  }
  return nodes
}

/** The largest power of two below `size`, which is at least 2: where RFC 6962 splits a tree. */
export function splitPoint(size: number): number {
  return 2 ** floorLog2(size - 1)
}

// Sizes may pass 2^31, where JavaScript's bit operators fold numbers over: hence arithmetic.

/** Exact where the floating-point logarithm of 2^k − 1 rounds up to k. */
export function floorLog2(value: number): number {
  const level = Math.floor(Math.log2(value))
  return 2 ** level > value ? level - 1 : level
}

export function isOdd(value: number): boolean {
  return value % 2 === 1
}

export function half(value: number): number {
  return Math.floor(value / 2)
}

function missingSubtree(range: CompactRange): never {
  throw new RangeError(`a range of size ${range.size} cannot have ${range.hashes.length} subtrees`)
}
