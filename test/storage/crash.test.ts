import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'

import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine, type Place } from '../support/storage.ts'
import { assertIntactLog } from './intact-log.ts'
import { decisionToRecord } from './samples.ts'

const PROGRAM = fileURLToPath(new URL('./writing-process.ts', import.meta.url))

interface WritingProcess {
  /** Log index by id of every decision that the process saw acknowledged. */
  acknowledged: Map<string, number>
  /** Resolves once that many were acknowledged. */
  reached(count: number): Promise<void>
  /** SIGKILL: no handler runs, nothing is finished. */
  kill(): Promise<void>
}

function startWriting(place: Place): WritingProcess {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(place)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const acknowledged = new Map<string, number>()
  const waiting: { count: number; resolve: () => void }[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [id = '', index] = line.split(' ')
      acknowledged.set(id, Number(index))
    }
    for (const { count, resolve } of waiting) if (acknowledged.size >= count) resolve()
  })
  return {
    acknowledged,
    reached: (count) =>
      new Promise((resolve, reject) => {
        waiting.push({ count, resolve })
        child.once('exit', () => reject(new Error('the writing process ended by itself')))
      }),
    kill: () => kill(child),
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await closed
}

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
    const writing = startWriting(where)
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
    const processes = [startWriting(where), startWriting(where), startWriting(where)]
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
