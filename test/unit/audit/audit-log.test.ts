import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { AuditLog } from '../../../src/audit/audit-log.ts'
import { parseCheckpoint } from '../../../src/audit/checkpoint.ts'
import { append, EMPTY_RANGE, leafHash, rootOf } from '../../../src/audit/merkle.ts'
import { noteSigner, openNote } from '../../../src/audit/note.ts'
import { verifyConsistency } from '../../../src/audit/proofs.ts'
import { decisionDraft, MemoryLog } from './memory-log.ts'

const signer = noteSigner('example.com/log', new Uint8Array(32).fill(3))

function logOf(size: number): { log: MemoryLog; audit: AuditLog } {
  const log = new MemoryLog()
  for (let at = 0; at < size; at++) log.add(decisionDraft())
  return { log, audit: new AuditLog(log, signer) }
}

describe('the audit log', () => {
  it('signs a checkpoint of the committed tree, and of every later one anew', async () => {
    const { log, audit } = logOf(3)
    const first = await audit.checkpoint()
    assert.equal(await audit.checkpoint(), first)
    assert.equal(parseCheckpoint(openNote(first, [signer.verifierKey]).text).size, 3)
    log.add(decisionDraft())
    const second = await audit.checkpoint()
    const proof = await audit.consistency(3, 4)
    const [older, newer] = [first, second].map((note) => parseCheckpoint(openNote(note, [signer.verifierKey]).text))
    assert.ok(older && newer && verifyConsistency(older, newer, proof))
  })

  it('signs an empty log', async () => {
    const { audit } = logOf(0)
    assert.equal(parseCheckpoint(openNote(await audit.checkpoint(), [signer.verifierKey]).text).size, 0)
  })

  it('never signs a second root for one size', async () => {
    const { log, audit } = logOf(3)
    await audit.checkpoint()
    log.head = async () => ({ size: 3, root: leafHash('another tree') })
    await assert.rejects(audit.checkpoint(), { code: 'log_corrupt' })
  })

  it('hands out no receipt that would not verify', async () => {
    const { log, audit } = logOf(5)
    const [first, second] = log.stored
    assert.ok(first && second)
    log.stored[1] = { ...second, leaf: first.leaf }
    await assert.rejects(audit.receipt(1), { code: 'log_corrupt' })
  })

  it('knows no entries outside the committed tree', async () => {
    const { audit } = logOf(2)
    for (const index of [2, -1, 0.5, Number.NaN]) await assert.rejects(audit.receipt(index), { code: 'entry_not_found' })
  })

  it('proves consistency only between sizes that it has', async () => {
    const { audit } = logOf(4)
    assert.deepEqual(await audit.consistency(0, 4), [])
    for (const [from, to] of [
      [1, 5],
      [3, 2],
      [-1, 2],
      [0.5, 2],
    ] as const) {
      await assert.rejects(audit.consistency(from, to), { code: 'consistency_range' })
    }
  })

  it('shows entries with their free text, and names what was removed', async () => {
    const { log, audit } = logOf(1)
    const [one] = log.stored
    assert.ok(one)
    log.add({ ...decisionDraft(), detail: {} })
    log.stored.push({ ...one, index: 2, detail: {} })
    const { items } = await audit.entries({}, { limit: 10 })
    assert.deepEqual(
      items.map((item) => [item.index, item.detail, item.removed]),
      [
        [0, { author: 'someone' }, []],
        [1, {}, []],
        [2, {}, ['author']],
      ],
    )
    assert.equal(items[0]?.leafHash, Buffer.from(rootOf(append(EMPTY_RANGE, leafHash(one.leaf)).range)).toString('hex'))
  })
})
