import { promisify } from 'node:util'
import { gunzip, zstdDecompress } from 'node:zlib'

import { AppError } from '../core/app-error.ts'
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

const DECOMPRESSORS = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) } as const

/**
 * Decompresses an attacker-controlled body; a bomb is given up at the limit.
 * @returns undefined if the content is longer than `maxBytes`
 * @throws {AppError} `encoding_malformed`
 */
export async function decompress(bytes: Uint8Array, encoding: Encoding, maxBytes: number): Promise<Uint8Array | undefined> {
  try {
    return await DECOMPRESSORS[encoding](bytes, { maxOutputLength: maxBytes })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw new AppError<HttpErrorCode>('encoding_malformed', `The body is not valid ${encoding}, or it is incomplete.`, {
      field: 'body',
      remedy: 'Compress the whole file, and send it with --data-binary.',
      cause,
    })
  }
}
