const IDLE = 0

/**
 * Tells the main thread which evaluation a worker is in, and since when, while the worker is too busy to answer.
 * Written by the worker alone; the clock is the process's monotonic one, which all threads share.
 */
export class RunningMark {
  readonly buffer: SharedArrayBuffer
  readonly #since: BigInt64Array
  readonly #serial: Int32Array

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.buffer = buffer
    this.#since = new BigInt64Array(buffer, 0, 1)
    this.#serial = new Int32Array(buffer, 8, 1)
  }

  /** @param serial of the evaluation, not 0 */
  start(serial: number): void {
    Atomics.store(this.#since, 0, process.hrtime.bigint())
    Atomics.store(this.#serial, 0, serial)
  }

  stop(): void {
    Atomics.store(this.#serial, 0, IDLE)
  }

  /** The evaluation that runs now and for how many milliseconds, or undefined between two of them. */
  read(): { serial: number; elapsedMs: number } | undefined {
    const serial = Atomics.load(this.#serial, 0)
    const since = Atomics.load(this.#since, 0)
    if (serial === IDLE || serial !== Atomics.load(this.#serial, 0)) return undefined
    return { serial, elapsedMs: Number(process.hrtime.bigint() - since) / 1e6 }
  }
}
