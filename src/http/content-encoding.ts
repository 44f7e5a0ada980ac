import { createGunzip, createZstdDecompress } from 'node:zlib'

import { AppError, isAppError } from '../core/app-error.ts'
import type { HttpErrorCode } from './problem.ts'

export type Encoding = 'gzip' | 'zstd'

/**
 * Reads a Content-Encoding header.
 * @returns undefined if the body is sent as it is
 * @throws {AppError} `encoding_unsupported` for any other, and for several on top of each other
 */
export function encodingOf(header: string | undefined): Encoding | undefined {
  const name = header?.trim().toLowerCase() ?? ''
  if (name === '' || name === 'identity') return undefined
  if (name === 'gzip' || name === 'x-gzip') return 'gzip'
  if (name === 'zstd') return 'zstd'
  throw new AppError<HttpErrorCode>('encoding_unsupported', 'The Content-Encoding is not understood.', {
    field: 'header.Content-Encoding',
    remedy: 'Send the body as it is, or compressed once with gzip or zstd.',
  })
}

const DECOMPRESSORS = { gzip: createGunzip, zstd: createZstdDecompress } as const
const CHUNK_BYTES = 64 * 1024

/**
 * Decompresses an attacker-controlled body; a bomb is given up at the limit.
 * @param account told of each piece's bytes before the next is made; may throw to give up
 * @returns undefined if the content is longer than `maxBytes`
 * @throws {AppError} `encoding_malformed`, and what `account` throws
 */
export async function decompress(
  bytes: Uint8Array,
  encoding: Encoding,
  maxBytes: number,
  account: (bytes: number) => void = () => undefined,
): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    const stream = DECOMPRESSORS[encoding]({ chunkSize: CHUNK_BYTES })
    stream.end(bytes)
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.byteLength
      if (size > maxBytes) return undefined
      account(chunk.byteLength)
      chunks.push(chunk)
    }
  } catch (cause) {
    if (isAppError(cause)) throw cause
    throw new AppError<HttpErrorCode>('encoding_malformed', `The body is not valid ${encoding}, or it is incomplete.`, {
      field: 'body',
      remedy: 'Compress the whole file, and send it with --data-binary.',
      cause,
    })
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size)
}
