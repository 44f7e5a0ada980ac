import type { Digest } from '../../core/digest.ts'
import type { EvaluationOutcome } from '../evaluator.ts'
import type { CompiledPack } from './compiled-pack.ts'
import type { MemoryLimits } from './policy-instance.ts'

/**
 * Longest input, and most that a worker is sent ahead: it lies in its heap before it is in the policy's memory, of which it needs about eleven times
 * as much there.
 */
export const MAX_INPUT_CHARACTERS = 24 * 1024 * 1024

/** What a worker starts with. */
export interface WorkerSetup {
  packs: readonly CompiledPack[]
  memory: MemoryLimits
  mark: SharedArrayBuffer
}

/** What a worker is told: what to run, or which packs it can be asked for from now on. */
export type WorkerRequest = readonly Task[] | { learn: readonly CompiledPack[] } | { forget: readonly Digest[] }

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
