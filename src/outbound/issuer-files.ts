import { open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'

import type { IssuerFiles } from '../auth/jwt/ports.ts'
import { isPlainFileName } from '../core/plain-file-name.ts'

const MAX_BYTES = 256 * 1024

/**
 * Reads files that the operator laid into one directory: whoever may configure issuers must not read any other. Links count as what they
 * point at, since Kubernetes mounts secrets as links inside the directory.
 */
export class IssuerFileDirectory implements IssuerFiles {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** @throws {Error} if it is no plain name, leads out of the directory, is no file, or is longer than 256 KiB */
  async read(name: string): Promise<string> {
    if (!isPlainFileName(name)) throw new Error('it is no plain file name')
    const path = await realpath(join(this.#directory, name))
    if (!path.startsWith((await realpath(this.#directory)) + sep)) throw new Error('it leads out of the directory for files of issuers')
    await using file = await open(path)
    const stat = await file.stat()
    if (!stat.isFile() || stat.size > MAX_BYTES) throw new Error(`it is no file of at most ${MAX_BYTES} bytes`)
    return await file.readFile('utf8')
  }
}
