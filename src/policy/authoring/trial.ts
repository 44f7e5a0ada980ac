import { Worker } from 'node:worker_threads'

import type { EvaluationOutcome } from '../evaluator.ts'
import type { LoadedPack } from '../engine/load-packs.ts'
import type { MemoryLimits } from '../engine/policy-instance.ts'

/** The bounds that live evaluations have too. */
export interface TrialLimits {
  /** Milliseconds of processor time for one run. */
  deadlineMs: number
  memory: MemoryLimits
}

export interface TrialSetup {
  manifest: Pick<LoadedPack['manifest'], 'name' | 'entrypoint' | 'digest'>
  wasm: Uint8Array<ArrayBuffer>
  data: string | null
  memory: MemoryLimits
  /** JSON texts. */
  inputs: readonly string[]
}

export type TrialMessage =
  | { kind: 'inspected'; missing: string[]; entrypoints: string[]; abi: unknown }
  | { kind: 'running' }
  | { kind: 'ran'; outcome: EvaluationOutcome; cpuMs: number }
  | { kind: 'done' }

/** What came of it. */
export interface Trial {
  /** Null if the module couldn't be instantiated. */
  inspected: { missing: readonly string[]; entrypoints: readonly string[]; abi: unknown } | null
  /** In the order of the inputs; fewer if one of them didn't end, which is the last then. */
  outcomes: readonly EvaluationOutcome[]
}

const HEAP_MB = 256
/** Time to start the thread, to compile and to instantiate, in milliseconds. */
const START_MS = 5000
/** A policy that gets no processor may take so many times its deadline. */
const STANDSTILL = 10

/**
 * Runs a policy that nobody vouches for on some inputs, within the bounds of live evaluations and away from them: in a thread of its own, since its code
 * may never return.
 */
export async function tryOut(pack: LoadedPack, inputs: readonly string[], { deadlineMs, memory }: TrialLimits): Promise<Trial> {
  const { manifest, wasm, data } = pack
  const { name, entrypoint, digest } = manifest
  const setup: TrialSetup = { manifest: { name, entrypoint, digest }, wasm, data, memory, inputs }
  const worker = new Worker(new URL('./trial-worker.ts', import.meta.url), {
    name: 'policy-trial',
    workerData: setup,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  const outcomes: EvaluationOutcome[] = []
  let inspected: Trial['inspected'] = null
  let isRunning = false
  const ended = Promise.withResolvers<void>()
  let timer = setTimeout(ended.resolve, START_MS)
  const expectWithin = (ms: number): void => {
    clearTimeout(timer)
    timer = setTimeout(ended.resolve, ms)
  }
  worker.on('message', (message: TrialMessage) => {
    switch (message.kind) {
      case 'inspected':
        inspected = { missing: message.missing, entrypoints: message.entrypoints, abi: message.abi }
        expectWithin(START_MS)
        break
      case 'running':
        isRunning = true
        expectWithin(deadlineMs * STANDSTILL)
        break
      case 'ran':
        isRunning = false
        outcomes.push(message.cpuMs > deadlineMs ? timeout(deadlineMs) : message.outcome)
        expectWithin(START_MS)
        break
      case 'done':
        ended.resolve()
    }
  })
  // Out of memory, or a module that isn't one: what it told until then says which.
  worker.on('error', () => {
    if (isRunning) outcomes.push({ ok: false, code: 'policy_error', reason: 'it took more memory than it may' })
    isRunning = false
    ended.resolve()
  })
  worker.on('exit', () => ended.resolve())
  try {
    await ended.promise
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
  return { inspected, outcomes: isRunning ? [...outcomes, timeout(deadlineMs)] : outcomes }
}

function timeout(deadlineMs: number): EvaluationOutcome {
  return { ok: false, code: 'policy_timeout', reason: `it ran longer than ${deadlineMs} ms` }
}
