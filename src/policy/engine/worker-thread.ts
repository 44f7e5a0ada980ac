import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import type { Digest } from '../../core/digest.ts'
import type { CompiledPack } from './compiled-pack.ts'
import { READY, type Answer, type Task, type WorkerMessage, type WorkerRequest, type WorkerSetup } from './protocol.ts'
import { RunningMark } from './running-mark.ts'

/** JavaScript heap of a worker, in MiB. What it reads and writes is bounded well below; policies have memory of their own. */
const HEAP_MB = 256
/** Of that for short-lived values: more only raises the resident size (measured: 30 MB less at the same speed). */
const YOUNG_MB = 16

export interface ThreadEvents {
  ready(): void
  answered(answers: readonly Answer[]): void
  /**
   * The thread has ended, by `end` or by itself.
   * @param running serial of the evaluation that it was in
   */
  gone(running: number | undefined, reason: string): void
}

/** What the evaluator needs of a worker. */
export interface PolicyThread {
  post(tasks: readonly Task[]): void
  /** Lets it run more packs; tasks that are posted later may name them. */
  learn(packs: readonly CompiledPack[]): void
  forget(packs: readonly Digest[]): void
  /** The evaluation that the thread is in, if any, and for how many milliseconds. */
  running(): { serial: number; elapsedMs: number } | undefined
  /**
   * The evaluation that the thread is in, if any, and the processor time that it has cost: on a busy machine an innocent policy may stand still for
   * longer than its deadline. What went by before the first sample counts in full, but never more than `headMs`.
   */
  spent(headMs: number): Promise<{ serial: number; cpuMs: number } | undefined>
  /** Stops the thread even in the middle of a loop; `gone` follows. */
  end(): Promise<void>
}

/** A worker of node:worker_threads. */
export class WorkerThread implements PolicyThread {
  readonly #worker: Worker
  readonly #mark = new RunningMark()
  #failure = 'its thread ended'
  #sample: { serial: number; baseMs: number } | undefined

  constructor(setup: Omit<WorkerSetup, 'mark'>, events: ThreadEvents) {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      name: 'policy',
      workerData: { ...setup, mark: this.#mark.buffer } satisfies WorkerSetup,
      // Policies have no business with the service's settings and secrets.
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
    })
    this.#worker.on('message', (message: WorkerMessage) => (message === READY ? events.ready() : events.answered(message)))
    this.#worker.on('error', (error) => (this.#failure = error instanceof Error ? error.message : String(error)))
    this.#worker.on('exit', () => events.gone(this.running()?.serial, this.#failure))
  }

  async spent(headMs: number): Promise<{ serial: number; cpuMs: number } | undefined> {
    const before = this.running()
    if (!before) return undefined
    const { user, system } = await this.#worker.cpuUsage()
    const { serial, elapsedMs } = before
    if (this.running()?.serial !== serial) return undefined
    const cpuMs = (user + system) / 1000
    if (this.#sample?.serial !== serial) this.#sample = { serial, baseMs: cpuMs - Math.min(elapsedMs, headMs) }
    return { serial, cpuMs: cpuMs - this.#sample.baseMs }
  }

  post(tasks: readonly Task[]): void {
    this.#tell(tasks)
  }

  learn(packs: readonly CompiledPack[]): void {
    this.#tell({ learn: packs })
  }

  forget(packs: readonly Digest[]): void {
    this.#tell({ forget: packs })
  }

  running(): { serial: number; elapsedMs: number } | undefined {
    return this.#mark.read()
  }

  #tell(request: WorkerRequest): void {
    this.#worker.postMessage(request, [])
  }

  async end(): Promise<void> {
    const exited = once(this.#worker, 'exit')
    await Promise.all([this.#worker.terminate(), exited])
  }
}
