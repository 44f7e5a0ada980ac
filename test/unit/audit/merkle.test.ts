import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import {
  append,
  EMPTY_RANGE,
  floorLog2,
  frontier,
  joinSubtrees,
  leafHash,
  rootOf,
  subtrees,
  type TreeHash,
} from '../../../src/audit/merkle.ts'
import { leaves, NaiveTree } from './naive-tree.ts'

const hex = (hash: TreeHash): string => Buffer.from(hash).toString('hex')

describe('the Merkle tree', () => {
  it('hashes leaves and the empty tree as RFC 6962 says', () => {
    assert.equal(hex(rootOf(EMPTY_RANGE)), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    assert.equal(hex(leafHash('')), '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
    assert.equal(hex(leafHash('é')), hex(leafHash(Buffer.from('é'))))
  })

  it('gives the roots of the published RFC 6962 test tree', () => {
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
    let range = EMPTY_RANGE
    for (const input of inputs) range = append(range, leafHash(Buffer.from(input, 'hex'))).range
    assert.equal(hex(rootOf(range)), '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328')
  })

  it("has the recursive definition's root at every size up to 1,000", () => {
    const all = leaves(1000)
    const naive = new NaiveTree(all)
    let range = EMPTY_RANGE
    for (const leaf of all) {
      range = append(range, leaf).range
      assert.equal(hex(rootOf(range)), hex(naive.root(0, range.size)))
    }
  })

  it('tells every subtree that an append completes, once, with its hash', () => {
    const all = leaves(300)
    const naive = new NaiveTree(all)
    const seen = new Set<string>()
    let range = EMPTY_RANGE
    for (const leaf of all) {
      const step = append(range, leaf)
      range = step.range
      for (const node of step.completed) {
        const width = 2 ** node.level
        assert.equal((node.index + 1) * width, range.size)
        assert.equal(hex(node.hash), hex(naive.root(node.index * width, (node.index + 1) * width)))
        seen.add(`${node.level}/${node.index}`)
      }
    }
    const complete = Array.from({ length: 9 }, (_, level) => Math.floor(300 / 2 ** level)).reduce((sum, count) => sum + count, 0)
    assert.equal(seen.size, complete)
  })

  it('can be continued from the subtrees that its size names', () => {
    const all = leaves(77)
    const naive = new NaiveTree(all)
    const hashes = frontier(77).map(([level, index]) => naive.root(index * 2 ** level, (index + 1) * 2 ** level))
    let range = EMPTY_RANGE
    for (const leaf of all) range = append(range, leaf).range
    assert.deepEqual(range, { size: 77, hashes })
    assert.equal(hex(joinSubtrees(hashes)), hex(naive.root(0, 77)))
  })

  it('leaves the range that it was given as it was', () => {
    const one = append(EMPTY_RANGE, leafHash('a')).range
    const before = hex(rootOf(one))
    append(one, leafHash('b'))
    assert.equal(one.size, 1)
    assert.equal(hex(rootOf(one)), before)
    assert.equal(EMPTY_RANGE.hashes.length, 0)
  })

  it('counts exactly where 32-bit and floating-point arithmetic would not', () => {
    assert.equal(floorLog2(2 ** 49 - 1), 48)
    assert.equal(floorLog2(2 ** 49), 49)
    assert.deepEqual(subtrees(0, 2 ** 33 + 1), [
      [33, 0],
      [0, 2 ** 33],
    ])
    const hashes = frontier(2 ** 33 + 1).map(() => leafHash('x'))
    const { completed } = append({ size: 2 ** 33 + 1, hashes }, leafHash('y'))
    assert.deepEqual(
      completed.map(({ level, index }) => [level, index]),
      [
        [0, 2 ** 33 + 1],
        [1, 2 ** 32],
      ],
    )
  })
})
