import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'

import type pg from 'pg'

import type { BlobStore } from '../../evidence/ports.ts'
import { storageUnavailable } from '../errors.ts'
import { requireDigest, requireOwnDigest } from './digest-check.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)
const LEVEL = 3

/** Blobs as rows of PostgreSQL, so that all replicas share them. Each is committed before a row names it. */
export function databaseBlobStore(pool: pg.Pool): BlobStore {
  const query = async (text: string, values: unknown[]): Promise<pg.QueryResult> => {
    try {
      return await pool.query(text, values)
    } catch (error) {
      throw storageUnavailable(error)
    }
  }
  return {
    put: async (digest, bytes) => {
      requireOwnDigest(digest, bytes)
      const { rowCount } = await query('select 1 from blobs where digest = $1', [digest])
      if (rowCount) return
      const packed = await compress(bytes, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } })
      await query('insert into blobs (digest, body) values ($1, $2) on conflict do nothing', [digest, packed])
    },
    get: async (digest) => {
      const { rows } = await query('select body from blobs where digest = $1', [digest])
      const [row] = rows as { body: Uint8Array }[]
      return row && requireDigest(digest, await decompress(row.body))
    },
  }
}
