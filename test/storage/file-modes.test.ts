import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { freshDigest, trivy } from '../support/reports.ts'
import { startService } from '../support/service.ts'

/** Every file below the directory that somebody else could read or write, with its mode. */
function openToOthers(directory: string): string[] {
  return filesOf(directory)
    .map((path) => [path, statSync(path).mode & 0o777] as const)
    .filter(([, mode]) => (mode & 0o077) !== 0)
    .map(([path, mode]) => `${path} ${mode.toString(8)}`)
}

function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

describe('Files in a data directory that others may read', () => {
  it('are readable by their owner only, those that were open to others before included', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-modes-'))
    chmodSync(dataDir, 0o755)
    const before = process.umask(0o022)
    try {
      {
        await using service = await startService({ PORTCULLIS_DATA_DIR: dataDir })
        await service.admin.submit(freshDigest(), trivy({ severities: ['HIGH'] }))
        const names = filesOf(dataDir).map((path) => path.slice(dataDir.length + 1))
        for (const name of ['portcullis.db', 'portcullis.db-wal', 'portcullis.db-shm', 'portcullis.lock.db', 'log.key'])
          assert.ok(names.includes(name), name)
        assert.ok(names.some((name) => name.startsWith('blobs/')))
        assert.deepEqual(openToOthers(dataDir), [])
      }
      for (const path of filesOf(dataDir)) if (!path.includes('blobs')) chmodSync(path, 0o644)
      await using again = await startService({ PORTCULLIS_DATA_DIR: dataDir })
      await again.admin.submit(freshDigest(), trivy())
      assert.deepEqual(openToOthers(dataDir), [])
    } finally {
      process.umask(before)
      rmSync(dataDir, { recursive: true, force: true })
    }
  })
})
