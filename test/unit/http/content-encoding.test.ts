import { deepEqual, equal, rejects, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'

import { AppError } from '../../../src/core/app-error.ts'
import { decompress, encodingOf } from '../../../src/http/content-encoding.ts'

const TEXT = Buffer.from('lines of a report\n'.repeat(1000))
const COMPRESSED = { gzip: gzipSync(TEXT), zstd: zstdCompressSync(TEXT) } as const

describe('A Content-Encoding', () => {
  it('may be none, gzip or zstd', () => {
    deepEqual([undefined, '', 'identity', 'gzip', ' GZIP ', 'x-gzip', 'zstd'].map(encodingOf), [
      undefined,
      undefined,
      undefined,
      'gzip',
      'gzip',
      'gzip',
      'zstd',
    ])
  })

  it('is refused if it is another, or several', () => {
    for (const header of ['br', 'deflate', 'gzip, gzip', 'gzip, identity'])
      throws(() => encodingOf(header), { code: 'encoding_unsupported' }, header)
  })
})

for (const encoding of ['gzip', 'zstd'] as const) {
  describe(`A body compressed with ${encoding}`, () => {
    it('is decompressed', async () => deepEqual(await decompress(COMPRESSED[encoding], encoding, TEXT.length), TEXT))

    it('is given up when it grows past the limit', async () =>
      equal(await decompress(COMPRESSED[encoding], encoding, TEXT.length - 1), undefined))

    it('accounts for what it becomes, and is given up when that is too much', async () => {
      let held = 0
      await decompress(COMPRESSED[encoding], encoding, 1_000_000, (bytes) => (held += bytes))
      equal(held, TEXT.length)
      const full = new AppError('overloaded', 'no room')
      const giveUp = (): never => {
        throw full
      }
      await rejects(decompress(COMPRESSED[encoding], encoding, 1_000_000, giveUp), full)
    })

    it('is refused when it is cut short: a truncated report must never pass for a whole one', async () => {
      for (const cut of [1, 10, COMPRESSED[encoding].length - 1])
        await rejects(decompress(COMPRESSED[encoding].subarray(0, -cut), encoding, 1_000_000), { code: 'encoding_malformed' }, String(cut))
    })

    it('is refused when it is something else', async () => {
      await rejects(decompress(Buffer.from('plain'), encoding, 1_000_000), { code: 'encoding_malformed' })
      await rejects(decompress(new Uint8Array(), encoding, 1_000_000), { code: 'encoding_malformed' })
    })
  })
}
