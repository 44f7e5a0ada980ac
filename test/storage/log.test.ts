import assert from 'node:assert/strict'
import { it } from 'node:test'

import { leafHash, nodeHash } from '../../src/audit/merkle.ts'
import type { EntryFilter } from '../../src/audit/ports.ts'
import type { EntryDraft } from '../../src/core/log-entry.ts'
import { forEachEngine } from '../support/storage.ts'
import { decisionToRecord, draft } from './samples.ts'
import { assertIntactLog, merkleTreeHash } from './intact-log.ts'

const plain = (hash: Uint8Array | undefined): Uint8Array => new Uint8Array(hash ?? [])

await forEachEngine('The log', ({ open, place }) => {
  it('begins with the entry that names it, once', async () => {
    const where = await place()
    for (let start = 0; start < 2; start++) {
      await using storage = await open(where)
      assert.equal((await storage.log.head()).size, 1)
      assert.equal((JSON.parse((await storage.log.entry(0))?.leaf ?? '{}') as { type: string }).type, 'log.created')
    }
  })

  it('is one gapless tree after 1,000 concurrent appends', async () => {
    await using storage = await open()
    const indexes = await Promise.all(
      Array.from({ length: 1000 }, async (_, n) => {
        if (n % 10 !== 0) return (await storage.decisions.record(decisionToRecord())).logIndex
        await storage.entries.append([draft('login.refused', { n })])
        return undefined
      }),
    )
    assert.equal(new Set(indexes.filter((index) => index !== undefined)).size, 900)
    assert.equal((await storage.log.head()).size, 1001)
    await assertIntactLog(storage)
  })

  it('gives every complete subtree, at kept levels and between', async () => {
    await using storage = await open()
    await storage.entries.append(Array.from({ length: 1100 }, (_, n) => draft('login.refused', { n })))
    const leaves = await storage.log.nodes(Array.from({ length: 1101 }, (_, index) => [0, index] as const))
    const wanted = [
      [3, 0],
      [3, 1],
      [7, 7],
      [8, 3],
      [9, 1],
      [10, 0],
      [0, 1100],
      [0, 5],
    ] as const
    const nodes = await storage.log.nodes(wanted)
    for (const [at, [level, index]] of wanted.entries()) {
      assert.deepEqual(plain(nodes[at]), merkleTreeHash(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)), `${level}/${index}`)
    }
    await assert.rejects(storage.log.nodes([[8, 4]]), RangeError)
    await assert.rejects(storage.log.nodes([[0, 1101]]), RangeError)
  })

  it('filters entries and pages through them in the order of the log', async () => {
    await using storage = await open()
    const entries: EntryDraft[] = [
      { ...draft('decision', { n: 1 }), subject: 's', stage: 'build', environment: 'build' },
      { ...draft('decision', { n: 2 }, '2026-03-09T00:00:00.000Z'), subject: 't', stage: 'production', environment: 'eu', actor: 'ann' },
      draft('login.refused', { n: 3 }, '2026-03-05T00:00:00.000Z'),
    ]
    await storage.entries.append(entries)
    const listed = async (filter: EntryFilter) => (await storage.log.entries(filter, { limit: 10 })).items.map(({ index }) => index)
    assert.deepEqual(await listed({}), [0, 1, 2, 3])
    assert.deepEqual(await listed({ type: 'decision' }), [1, 2])
    assert.deepEqual(await listed({ type: 'decision', actor: 'ann' }), [2])
    assert.deepEqual(await listed({ subject: 's' }), [1])
    assert.deepEqual(await listed({ stage: 'production' }), [2])
    assert.deepEqual(await listed({ environment: 'build' }), [1])
    assert.deepEqual(await listed({ from: '2026-03-02T00:00:00Z' }), [2, 3])
    assert.deepEqual(await listed({ from: '2026-03-02T00:00:00Z', to: '2026-03-09T00:00:00Z' }), [3])
    const first = await storage.log.entries({}, { limit: 3 })
    const rest = await storage.log.entries({}, { limit: 3, after: first.next ?? '' })
    assert.deepEqual(
      [...first.items, ...rest.items].map(({ index }) => index),
      [0, 1, 2, 3],
    )
    assert.equal(rest.next, null)
  })

  it('keeps free text beside the leaf, never in it', async () => {
    await using storage = await open()
    const detail = { address: '192.0.2.7', reason: { text: 'späť\0' } }
    await storage.entries.append([{ ...draft('login.refused', { n: 1 }), detail }])
    const entry = await storage.log.entry(1)
    assert.equal(entry?.leaf.includes('192.0.2.7'), false)
    assert.deepEqual(Object.fromEntries(Object.entries(entry?.detail ?? {}).map(([field, { value }]) => [field, value])), detail)
  })

  it('appends all entries of one call or none', async () => {
    await using storage = await open()
    const tooLong = { ...draft('login.refused', { n: 1 }), subject: 'x'.repeat(70_000) }
    await assert.rejects(storage.entries.append([draft('login.refused', { n: 0 }), tooLong]), { code: 'entry_too_long' })
    assert.equal((await storage.log.head()).size, 1)
    await storage.entries.append([draft('login.refused', { n: 2 })])
    await assertIntactLog(storage)
  })

  it('hashes as RFC 6962 says', () => {
    const [a, b] = [leafHash('a'), leafHash('b')]
    assert.deepEqual(merkleTreeHash([a, b]), plain(nodeHash(a, b)))
  })
})
