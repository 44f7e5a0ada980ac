import assert from 'node:assert/strict'
import { it } from 'node:test'

import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { assertIntactLog } from './intact-log.ts'
import { decisionToRecord } from './samples.ts'
import { startWriting } from './writing.ts'

const PROGRAM = new URL('./writing-process.ts', import.meta.url)

/** Every acknowledged decision is there, at the index that was told, and its leaf is in the tree. */
async function assertAllKept(storage: Storage, acknowledged: ReadonlyMap<string, number>): Promise<void> {
  const leaves = await assertIntactLog(storage)
  for (const [id, logIndex] of acknowledged) {
    assert.ok(leaves[logIndex]?.includes(id), `decision ${id} is not leaf ${logIndex}`)
    assert.equal((await storage.decisions.find(id))?.logIndex, logIndex)
  }
}

await forEachEngine('A process that is killed under load', ({ place, open }) => {
  it('loses no acknowledged decision, and the tree is intact', async () => {
    const where = await place()
    const writing = startWriting(PROGRAM, where)
    try {
      await writing.reached(300)
    } finally {
      await writing.kill()
    }
    await using storage = await open(where)
    assert.ok(writing.acknowledged.size >= 300)
    await assertAllKept(storage, writing.acknowledged)
    await storage.decisions.record(decisionToRecord())
  })
})

await forEachEngine('Several processes on one database', ({ name, place, open, server }) => {
  if (name === 'SQLite') return

  it('share one tree without gap or fork, though one of them is killed', async () => {
    const where = await place()
    const processes = [startWriting(PROGRAM, where), startWriting(PROGRAM, where), startWriting(PROGRAM, where)]
    const [killed, ...others] = processes
    try {
      await Promise.all(processes.map((writing) => writing.reached(100)))
      await killed?.kill()
      await Promise.all(others.map((writing) => writing.reached(writing.acknowledged.size + 100)))
    } finally {
      await Promise.all(processes.map((writing) => writing.kill()))
    }
    await using storage = await open(where)
    const all = processes.flatMap(({ acknowledged }) => [...acknowledged])
    assert.equal(new Set(all.map(([, index]) => index)).size, all.length, 'an index was given out twice')
    await assertAllKept(storage, new Map(all))
  })

  it('go on by themselves after the server crashed, and lose nothing that was acknowledged', async () => {
    const where = await place()
    await using storage = await open(where)
    const acknowledged = new Map<string, number>()
    let refused = 0
    let crashed = false
    const writer = async (): Promise<void> => {
      for (let after = 0; after < 5;) {
        try {
          const { decision, logIndex } = await storage.decisions.record(decisionToRecord())
          acknowledged.set(decision.id, logIndex)
          if (crashed) after++
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'storage_unavailable')
          refused++
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
      }
    }
    const writers = Promise.all(Array.from({ length: 8 }, writer))
    while (acknowledged.size < 50) await new Promise((resolve) => setTimeout(resolve, 10))
    await server?.crashAndRestart()
    crashed = true
    await writers
    assert.ok(refused > 0)
    await storage.health()
    await assertAllKept(storage, acknowledged)
  })
})
