import { AppError } from '../../core/app-error.ts'
import type { Digest } from '../../core/digest.ts'
import type { Evaluation, EvaluationOutcome, PolicyEvaluator } from '../evaluator.ts'
import type { CompiledPack } from './compiled-pack.ts'
import { Job } from './job.ts'
import { Lane } from './lane.ts'
import { MAX_INPUT_CHARACTERS, type Answer } from './protocol.ts'
import type { PolicyThread, ThreadEvents } from './worker-thread.ts'

/**
 * - `overloaded`: more is waiting than the engine may hold; ask again later
 * - `evaluator_closed`: the service is shutting down
 */
export type PolicyEngineErrorCode = 'overloaded' | 'evaluator_closed'

/** What the engine tells its owner, for logs and metrics. */
export interface EvaluatorHooks {
  /** A worker ended: by its own fault or because a pack ran too long. `rerun` decisions that shared it run again. */
  workerLost?(event: { pack: string | undefined; reason: string; rerun: number }): void
}

interface Bounds {
  deadlineMs: number
  workers: number
  maxQueue: number
  maxQueuedCharacters: number
}

/** Starts a worker that can run these packs. */
export type StartThread = (packs: readonly CompiledPack[], events: ThreadEvents) => PolicyThread

/** Before a worker that ended on its own is replaced. */
const RESTART_DELAY_MS = 100

/**
 * Runs packs in worker threads. Jobs are handed over once per turn of the event loop, in one message per worker.
 *
 * A pack that runs too long costs its worker: that evaluation is a `policy_timeout` and is not run again; the jobs that shared the worker run again, each
 * alone, so that nobody's policy can hurt them a second time.
 */
export class ThreadedEvaluator implements PolicyEvaluator, AsyncDisposable {
  readonly #startThread: StartThread
  readonly #bounds: Bounds
  readonly #hooks: EvaluatorHooks
  readonly #packs: Map<Digest, CompiledPack>
  readonly #lanes = new Set<Lane>()
  readonly #unfinished = new Set<Job>()
  #waiting: Job[] = []
  #characters = 0
  #scheduled = false
  #closed = false
  #watch: NodeJS.Timeout | undefined

  /**
   * @param packs what can be run from the start
   * @param startThread starts a worker that can run the given packs; it says `ready` or `gone` later
   */
  constructor(packs: readonly CompiledPack[], startThread: StartThread, bounds: Bounds, hooks: EvaluatorHooks) {
    this.#startThread = startThread
    this.#bounds = bounds
    this.#hooks = hooks
    this.#packs = new Map(packs.map((pack) => [pack.digest, pack]))
  }

