import { emptyRoot, floorLog2, half, isOdd, joinSubtrees, nodeHash, splitPoint, subtrees, type NodeId, type TreeHash } from './merkle.ts'

/**
 * What a proof is made of, before any hash is read: each hash of the proof is the root over neighbouring complete subtrees.
 * Only complete subtrees are ever needed, so what a store keeps of them never changes.
 */
export type ProofPlan = readonly (readonly NodeId[])[]

/**
 * Plans the proof that leaf `index` is in the tree of `size` leaves. RFC 6962, section 2.1.1.
 * @throws {RangeError} if the tree has no such leaf
 */
export function planInclusion(index: number, size: number): ProofPlan {
  if (!isCount(index) || !isCount(size) || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`)
  const plan: NodeId[][] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + splitPoint(end - start)
    if (index < middle) {
      plan.push(subtrees(middle, end))
      end = middle
    } else {
      plan.push(subtrees(start, middle))
      start = middle
    }
  }
  return plan.reverse()
}

/**
 * Plans the proof that the tree of `to` leaves extends the one of `from` leaves. RFC 6962, section 2.1.2.
 * Empty for `from` 0 (everything extends the empty tree) and for equal sizes.
 * @throws {RangeError} if `from` is larger than `to`
 */
export function planConsistency(from: number, to: number): ProofPlan {
  if (!isCount(from) || !isCount(to) || from > to) throw new RangeError(`a tree of ${to} cannot extend one of ${from}`)
  if (from === 0 || from === to) return []
  const plan: NodeId[][] = []
  let [start, end] = [0, to]
  while (from < end) {
    const middle = start + splitPoint(end - start)
    if (from <= middle) {
      plan.push(subtrees(middle, end))
      end = middle
    } else {
      plan.push(subtrees(start, middle))
      start = middle
    }
  }
  // The old tree itself is the verifier's to know; anything smaller must be shown.
  if (start > 0) plan.push(subtrees(start, end))
  return plan.reverse()
}

/** All subtrees that a plan needs, in the order in which `assemble` takes their hashes. */
export function nodesOf(plan: ProofPlan): NodeId[] {
  return plan.flat()
}

/** Makes the proof out of the hashes of `nodesOf(plan)`. */
export function assemble(plan: ProofPlan, hashes: readonly TreeHash[]): TreeHash[] {
  let at = 0
  return plan.map((part) => joinSubtrees(hashes.slice(at, (at += part.length))))
}

/** True only if the proof shows that `leaf` is number `index` of the tree with this size and root. RFC 9162, section 2.1.3.2. */
export function verifyInclusion(leaf: TreeHash, index: number, size: number, proof: readonly TreeHash[], root: TreeHash): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false
  let [fn, sn] = [index, size - 1]
  let node = leaf
  for (const sibling of proof) {
    if (sn === 0) return false
    if (isOdd(fn) || fn === sn) {
      node = nodeHash(sibling, node)
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else {
      node = nodeHash(node, sibling)
    }
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && sameHash(node, root)
}

/** A tree as a verifier knows it. */
export interface TreeHead {
  size: number
  root: TreeHash
}

/** True only if the proof shows that the newer tree extends the older one. RFC 9162, section 2.1.4.2. */
export function verifyConsistency(older: TreeHead, newer: TreeHead, proof: readonly TreeHash[]): boolean {
  if (!isCount(older.size) || !isCount(newer.size) || older.size > newer.size) return false
  if (older.size === newer.size) return proof.length === 0 && sameHash(older.root, newer.root)
  if (older.size === 0) return proof.length === 0 && sameHash(older.root, emptyRoot())
  if (proof.length === 0) return false
  return walkConsistency(older, newer, isPowerOfTwo(older.size) ? [older.root, ...proof] : proof)
}

function walkConsistency(older: TreeHead, newer: TreeHead, path: readonly TreeHash[]): boolean {
  const [first, ...rest] = path
  if (!first) return false
  let [fn, sn] = [older.size - 1, newer.size - 1]
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)]
  let [olderRoot, newerRoot] = [first, first]
  for (const sibling of rest) {
    if (sn === 0) return false
    if (isOdd(fn) || fn === sn) {
      olderRoot = nodeHash(sibling, olderRoot)
      newerRoot = nodeHash(sibling, newerRoot)
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else {
      newerRoot = nodeHash(newerRoot, sibling)
    }
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && sameHash(olderRoot, older.root) && sameHash(newerRoot, newer.root)
}

/** Hashes of a public tree are no secrets, so this need not take constant time. */
export function sameHash(a: TreeHash, b: TreeHash): boolean {
  return a.length === 32 && Buffer.compare(a, b) === 0
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function isPowerOfTwo(value: number): boolean {
  return 2 ** floorLog2(value) === value
}
