import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

import type { Confinement } from '../../core/principal.ts'
import type { BacktestPool, TrialSession } from '../../decisions/backtest/ports.ts'
import type { BacktestRequest } from '../../decisions/backtest/request.ts'
import type { Trial } from '../../decisions/backtest/try-decisions.ts'
import type { TrialAnswer, TrialSetup, TrialTask } from './protocol.ts'

/** Each worker has a thread that composes inputs and one that runs packs. */
const MOST_WORKERS = 8

/** A pool whose workers have the lowest priority that there is: on all processors, as far as live decisions leave them alone. */
export function backtestPool(setup: Omit<TrialSetup, 'request' | 'confinement'>): BacktestPool {
  return {
    open: async (request: BacktestRequest, confinement: Confinement) => {
      const width = Math.min(MOST_WORKERS, Math.max(1, Math.floor(availableParallelism() / 2)))
      const session = new WorkerSession(Array.from({ length: width }, () => new TrialWorker({ ...setup, request, confinement })))
      try {
        await session.ready()
        return session
      } catch (error) {
        await session[Symbol.asyncDispose]()
        throw error
      }
    },
  }
}

class WorkerSession implements TrialSession {
  readonly #workers: readonly TrialWorker[]

  constructor(workers: readonly TrialWorker[]) {
    this.#workers = workers
  }

  get width(): number {
    return this.#workers.length
  }

  async ready(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.ready))
  }

  try(positions: readonly number[]): Promise<Trial> {
    const [first, ...others] = this.#workers
    if (!first) throw new Error('a pool has workers')
    return others.reduce((least, worker) => (worker.load < least.load ? worker : least), first).try(positions)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.end()))
  }
}

interface Waiting {
  resolve: (trial: Trial) => void
  reject: (error: Error) => void
}

class TrialWorker {
  readonly ready: Promise<void>
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #next = 0
  #gone: Error | undefined

  constructor(setup: TrialSetup) {
    // Policies have no business with the service's settings and secrets.
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { name: 'backtest', workerData: setup, env: {} })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.ready = promise
    this.#worker.on('message', (answer: TrialAnswer) => ('ready' in answer ? resolve() : this.#answered(answer)))
    this.#worker.on('error', (error) => this.#lose(error instanceof Error ? error : new Error(String(error)), reject))
    this.#worker.on('exit', () => this.#lose(new Error('the worker of a backtest ended'), reject))
  }

  get load(): number {
    return this.#waiting.size
  }

  try(positions: readonly number[]): Promise<Trial> {
    if (this.#gone) return Promise.reject(this.#gone)
    const task: TrialTask = { no: this.#next++, positions }
    const { promise, resolve, reject } = Promise.withResolvers<Trial>()
    this.#waiting.set(task.no, { resolve, reject })
    this.#worker.postMessage(task)
    return promise
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #answered(answer: Exclude<TrialAnswer, { ready: true }>): void {
    const waiting = this.#waiting.get(answer.no)
    this.#waiting.delete(answer.no)
    if ('trial' in answer) waiting?.resolve(answer.trial)
    else waiting?.reject(new Error(`a trial failed: ${answer.failure}`))
  }

  #lose(error: Error, notReady: (error: Error) => void): void {
    this.#gone ??= error
    notReady(this.#gone)
    for (const { reject } of this.#waiting.values()) reject(this.#gone)
    this.#waiting.clear()
  }
}
