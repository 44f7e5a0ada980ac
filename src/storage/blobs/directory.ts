import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'

import { isDigest, type Digest } from '../../core/digest.ts'
import { newId } from '../../core/id.ts'
import type { BlobStore } from '../../evidence/ports.ts'
import { storageUnavailable } from '../errors.ts'
import { requireDigest, requireOwnDigest } from './digest-check.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)
const LEVEL = 3

/** Blobs as files `ab/cd/<hex>.zst` in a directory. A file is complete and synced before it has its name. */
export function directoryBlobStore(directory: string): BlobStore {
  return {
    put: async (digest, bytes) => {
      requireOwnDigest(digest, bytes)
      const path = pathOf(directory, digest)
      if (await exists(path)) return
      const packed = await compress(bytes, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } })
      try {
        await writeDurably(directory, path, packed)
      } catch (error) {
        throw storageUnavailable(error)
      }
    },
    get: async (digest) => {
      const packed = await readIfThere(pathOf(directory, digest))
      return packed && requireDigest(digest, await decompress(packed))
    },
  }
}

function pathOf(directory: string, digest: Digest): string {
  // The digest becomes a path: nothing else may pass.
  if (!isDigest(digest)) throw new TypeError('not a digest')
  const hex = digest.slice('sha256:'.length)
  return join(directory, hex.slice(0, 2), hex.slice(2, 4), `${hex}.zst`)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw storageUnavailable(error)
  }
}

/** Temporary file, sync, rename, sync of every directory that got a new name. */
async function writeDurably(root: string, path: string, bytes: Uint8Array): Promise<void> {
  const parent = dirname(path)
  await mkdir(parent, { recursive: true, mode: 0o700 })
  const temporary = `${path}.${newId()}.tmp`
  try {
    await writeSynced(temporary, bytes)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  for (const directory of [parent, dirname(parent), root]) await syncDirectory(directory)
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  await file.writeFile(bytes)
  await file.sync()
}

async function syncDirectory(path: string): Promise<void> {
  // Windows offers no sync of directories.
  if (process.platform === 'win32') return
  await using directory = await open(path, 'r')
  await directory.sync()
}
