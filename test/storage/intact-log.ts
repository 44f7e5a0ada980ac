import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

import type { Storage } from '../../src/storage/storage.ts'

/** The Merkle tree hash over leaf hashes, written once more and recursively, as RFC 6962 section 2.1 does. */
export function merkleTreeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (leaves.length === 1 && only) return new Uint8Array(only)
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  const hash = createHash('sha256').update(Uint8Array.of(1))
  return new Uint8Array(
    hash
      .update(merkleTreeHash(leaves.slice(0, split)))
      .update(merkleTreeHash(leaves.slice(split)))
      .digest(),
  )
}

/** Reads the whole log, and checks that there is no gap and that its root is that of its leaves. @returns the leaves */
export async function assertIntactLog(storage: Storage): Promise<string[]> {
  const { size, root } = await storage.log.head()
  const leaves: string[] = []
  let after: string | undefined
  do {
    const page = await storage.log.entries({}, { limit: 1000, ...(after !== undefined && { after }) })
    for (const { index, leaf } of page.items) {
      assert.equal(index, leaves.length, 'a gap in the log')
      leaves.push(leaf)
    }
    after = page.next ?? undefined
  } while (after !== undefined)
  assert.equal(leaves.length, size)
  const hashes = leaves.map((leaf) => new Uint8Array(createHash('sha256').update(Uint8Array.of(0)).update(leaf).digest()))
  assert.deepEqual(new Uint8Array(root), merkleTreeHash(hashes))
  return leaves
}
