import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import { emptyRoot, type NodeId, type TreeHash } from '../../../src/audit/merkle.ts'
import { assemble, nodesOf, planConsistency, planInclusion, verifyConsistency, verifyInclusion } from '../../../src/audit/proofs.ts'
import { leaves, NaiveTree } from './naive-tree.ts'

const SIZE = 5000
const all = leaves(SIZE)
const naive = new NaiveTree(all)

/** What a store of complete subtrees would answer; fails for a subtree that the tree does not yet complete. */
function nodes(ids: readonly NodeId[], size: number): TreeHash[] {
  return ids.map(([level, index]) => {
    const width = 2 ** level
    assert.ok((index + 1) * width <= size, `[${level}, ${index}] is not complete at ${size}`)
    return naive.root(index * width, (index + 1) * width)
  })
}

function inclusion(index: number, size: number): TreeHash[] {
  const plan = planInclusion(index, size)
  return assemble(plan, nodes(nodesOf(plan), size))
}

function consistency(from: number, to: number): TreeHash[] {
  const plan = planConsistency(from, to)
  return assemble(plan, nodes(nodesOf(plan), to))
}

const head = (size: number) => ({ size, root: naive.root(0, size) })
const leaf = (index: number): TreeHash => all[index] ?? emptyRoot()

describe('inclusion proofs', () => {
  it('equal the recursive definition for every leaf of small trees, and verify', () => {
    for (let size = 1; size <= 80; size++) {
      for (let index = 0; index < size; index++) {
        const proof = inclusion(index, size)
        assert.deepEqual(proof, naive.path(index, 0, size))
        assert.ok(verifyInclusion(leaf(index), index, size, proof, naive.root(0, size)))
      }
    }
  })

  it('equal the recursive definition in trees of every size up to 1,000', () => {
    for (let size = 1; size <= 1000; size++) {
      for (const index of [0, Math.floor(size / 3), size - 1]) {
        const proof = inclusion(index, size)
        assert.deepEqual(proof, naive.path(index, 0, size))
        assert.ok(verifyInclusion(leaf(index), index, size, proof, naive.root(0, size)))
      }
    }
  })

  it('verify for no other leaf, index, size, root or proof', () => {
    const arbitrary = fc.integer({ min: 2, max: SIZE }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1), fc.nat(size - 1)))
    fc.assert(
      fc.property(arbitrary, ([size, index, other]) => {
        const proof = inclusion(index, size)
        const root = naive.root(0, size)
        assert.ok(verifyInclusion(leaf(index), index, size, proof, root))
        assert.equal(verifyInclusion(leaf(index), other, size, proof, root), other === index)
        assert.equal(verifyInclusion(leaf(other), index, size, proof, root), other === index)
        assert.ok(!verifyInclusion(leaf(index), index, size, proof.slice(1), root))
        assert.ok(!verifyInclusion(leaf(index), index, size, [...proof, root], root))
        assert.ok(!verifyInclusion(leaf(index), index, size, proof, naive.root(0, size - 1)))
      }),
      { numRuns: 300 },
    )
  })

  it('are refused for leaves that the tree lacks', () => {
    assert.throws(() => planInclusion(3, 3), RangeError)
    assert.throws(() => planInclusion(0, 0), RangeError)
    assert.throws(() => planInclusion(-1, 3), RangeError)
    assert.throws(() => planInclusion(0.5, 3), RangeError)
    assert.ok(!verifyInclusion(leaf(0), 1, 1, [], leaf(0)))
    assert.ok(!verifyInclusion(leaf(0), -1, 1, [], leaf(0)))
    assert.ok(!verifyInclusion(leaf(0), Number.NaN, 1, [], leaf(0)))
  })

  it('can be planned for trees beyond 2^32 leaves', () => {
    const size = 2 ** 40 + 2 ** 33 + 5
    for (const index of [0, 2 ** 40 - 1, 2 ** 40, size - 1]) {
      for (const [level, at] of nodesOf(planInclusion(index, size))) assert.ok(Number.isInteger(at) && (at + 1) * 2 ** level <= size)
    }
  })
})

describe('consistency proofs', () => {
  it('equal the recursive definition for every pair of small trees, and verify', () => {
    for (let to = 1; to <= 80; to++) {
      for (let from = 1; from <= to; from++) {
        const proof = consistency(from, to)
        assert.deepEqual(proof, naive.subproof(from, 0, to, true))
        assert.ok(verifyConsistency(head(from), head(to), proof))
      }
    }
  })

  it('equal the recursive definition for random larger trees, and verify for nothing else', () => {
    const pairs = fc.integer({ min: 2, max: SIZE }).chain((to) => fc.tuple(fc.integer({ min: 1, max: to - 1 }), fc.constant(to)))
    fc.assert(
      fc.property(pairs, ([from, to]) => {
        const proof = consistency(from, to)
        assert.deepEqual(proof, naive.subproof(from, 0, to, true))
        assert.ok(verifyConsistency(head(from), head(to), proof))
        const foreign = naive.root(1, to)
        assert.ok(!verifyConsistency({ size: from, root: foreign }, head(to), proof))
        assert.ok(!verifyConsistency(head(from), { size: to, root: foreign }, proof))
        assert.ok(!verifyConsistency(head(from), head(to), proof.slice(1)))
        assert.ok(!verifyConsistency(head(from), head(to), [...proof, foreign]))
      }),
      { numRuns: 300 },
    )
  })

  it('are empty from the empty tree and between equal trees', () => {
    assert.deepEqual(consistency(0, 9), [])
    assert.deepEqual(consistency(9, 9), [])
    assert.ok(verifyConsistency({ size: 0, root: emptyRoot() }, head(9), []))
    assert.ok(!verifyConsistency({ size: 0, root: leaf(0) }, head(9), []))
    assert.ok(!verifyConsistency(head(9), { size: 9, root: leaf(0) }, []))
  })

  it('do not run backwards', () => {
    assert.throws(() => planConsistency(10, 9), RangeError)
    assert.ok(!verifyConsistency(head(10), head(9), consistency(9, 10)))
  })
})
