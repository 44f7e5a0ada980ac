import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { zstdCompressSync } from 'node:zlib'

import pg from 'pg'

import { sha256Digest } from '../../src/core/digest.ts'
import { forEachEngine, type Place } from '../support/storage.ts'
import { randomDigest } from './samples.ts'

await forEachEngine('Blobs', ({ open, place, name }) => {
  it('are kept under their digest, compressed, and given back byte for byte', async () => {
    await using storage = await open()
    for (const bytes of [Buffer.from(''), Buffer.from('{}'), randomBytes(300_000), Buffer.alloc(2_000_000, 'report ')]) {
      const digest = sha256Digest(bytes)
      await Promise.all([storage.blobs.put(digest, bytes), storage.blobs.put(digest, bytes)])
      await storage.blobs.put(digest, bytes)
      assert.ok(Buffer.from((await storage.blobs.get(digest)) ?? 'x').equals(bytes))
    }
    assert.equal(await storage.blobs.get(randomDigest()), undefined)
  })

  it('are refused under a digest that is not theirs', async () => {
    await using storage = await open()
    const digest = randomDigest()
    await assert.rejects(storage.blobs.put(digest, Buffer.from('other')), TypeError)
    assert.equal(await storage.blobs.get(digest), undefined)
  })

  it('are never handed out damaged', async () => {
    const where = await place()
    await using storage = await open(where)
    const bytes = Buffer.from('report')
    const digest = sha256Digest(bytes)
    await storage.blobs.put(digest, bytes)
    await damage(where, digest, zstdCompressSync('changed'))
    await assert.rejects(storage.blobs.get(digest), { code: 'blob_damaged' })
  })

  if (name === 'SQLite') {
    it('leave no temporary file behind', async () => {
      const where = await place()
      await using storage = await open(where)
      const bytes = randomBytes(1000)
      await Promise.all(Array.from({ length: 10 }, () => storage.blobs.put(sha256Digest(bytes), bytes)))
      const files = (await readdir(join(where.dataDir, 'blobs'), { recursive: true, withFileTypes: true })).filter((file) => file.isFile())
      assert.equal(files.length, 1)
      assert.match(files[0]?.name ?? '', /^[0-9a-f]{64}\.zst$/)
      assert.notEqual((await readFile(join(files[0]?.parentPath ?? '', files[0]?.name ?? ''))).length, 0)
    })
  }
})

async function damage({ dataDir, databaseUrl }: Place, digest: string, packed: Uint8Array): Promise<void> {
  const hex = digest.slice('sha256:'.length)
  if (databaseUrl === undefined) return writeFile(join(dataDir, 'blobs', hex.slice(0, 2), hex.slice(2, 4), `${hex}.zst`), packed)
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('update blobs set body = $1 where digest = $2', [packed, digest])
  await client.end()
}
