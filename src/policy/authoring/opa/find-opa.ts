import { execFile } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

/** The only version that compiles policies: another one makes other bytes, and has other builtins than were compared with the engine's. */
export const OPA_VERSION = '1.22.0'

const EXE = process.platform === 'win32' ? 'opa.exe' : 'opa'

/** Where the CLI may be. */
export interface OpaPlaces {
  /** What `PORTCULLIS_OPA` says; nothing else counts then, since whoever set it meant it. */
  named: string | undefined
  /** Folders, first come first served. */
  folders: readonly string[]
}

/** @param path the variable PATH; @param tools the folder that `npm run tools` fills */
export function opaPlaces(named: string | undefined, path: string | undefined, tools: string): OpaPlaces {
  return { named: named || undefined, folders: [tools, ...(path ?? '').split(delimiter).filter((folder) => folder !== '')] }
}

/** Files that may be the CLI, in the order in which they count. */
export function candidates({ named, folders }: OpaPlaces): string[] {
  return named === undefined ? folders.map((folder) => join(folder, EXE)) : [named]
}

/** The version in what `opa version` prints. */
export function versionIn(output: string): string | undefined {
  return /^Version: (\S+)$/m.exec(output)?.[1]
}

/** Looks for a CLI of the right version, each time anew until there is one. */
export class OpaFinder {
  readonly #places: OpaPlaces
  #found: string | undefined

  constructor(places: OpaPlaces) {
    this.#places = places
  }

  /** @returns its path, or undefined if there is none */
  async find(): Promise<string | undefined> {
    for (const path of candidates(this.#places)) {
      if (this.#found !== undefined) break
      if ((await versionOf(path)) === OPA_VERSION) this.#found = path
    }
    return this.#found
  }
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['version'], { env: {}, timeout: 20_000, killSignal: 'SIGKILL' })
    return versionIn(stdout)
  } catch {
    return undefined
  }
}

const run = promisify(execFile)