  /** Starts the workers; rejects if one of them can't instantiate a pack. */
  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#bounds.workers }, () => this.#startLane()))
  }

  ready(): boolean {
    return !this.#closed && [...this.#lanes].some((lane) => lane.open)
  }

  /** Lets all workers run more packs, also those that start later. */
  learn(packs: readonly CompiledPack[]): void {
    const fresh = packs.filter(({ digest }) => !this.#packs.has(digest))
    for (const pack of fresh) this.#packs.set(pack.digest, pack)
    if (fresh.length > 0) for (const lane of this.#lanes) lane.learn(fresh)
  }

  /** Takes packs out, once nothing that was accepted needs them. */
  async forget(packs: readonly Digest[]): Promise<void> {
    const gone = new Set(packs)
    const needing = (): Job[] => [...this.#unfinished].filter(({ evaluations }) => evaluations.some(({ pack }) => gone.has(pack)))
    for (let jobs = needing(); jobs.length > 0; jobs = needing()) await Promise.all(jobs.map(({ finished }) => finished))
    for (const digest of packs) this.#packs.delete(digest)
    for (const lane of this.#lanes) lane.forget(packs)
  }

  async evaluate(evaluations: readonly Evaluation[]): Promise<EvaluationOutcome[]> {
    if (evaluations.length === 0) return []
    const job = new Job(evaluations)
    this.#admit(job)
    for (const [index, evaluation] of evaluations.entries()) {
      const reason = this.#objection(evaluation)
      if (reason !== undefined && job.settle(index, failed('policy_error', reason))) return job.finished
    }
    this.#unfinished.add(job)
    this.#characters += job.size
    this.#waiting.push(job)
    this.#schedule()
    return job.finished
  }

  /** Finishes what was accepted, then stops the workers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#unfinished].map(({ finished }) => finished))
    clearInterval(this.#watch)
    const lanes = [...this.#lanes]
    this.#lanes.clear()
    await Promise.all(lanes.map((lane) => lane.end()))
  }

  #admit(job: Job): void {
    if (this.#closed)
      throw new AppError<PolicyEngineErrorCode>('evaluator_closed', 'The service is shutting down.', { remedy: 'Ask again later.' })
    const { maxQueue, maxQueuedCharacters } = this.#bounds
    const tooMuch = this.#unfinished.size > 0 && this.#characters + job.size > maxQueuedCharacters
    if (this.#unfinished.size >= maxQueue || tooMuch) {
      throw new AppError<PolicyEngineErrorCode>('overloaded', 'Too many decisions are waiting to be evaluated.', {
        remedy: 'Ask again in a moment.',
      })
    }
  }

  /** Why an evaluation isn't even tried. */
  #objection({ pack, input }: Evaluation): string | undefined {
    if (!this.#packs.has(pack)) return `the pack version ${pack} is not loaded`
    return input.length > MAX_INPUT_CHARACTERS ? `the input is longer than ${MAX_INPUT_CHARACTERS} characters` : undefined
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#dispatch()
    })
  }

  /** Hands the waiting jobs over in order, as far as the workers have room. */
  #dispatch(): void {
    let handed = 0
    for (const job of this.#waiting) {
      const lane = this.#laneFor(job)
      if (!lane) break
      lane.add(job)
      handed++
    }
    if (handed === 0) return
    this.#waiting = this.#waiting.slice(handed)
    for (const lane of this.#lanes) lane.flush()
    const periodMs = Math.min(50, Math.max(2, this.#bounds.deadlineMs / 5))
    this.#watch ??= setInterval(() => this.#watchOver(periodMs), periodMs)
  }

  #laneFor(job: Job): Lane | undefined {
    let best: Lane | undefined
    for (const lane of this.#lanes) if (lane.accepts(job) && (!best || lane.load < best.load)) best = lane
    return best
  }

  #answered(lane: Lane, answers: readonly Answer[]): void {
    this.#finish(lane.settle(answers))
    if (this.#waiting.length > 0) this.#dispatch()
  }

  #finish(jobs: readonly Job[]): void {
    for (const job of jobs) {
      this.#unfinished.delete(job)
      this.#characters -= job.size
    }
  }

  /** Looks after the workers while there is work. Waiting doesn't count: an evaluation's time starts when a worker begins it. */
  #watchOver(periodMs: number): void {
    if (this.#unfinished.size === 0) {
      clearInterval(this.#watch)
      this.#watch = undefined
      return
    }
    for (const lane of this.#lanes) void this.#endOverdue(lane, periodMs)
  }

  async #endOverdue(lane: Lane, periodMs: number): Promise<void> {
    const { deadlineMs } = this.#bounds
    const culprit = await lane.overdue(deadlineMs, periodMs)
    if (culprit === undefined || !lane.open) return
    await this.#replace(lane, culprit, failed('policy_timeout', `the pack ran longer than ${deadlineMs} ms`))
  }

  /** Ends a worker, blames one evaluation, and runs the others again on a new one. */
  async #replace(lane: Lane, culprit: number, outcome: EvaluationOutcome): Promise<void> {
    this.#lanes.delete(lane)
    const pack = lane.packOf(culprit)
    await lane.end()
    this.#abandon(lane, culprit, outcome, pack)
    this.#restart()
  }

  /** A worker ended on its own: out of memory, or a fault of the engine itself. */
  #lost(lane: Lane, running: number | undefined, reason: string): void {
    if (!this.#lanes.delete(lane)) return
    const outcome = failed('policy_error', `the policy engine failed: ${reason}`)
    this.#abandon(lane, running, outcome, running === undefined ? undefined : lane.packOf(running))
    if (!lane.started && !this.ready()) this.#giveUp(this.#waiting.splice(0), outcome)
    setTimeout(() => this.#restart(), RESTART_DELAY_MS)
  }

  #abandon(lane: Lane, culprit: number | undefined, outcome: EvaluationOutcome, pack: string | undefined): void {
    const { finished, unfinished } = lane.abandon(culprit, outcome)
    // With nobody to blame, a job that ran alone already must not end worker after worker.
    const [hopeless, innocent] = culprit === undefined ? split(unfinished, (job) => job.again) : [[], unfinished]
    this.#finish(finished)
    this.#giveUp(hopeless, outcome)
    for (const job of innocent) job.again = true
    this.#waiting = [...innocent, ...this.#waiting]
    this.#hooks.workerLost?.({ pack, reason: outcome.ok ? '' : outcome.reason, rerun: innocent.length })
  }

  #giveUp(jobs: readonly Job[], outcome: EvaluationOutcome): void {
    for (const job of jobs) for (const index of job.open()) job.settle(index, outcome)
    this.#finish(jobs)
  }

  #restart(): void {
    if (this.#closed && this.#unfinished.size === 0) return
    // A worker that doesn't start is reported and retried as a lost one.
    this.#startLane().catch(() => {})
  }

  async #startLane(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const thread: PolicyThread = this.#startThread([...this.#packs.values()], {
      ready: () => {
        lane.begin()
        resolve()
        this.#dispatch()
      },
      answered: (answers) => this.#answered(lane, answers),
      gone: (running, reason) => {
        reject(new Error(reason))
        this.#lost(lane, running, reason)
      },
    })
    const lane = new Lane(thread)
    this.#lanes.add(lane)
    await promise
  }
}

function split<Item>(items: readonly Item[], belongs: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))]
}

function failed(code: 'policy_error' | 'policy_timeout', reason: string): EvaluationOutcome {
  return { ok: false, code, reason }
}
