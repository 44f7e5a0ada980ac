import { availableParallelism } from 'node:os'

import { AppError } from '../../core/app-error.ts'
import { compilePack } from './compiled-pack.ts'
import type { LoadedPack } from './load-packs.ts'
import { PackEngine } from './pack-engine.ts'
import { probePack } from './probe.ts'
import { ThreadedEvaluator, type EvaluatorHooks } from './threaded-evaluator.ts'
import { WorkerThread } from './worker-thread.ts'

export interface EvaluatorOptions {
  /** The shipped packs: they can be run from the start. */
  packs: readonly LoadedPack[]
  /** Most memory of one policy, in Wasm pages of 64 KiB. Default 4096, which is 256 MiB. */
  memoryPages?: number
  /** Most processor time of one run of a pack, in milliseconds; ten times as much may go by. Waiting for a worker doesn't count. Default 250. */
  deadlineMs?: number
  /** Worker threads. Default: one less than the processors, at least 1 and at most 4. */
  workers?: number
  /** Most decisions that wait or run; more are refused with `overloaded`. Default 1024. */
  maxQueue?: number
  /** Most characters of input that wait or run. Default 128 Mi. */
  maxQueuedCharacters?: number
  hooks?: EvaluatorHooks
}

/**
 * Starts the policy engine: compiles the packs, proves that they can run, and starts the workers. Dispose of it to let the process end: it finishes
 * what it accepted.
 *
 * `evaluate` rejects with `overloaded` (too much is waiting) or `evaluator_closed`; a pack's own faults are outcomes.
 * @throws {AppError} `pack_unusable` or `pack_missing_builtin` for a pack that the engine can't run
 */
export async function createEvaluator(options: EvaluatorOptions): Promise<PackEngine> {
  const { memoryPages = 4096, deadlineMs = 250, maxQueue = 1024, maxQueuedCharacters = 128 * 1024 * 1024 } = options
  const workers = options.workers ?? Math.min(4, Math.max(1, availableParallelism() - 1))
  const packs = await Promise.all(options.packs.map(compilePack))
  const memory = { initial: Math.min(16, memoryPages), maximum: memoryPages }
  const evaluator = new ThreadedEvaluator(
    packs,
    (known, events) => new WorkerThread({ packs: known, memory }, events),
    { deadlineMs, workers, maxQueue, maxQueuedCharacters },
    options.hooks ?? {},
  )
  try {
    await evaluator.start()
  } catch (cause) {
    await evaluator[Symbol.asyncDispose]()
    throw new AppError('pack_unusable', 'The policy engine did not start.', { remedy: 'See the log for the cause.', cause })
  }
  return new PackEngine(evaluator, (pack) => probePack(pack, memory))
}
