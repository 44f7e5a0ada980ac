import { isAppError } from '../../core/app-error.ts'
import type { Digest } from '../../core/digest.ts'
import type { Evaluation, EvaluationOutcome, PackLoading, PolicyEvaluator } from '../evaluator.ts'
import type { CompiledPack } from './compiled-pack.ts'
import type { LoadedPack } from './load-packs.ts'
import type { ThreadedEvaluator } from './threaded-evaluator.ts'

/** The policy engine as the rest of the service has it: runs packs, and takes versions in and out while it runs. */
export class PackEngine implements PolicyEvaluator, PackLoading, AsyncDisposable {
  readonly #evaluator: ThreadedEvaluator
  readonly #probe: (pack: LoadedPack) => Promise<CompiledPack>

  /** @param probe finds out whether a pack can be run; throws an `AppError` if not */
  constructor(evaluator: ThreadedEvaluator, probe: (pack: LoadedPack) => Promise<CompiledPack>) {
    this.#evaluator = evaluator
    this.#probe = probe
  }

  evaluate(evaluations: readonly Evaluation[]): Promise<EvaluationOutcome[]> {
    return this.#evaluator.evaluate(evaluations)
  }

  ready(): boolean {
    return this.#evaluator.ready()
  }

  async load(packs: readonly LoadedPack[]): Promise<Map<Digest, string>> {
    const faults = new Map<Digest, string>()
    // One after the other: each costs a thread, and live decisions need the processors.
    for (const pack of packs) {
      try {
        this.#evaluator.learn([await this.#probe(pack)])
      } catch (error) {
        if (!isAppError(error)) throw error
        faults.set(pack.manifest.digest, error.message)
      }
    }
    return faults
  }

  unload(packs: readonly Digest[]): Promise<void> {
    return this.#evaluator.forget(packs)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#evaluator[Symbol.asyncDispose]()
  }
}
