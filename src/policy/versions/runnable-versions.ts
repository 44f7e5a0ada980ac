import { isAppError } from '../../core/app-error.ts'
import type { Digest } from '../../core/digest.ts'
import { newId } from '../../core/id.ts'
import type { ExactVersion } from '../catalogue.ts'
import type { LoadedPack } from '../engine/load-packs.ts'
import type { PackLoading } from '../evaluator.ts'
import type { PolicyStore } from './ports.ts'

/** Most versions that the engine has besides the shipped ones: each takes memory in every worker that ran it. */
const MAX_LOADED = 500
/** So many stay that nobody holds any more: a decision may still be on its way to one. */
const MAX_IDLE = 32

/** Why versions can't be run, by digest. */
export type VersionFaults = ReadonlyMap<Digest, string>

/** Who needs which versions: the engine has the shipped ones of this release, and of all others those that somebody holds. */
export class RunnableVersions {
  readonly #store: Pick<PolicyStore, 'find' | 'pack'>
  readonly #engine: PackLoading
  readonly #shipped: ReadonlySet<Digest>
  readonly #held = new Map<string, ReadonlySet<Digest>>()
  /** Those in the engine, the one that was needed last at the end. */
  readonly #loaded = new Set<Digest>()
  #turn: Promise<unknown> = Promise.resolve()

  /** @param shipped digests of what the engine began with */
  constructor({ store, engine, shipped }: { store: Pick<PolicyStore, 'find' | 'pack'>; engine: PackLoading; shipped: readonly Digest[] }) {
    this.#store = store
    this.#engine = engine
    this.#shipped = new Set(shipped)
  }

  /**
   * Makes sure that these versions can be run for as long as the same holder holds no others.
   * @param holder a name for what needs them, such as `bindings`
   * @returns why some of them can't be run
   * @throws {AppError} `storage_unavailable` if they can't be read now
   */
  hold(holder: string, wanted: readonly ExactVersion[]): Promise<VersionFaults> {
    return this.#inTurn(async () => {
      const own = wanted.filter(({ digest }) => !this.#shipped.has(digest))
      const faults = await this.#load(own.filter(({ digest }) => !this.#loaded.has(digest)))
      const digests = own.map(({ digest }) => digest).filter((digest) => !faults.has(digest))
      this.#held.set(holder, new Set(digests))
      for (const digest of digests) {
        this.#loaded.delete(digest)
        this.#loaded.add(digest)
      }
      await this.#unloadIdle()
      return faults
    })
  }

  /** Runs a task while these versions can be run, apart from those that it is told can't. */
  async during<Result>(wanted: readonly ExactVersion[], task: (faults: VersionFaults) => Promise<Result>): Promise<Result> {
    const holder = newId()
    try {
      return await task(await this.hold(holder, wanted))
    } finally {
      await this.#release(holder)
    }
  }

  #release(holder: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#held.delete(holder)
      await this.#unloadIdle()
    })
  }

  async #load(missing: readonly ExactVersion[]): Promise<Map<Digest, string>> {
    const faults = new Map(missing.map(({ digest }): [Digest, string] => [digest, 'there is no such version']))
    if (missing.length === 0) return faults
    for (const version of await this.#store.find(missing)) {
      const { digest } = version.manifest
      if (!faults.has(digest) || this.#loaded.has(digest)) continue
      const fault = this.#loaded.size < MAX_LOADED ? await this.#loadOne(() => this.#store.pack(version)) : 'too many versions are in use'
      if (fault === undefined) {
        faults.delete(digest)
        this.#loaded.add(digest)
      } else faults.set(digest, fault)
    }
    return faults
  }

  /** @returns why it can't be run; what may be better in a moment is thrown */
  async #loadOne(read: () => Promise<LoadedPack>): Promise<string | undefined> {
    try {
      const pack = await read()
      return (await this.#engine.load([pack])).get(pack.manifest.digest)
    } catch (error) {
      if (isAppError(error) && error.code !== 'storage_unavailable') return error.message
      throw error
    }
  }

  async #unloadIdle(): Promise<void> {
    const held = new Set([...this.#held.values()].flatMap((digests) => [...digests]))
    const idle = [...this.#loaded].filter((digest) => !held.has(digest))
    const surplus = idle.slice(0, Math.max(0, idle.length - MAX_IDLE))
    if (surplus.length === 0) return
    for (const digest of surplus) this.#loaded.delete(digest)
    await this.#engine.unload(surplus)
  }

  /** One after the other, so that nobody unloads what another is about to hold. */
  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(task)
    this.#turn = result.catch(() => undefined)
    return result
  }
}
