import { Worker } from 'node:worker_threads'

import { AppError } from '../core/app-error.ts'
import type { Digest } from '../core/digest.ts'
import type { ParsedReport } from './model.ts'

export interface ParseRequest {
  id: number
  bytes: Uint8Array
  format: string
}

export type ParseAnswer =
  | { id: number; ok: true; format: string; report: ParsedReport; digest: Digest; stored: Uint8Array; storedDigest: Digest }
  | { id: number; ok: false; error: { code: string | undefined; message: string; field: string | undefined; remedy: string | undefined } }

/** A report that was read, with the bytes that are to be kept. */
export interface ReadReport {
  format: string
  report: ParsedReport
  /** Digest of the bytes as received. */
  digest: Digest
  /** The bytes to keep: those received, or with secrets blanked. */
  stored: Uint8Array
  storedDigest: Digest
}

export type ReaderErrorCode = 'overloaded' | 'report_too_slow' | 'report_too_complex'

/** How much may wait, and how long one report may take. */
export interface ReaderLimits {
  maxWaitingBytes: number
  /** Milliseconds. */
  deadlineMs: number
  /** Memory of the reading thread, MiB. */
  maxMemoryMb: number
}

const DEFAULT_LIMITS: ReaderLimits = { maxWaitingBytes: 256 * 1024 * 1024, deadlineMs: 60_000, maxMemoryMb: 2048 }

interface Job {
  request: ParseRequest
  size: number
  resolve: (report: ReadReport) => void
  reject: (error: unknown) => void
}

/** A thread that has nothing to read gives its memory back after this long, in milliseconds. */
const IDLE_MS = 30_000

/** Reads reports one after the other on a thread of its own, started with the first report and ended when it idles. */
export class ReportReader implements AsyncDisposable {
  readonly #limits: ReaderLimits
  readonly #queue: Job[] = []
  #waitingBytes = 0
  #worker: Worker | undefined
  #current: { job: Job; timer: NodeJS.Timeout } | undefined
  #nextId = 1
  #idle: NodeJS.Timeout | undefined

  constructor(limits: Partial<ReaderLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits }
  }

  /**
   * Reads a report. Bytes that fill their buffer are handed over and can't be used by the caller afterwards.
   * @throws {AppError} a `ReportErrorCode`, or `overloaded`, `report_too_slow`, `report_too_complex`
   */
  read(bytes: Uint8Array, format: string): Promise<ReadReport> {
    const size = bytes.byteLength
    if (this.#queue.length > 0 && this.#waitingBytes + size > this.#limits.maxWaitingBytes) {
      return Promise.reject(
        new AppError<ReaderErrorCode>('overloaded', 'Too many reports are waiting to be read.', { remedy: 'Send it again in a moment.' }),
      )
    }
    return new Promise((resolve, reject) => {
      this.#waitingBytes += size
      const own = size === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
      this.#queue.push({ request: { id: this.#nextId++, bytes: own, format }, size, resolve, reject })
      this.#next()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#current || this.#queue.length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    clearTimeout(this.#idle)
    await this.#worker?.terminate()
  }

  #next(): void {
    if (this.#current) return
    const job = this.#queue.shift()
    if (!job) return
    clearTimeout(this.#idle)
    const worker = (this.#worker ??= this.#start())
    const timer = setTimeout(
      () => this.#fail('report_too_slow', `The report could not be read within ${this.#limits.deadlineMs / 1000} s.`),
      this.#limits.deadlineMs,
    )
    this.#current = { job, timer }
    worker.ref()
    try {
      worker.postMessage(job.request, [job.request.bytes.buffer as ArrayBuffer])
    } catch (error) {
      // Bytes that can't change hands (shared, handed over before, of a pool): those that wait behind them must not hang.
      this.#settle(job.request.id)?.reject(error)
      this.#next()
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('./parse-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.maxMemoryMb },
      env: {},
      execArgv: [],
    })
    worker.on('message', (answer: ParseAnswer) => this.#answer(answer))
    worker.on('error', () => {
      if (this.#worker === worker) this.#fail('report_too_complex', 'The report needs more memory to read than one report may take.')
    })
    return worker
  }

  #answer(answer: ParseAnswer): void {
    const job = this.#settle(answer.id)
    if (!job) return
    if (answer.ok) job.resolve(answer)
    else {
      const { code, message, field, remedy } = answer.error
      job.reject(
        code === undefined ? new Error(message) : new AppError(code, message, { ...(field && { field }), ...(remedy && { remedy }) }),
      )
    }
    this.#next()
  }

  /** Gives up on the current report and its thread; the ones that wait get a new thread. */
  #fail(code: ReaderErrorCode, message: string): void {
    const worker = this.#worker
    this.#worker = undefined
    worker?.terminate().catch(() => undefined)
    const job = this.#settle(this.#current?.job.request.id)
    job?.reject(
      new AppError<ReaderErrorCode>(code, message, { field: 'body', remedy: 'Split the report, or leave out what is not a finding.' }),
    )
    this.#next()
  }

  #settle(id: number | undefined): Job | undefined {
    const current = this.#current
    if (!current || current.job.request.id !== id) return undefined
    clearTimeout(current.timer)
    this.#current = undefined
    this.#waitingBytes -= current.job.size
    this.#worker?.unref()
    this.#idle = setTimeout(() => this.#rest(), IDLE_MS).unref()
    return current.job
  }

  #rest(): void {
    if (this.#current) return
    const worker = this.#worker
    this.#worker = undefined
    worker?.terminate().catch(() => undefined)
  }
}
