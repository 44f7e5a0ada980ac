import { isAppError } from '../core/app-error.ts'
import type { Clock } from '../core/clock.ts'
import { newId } from '../core/id.ts'
import { formatInstant } from '../core/time.ts'
import { operationEnd } from './entries.ts'
import type { OperationFailure, StoredOperation } from './model.ts'
import type { OperationProgress, OperationStore } from './ports.ts'

/** Keeps how far a run got; throws `OperationLost` once the run is nobody's any more. */
export type SaveProgress = (progress: OperationProgress) => Promise<void>

/** What operations of one kind do. */
export interface OperationKind {
  readonly kind: string
  /**
   * Begins where `operation.checkpoint` says.
   * @param signal aborted when the service stops: the run ends soon and goes on elsewhere
   * @returns the result, as JSON
   */
  run(operation: StoredOperation, save: SaveProgress, signal: AbortSignal): Promise<unknown>
}

/** Somebody cancelled the operation, or another runner took it up. */
export class OperationLost extends Error {}

export interface RunnerParts {
  store: OperationStore
  kinds: readonly OperationKind[]
  clock: Clock
  /** Told of what nobody expected. */
  onFailure: (error: unknown) => void
}

/** A run that doesn't save for so long is taken for dead. */
const LEASE_MS = 30_000
/** How often it is asked whether others left something to do. */
const POLL_MS = 2_000
/** Taken up so often without getting on, it ends. */
const MAX_ATTEMPTS = 5

/**
 * Runs operations, one at a time. Of several processes exactly one runs an operation: it holds a lease that it renews with everything that it
 * saves. What a process left behind that ended is taken up where it was last saved.
 */
export class OperationRunner implements AsyncDisposable {
  readonly #parts: RunnerParts
  readonly #id = newId()
  readonly #stopping = new AbortController()
  readonly #timer: NodeJS.Timeout
  #turn: Promise<void> | undefined
  #again = false

  constructor(parts: RunnerParts) {
    this.#parts = parts
    this.#timer = setInterval(() => this.wake(), POLL_MS)
    this.#timer.unref()
    this.wake()
  }

  /** Looks for work now. */
  wake(): void {
    this.#again = true
    this.#turn ??= this.#work().finally(() => (this.#turn = undefined))
  }

  /** Stops as soon as what is at hand can be left; it goes on when another process, or this service after its next start, takes it up. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort()
    await this.#turn
  }

  async #work(): Promise<void> {
    const { store, kinds, onFailure } = this.#parts
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false
      try {
        const operation = await store.claim(
          kinds.map(({ kind }) => kind),
          this.#lease(),
        )
        if (!operation) continue
        this.#again = true
        await this.#run(operation)
      } catch (error) {
        onFailure(error)
      }
    }
  }

  async #run(operation: StoredOperation): Promise<void> {
    const kind = this.#parts.kinds.find((candidate) => candidate.kind === operation.kind)
    if (!kind) return
    let latest = operation
    try {
      if (operation.attempts > MAX_ATTEMPTS) throw new WorkerLostError()
      const result = await kind.run(
        operation,
        (progress) => this.#save(progress, operation.id, (saved) => (latest = { ...latest, ...saved })),
        this.#stopping.signal,
      )
      await this.#finish(latest, { state: 'succeeded', result, error: null })
    } catch (error) {
      if (error instanceof OperationLost) return
      if (this.#stopping.signal.aborted) await this.#parts.store.release(operation.id, this.#id)
      else await this.#fail(latest, error)
    }
  }

  async #save(
    progress: OperationProgress,
    id: string,
    saved: (progress: Pick<OperationProgress, 'done' | 'total'>) => void,
  ): Promise<void> {
    this.#stopping.signal.throwIfAborted()
    if (!(await this.#parts.store.save(id, progress, this.#lease()))) throw new OperationLost()
    saved({ done: progress.done, total: progress.total })
  }

  async #fail(operation: StoredOperation, error: unknown): Promise<void> {
    this.#parts.onFailure(error)
    await this.#finish(operation, { state: 'failed', result: null, error: failureOf(error) })
  }

  async #finish(operation: StoredOperation, outcome: Parameters<typeof operationEnd>[1]): Promise<void> {
    const cause = { at: formatInstant(this.#parts.clock.now()), actor: 'system', requestId: undefined }
    await this.#parts.store.finish(operationEnd(operation, outcome, cause), this.#id)
  }

  #lease(): { runner: string; now: number; until: number } {
    const now = this.#parts.clock.now()
    return { runner: this.#id, now, until: now + LEASE_MS }
  }
}

class WorkerLostError extends Error {}

/** What is unexpected is told to nobody but the log of the process. */
function failureOf(error: unknown): OperationFailure {
  if (error instanceof WorkerLostError) {
    return {
      code: 'worker_lost',
      message: `It was taken up ${MAX_ATTEMPTS} times and never got on: each time the process that ran it ended.`,
    }
  }
  return isAppError(error)
    ? { code: error.code, message: error.message }
    : { code: 'internal', message: 'An unexpected failure; the log of the service has it.' }
}
