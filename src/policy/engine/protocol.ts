import type { Digest } from '../../core/digest.ts'
import type { EvaluationOutcome } from '../evaluator.ts'
import type { CompiledPack } from './compiled-pack.ts'
import type { MemoryLimits } from './policy-instance.ts'

/** What a worker starts with. */
export interface WorkerSetup {
  packs: readonly CompiledPack[]
  memory: MemoryLimits
  mark: SharedArrayBuffer
}

/** One evaluation for a worker. `serial` is unique among those that it has not answered. */
export interface Task {
  serial: number
  pack: Digest
  input: string
}

export interface Answer {
  serial: number
  outcome: EvaluationOutcome
}

/** What a worker says once, when its packs are instantiated. */
export const READY = 'ready'
export type WorkerMessage = typeof READY | readonly Answer[]
