import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'

import { migrate } from '../../src/storage/migrations/migrate.ts'
import { SqliteConnection } from '../../src/storage/sqlite/connection.ts'
import { openSqliteEngine } from '../../src/storage/sqlite/engine.ts'
import { sqliteMigrationConnection } from '../../src/storage/sqlite/migration-connection.ts'
import { openStorage } from '../../src/storage/storage.ts'
import type { WriterAnswer, WriterRequest } from '../../src/storage/writer/messages.ts'
import { runBatch } from '../../src/storage/writer/run-batch.ts'
import { startService } from '../support/service.ts'
import { LOG_CREATED } from '../support/storage.ts'
import { assertIntactLog } from './intact-log.ts'
import { decisionToRecord } from './samples.ts'

let lastId = 0

function decisionRequest(): WriterRequest {
  const { decision, input, entry } = decisionToRecord({ context: { note: 'n'.repeat(2000) } })
  const args = { decision: JSON.stringify(decision), input, surroundings: JSON.stringify({ entry }) }
  return { id: ++lastId, name: 'recordDecision', args }
}

function isRefused(answer: WriterAnswer): boolean {
  return 'failure' in answer && answer.failure.code === 'storage_unavailable'
}

describe('A full database', () => {
  it('fails every operation of the batch, acknowledges none, and goes on when there is room', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'portcullis-full-'))
    const path = join(directory, 'portcullis.db')
    const connection = new SqliteConnection(path, 'write')
    await migrate(sqliteMigrationConnection(connection.database))
    const pages = Number(connection.all('pragma page_count')[0]?.['page_count'])
    connection.close()
    const engine = openSqliteEngine(path)
    await engine.run(`pragma max_page_count = ${pages + 60}`, [])

    let kept = 0
    let full = false
    while (!full) {
      const { answers } = await runBatch(engine, Array.from({ length: 10 }, decisionRequest))
      full = answers.some(isRefused)
      if (full) assert.ok(answers.every(isRefused), 'a batch is kept whole or not at all')
      else kept += answers.length
    }
    assert.equal((await engine.get('select count(*) as n from decisions', []))?.['n'], kept)

    await engine.run('pragma max_page_count = 100000', [])
    const { answers } = await runBatch(engine, [decisionRequest()])
    assert.deepEqual(answers, [{ id: lastId, value: { logIndex: kept } }])
    await engine.close()
    await rm(directory, { recursive: true })
  })

  const mounted = mountSmallDisk(8)
  // Without the right to mount, the test above stands alone.
  if (mounted) {
    it('recovers by itself on a real disk that was full for a while', async () => {
      try {
        const filler = join(mounted.path, 'filler')
        await using storage = await openStorage({ dataDir: mounted.path, log: { created: LOG_CREATED } })
        await storage.decisions.record(decisionToRecord())
        await writeFile(filler, Buffer.alloc(16 * 1024 * 1024)).catch(() => undefined)
        const outcomes = await Promise.allSettled(
          Array.from({ length: 500 }, () => storage.decisions.record(decisionToRecord({ context: { note: 'n'.repeat(20_000) } }))),
        )
        const refused = outcomes.filter(({ status }) => status === 'rejected')
        assert.ok(refused.length > 0, 'the disk was not full')
        for (const { reason } of refused as PromiseRejectedResult[]) assert.equal((reason as { code: string }).code, 'storage_unavailable')
        await assert.rejects(storage.health(), { code: 'storage_unavailable' })
        await rm(filler)
        await storage.health()
        await storage.decisions.record(decisionToRecord())
        const kept = outcomes.length - refused.length
        assert.equal((await assertIntactLog(storage)).length, 1 + 1 + kept + 1)
      } finally {
        mounted.unmount()
      }
    })

    it('is not ready on a disk without room, though a small write still fits, and is again when there is room', async () => {
      const disk = mountSmallDisk(32)
      assert.ok(disk)
      try {
        const path = join(disk.path, 'filler')
        await using running = await startService({ PORTCULLIS_DATA_DIR: disk.path })
        makeRoomInWriteAheadLog(join(disk.path, 'portcullis.db'))
        assert.equal((await running.admin.get('/readyz')).status, 200)
        fillCompletely(path)
        await holdsNoLonger()
        const full = await running.admin.get('/readyz')
        assert.equal(full.status, 503, full.text)
        assert.equal(full.json<{ checks: { storage: string } }>().checks.storage, 'no write is possible')
        await rm(path)
        await holdsNoLonger()
        assert.equal((await running.admin.get('/readyz')).status, 200)
      } finally {
        disk.unmount()
      }
    })
  }
})

/** What the write-ahead log held is in the database: the next writes take its place, and need nothing of the disk. */
function makeRoomInWriteAheadLog(path: string): void {
  const database = new DatabaseSync(path)
  database.exec('pragma wal_checkpoint(full)')
  database.close()
}

/** Takes every byte that the disk has. */
function fillCompletely(path: string): void {
  const file = openSync(path, 'w')
  for (const size of [65_536, 4096, 1]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size))
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
    }
  }
  fsyncSync(file)
  closeSync(file)
}

/** An answer of /readyz holds for a second. */
function holdsNoLonger(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1100))
}

function mountSmallDisk(mib: number): { path: string; unmount(): void } | undefined {
  const path = execFileSync('mktemp', ['-d', join(tmpdir(), 'portcullis-disk-XXXXXX')], { encoding: 'utf8' }).trim()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'tmpfs', path], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  return { path, unmount: () => execFileSync('sh', ['-c', 'umount -l "$0" && rmdir "$0"', path]) }
}
