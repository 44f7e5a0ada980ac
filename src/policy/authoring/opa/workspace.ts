import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import type { PolicySource } from '../policy-compiler.ts'

/** A directory that only this upload's runs of the CLI see, under names that are the same every time: OPA writes paths into what it compiles. */
export class Workspace implements AsyncDisposable {
  readonly #root: string

  private constructor(root: string) {
    this.#root = root
  }

  static async create(): Promise<Workspace> {
    return new Workspace(await mkdtemp(join(tmpdir(), 'portcullis-policy-')))
  }

  /** Writes files into a folder of their own. @returns its path */
  async folder(name: string, files: readonly PolicySource[]): Promise<string> {
    const folder = join(this.#root, name)
    await mkdir(folder)
    for (const { path, text } of files) {
      const file = join(folder, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, text, { flag: 'wx' })
    }
    return folder
  }

  /** Reads what a run wrote beside the folders. */
  read(name: string): Promise<Buffer> {
    return readFile(join(this.#root, name))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#root, { recursive: true, force: true })
  }
}
