import { Worker } from 'node:worker_threads'

import { AppError } from '../../core/app-error.ts'
import { overloaded, storageUnavailable } from '../errors.ts'
import type { OperationArguments, OperationName, OperationResult } from '../operations/registry.ts'
import type { WriterEvent, WriterFailure, WriterReport, WriterRequest, WriterTarget } from './messages.ts'
import type { Revision } from './write-batch.ts'

/** What the service may want to know of the writer: metrics and logs. */
export interface WriterHooks {
  /** After each transaction. `seconds`: from its beginning until its commit returned. */
  committed?(report: { operations: number; seconds: number }): void
  /** An operation failed for a reason that is not the caller's. */
  failed?(failure: { operation: string; cause: string }): void
}

export interface WriterLimits {
  /** Most operations that wait at a time. */
  operations: number
  /** Most characters of text that the waiting operations carry. */
  characters: number
}

export const DEFAULT_WRITER_LIMITS: WriterLimits = { operations: 10_000, characters: 256 * 1024 * 1024 }

interface Waiting {
  name: OperationName
  weight: number
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** The service's side of the writer. Every promise settles after the commit has returned, or nothing was written. */
export class WriterClient implements AsyncDisposable {
  readonly #target: WriterTarget
  readonly #hooks: WriterHooks
  readonly #limits: WriterLimits
  readonly #onChange: (changed: readonly Revision[]) => void
  readonly #waiting = new Map<number, Waiting>()
  #worker: Promise<Worker> | undefined
  #unsent: WriterRequest[] = []
  #weight = 0
  #lastId = 0
  #scheduled = false
  /** True while a batch is with the writer: what comes meanwhile forms the next one, in one message. */
  #busy = false
  #whenIdle: (() => void)[] = []
  #closed: Promise<void> | undefined

  private constructor(target: WriterTarget, hooks: WriterHooks, limits: WriterLimits, onChange: (changed: readonly Revision[]) => void) {
    this.#target = target
    this.#hooks = hooks
    this.#limits = limits
    this.#onChange = onChange
    this.#worker = this.#start()
  }

  /** Starts the writer; resolves once it has its connection. @param onChange told before the promises of the batch resolve */
  static async start(
    target: WriterTarget,
    onChange: (changed: readonly Revision[]) => void,
    hooks: WriterHooks = {},
    limits: WriterLimits = DEFAULT_WRITER_LIMITS,
  ): Promise<WriterClient> {
    const client = new WriterClient(target, hooks, limits, onChange)
    await client.#worker
    return client
  }

  /**
   * Asks the writer to carry out one operation.
   * @param weight characters of text in the arguments, if they are many
   * @throws {AppError} `overloaded` if too much is waiting, `storage_unavailable` if the transaction was lost, and what the operation itself refuses with
   */
  submit<Name extends OperationName>(name: Name, args: OperationArguments<Name>, weight = 0): Promise<OperationResult<Name>> {
    if (this.#closed) return Promise.reject(storageUnavailable('the storage is closing'))
    const full = this.#waiting.size >= this.#limits.operations || (this.#weight > 0 && this.#weight + weight > this.#limits.characters)
    if (full) return Promise.reject(overloaded())
    return new Promise<OperationResult<Name>>((resolve, reject) => {
      const id = ++this.#lastId
      this.#waiting.set(id, { name, weight, resolve: (value) => resolve(value as OperationResult<Name>), reject })
      this.#weight += weight
      this.#unsent.push({ id, name, args })
      this.#schedule()
    })
  }

  /** Finishes what is waiting, then stops the writer. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#finish()
    await this.#closed
  }

  /** One message for all that the current turn of the event loop asks. */
  #schedule(): void {
    if (this.#scheduled || this.#busy) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      void this.#send()
    })
  }

  async #send(): Promise<void> {
    if (this.#busy || this.#unsent.length === 0) return
    const requests = this.#unsent
    this.#unsent = []
    this.#busy = true
    try {
      // A writer that died is started again by the first write after that.
      this.#worker ??= this.#start()
      const worker = await this.#worker
      worker.postMessage({ requests })
    } catch (error) {
      this.#busy = false
      for (const { id } of requests) this.#settle(id)?.reject(storageUnavailable(error))
      this.#goOn()
    }
  }

  /** The writer is free: the next batch, or nothing is left. */
  #goOn(): void {
    if (this.#unsent.length > 0) void this.#send()
    else for (const wake of this.#whenIdle.splice(0)) wake()
  }

  async #start(): Promise<Worker> {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: this.#target,
      name: 'portcullis-writer',
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    })
    const { promise, resolve, reject } = Promise.withResolvers<Worker>()
    worker.on('message', (event: WriterEvent) => {
      if ('ready' in event) resolve(worker)
      else if ('report' in event) this.#answer(event.report)
      else if ('fatal' in event) void worker.terminate()
    })
    worker.on('error', reject)
    worker.on('exit', () => {
      reject(new Error('the writer ended'))
      this.#abandon()
    })
    return promise
  }

  /** The writer died: nobody knows what became of what it held, so none of it is acknowledged. */
  #abandon(): void {
    this.#worker = undefined
    this.#busy = false
    if (!this.#closed) this.#hooks.failed?.({ operation: 'writer', cause: 'the writer ended' })
    this.#rejectAll()
    this.#goOn()
  }

  #rejectAll(): void {
    const unsent = new Set(this.#unsent.map(({ id }) => id))
    for (const id of this.#waiting.keys()) {
      if (!unsent.has(id)) this.#settle(id)?.reject(storageUnavailable('the writer ended'))
    }
  }

  #answer({ answers, changed, seconds }: WriterReport): void {
    if (changed.length > 0) this.#onChange(changed)
    this.#hooks.committed?.({ operations: answers.length, seconds })
    for (const answer of answers) {
      const waiting = this.#settle(answer.id)
      if ('failure' in answer) {
        waiting?.reject(this.#errorOf(answer.failure, waiting.name))
      } else waiting?.resolve(answer.value)
    }
    this.#busy = false
    this.#goOn()
  }

  #errorOf(failure: WriterFailure, operation: OperationName): Error {
    const { code, message, field, remedy, cause } = failure
    if (code === undefined || code === 'storage_unavailable') this.#hooks.failed?.({ operation, cause })
    if (code === undefined) return new Error(`${operation}: ${message}`, { cause })
    return new AppError(code, message, { ...(field !== undefined && { field }), ...(remedy !== undefined && { remedy }), cause })
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    if (waiting) {
      this.#waiting.delete(id)
      this.#weight -= waiting.weight
    }
    return waiting
  }

  async #finish(): Promise<void> {
    if (this.#waiting.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#whenIdle.push(resolve)
      await promise
    }
    const worker = await this.#worker?.catch(() => undefined)
    if (!worker) return
    const { promise, resolve } = Promise.withResolvers<void>()
    worker.once('exit', () => resolve())
    worker.postMessage({ finish: true })
    await promise
  }
}
