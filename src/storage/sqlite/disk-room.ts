import { randomBytes } from 'node:crypto'
import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'

import { storageUnavailable } from '../errors.ts'
import type { Room } from '../health.ts'

/** Less than this, in bytes, and the next batch of decisions or the next checkpoint may not fit. */
const LEAST_FREE_BYTES = 4 * 1024 * 1024

function unavailable(cause: unknown): never {
  throw storageUnavailable(cause)
}

/** The room on the disk of a data directory. */
export function diskRoom(directory: string): Room {
  const path = join(directory, 'portcullis.probe')
  return {
    assertFree: async () => {
      const { blocks, bavail, bsize, files, ffree } = await statfs(directory).catch(unavailable)
      // Some network file systems don't tell: they report zero of everything.
      const full = blocks > 0 && bavail * bsize < LEAST_FREE_BYTES
      if (full || (files > 0 && ffree === 0)) throw storageUnavailable('the disk of the data directory is full')
    },
    // A quota shows nowhere else. Random bytes, since a file system may compress others to nothing.
    tryWrite: async (bytes) => {
      try {
        await using file = await open(path, 'w', 0o600)
        await file.writeFile(randomBytes(bytes))
        await file.sync()
      } catch (error) {
        throw storageUnavailable(error)
      } finally {
        await rm(path, { force: true })
      }
    },
  }
}
