import type { Digest } from '../../core/digest.ts'
import type { EvaluationOutcome } from '../evaluator.ts'
import type { CompiledPack } from './compiled-pack.ts'
import type { Job } from './job.ts'
import { MAX_INPUT_CHARACTERS, type Answer, type Task } from './protocol.ts'
import type { PolicyThread } from './worker-thread.ts'

/** So much work goes to a worker in one message: little enough to repeat. */
const MOST_AT_ONCE = 64
/** A policy that gets no processor may take so many times its deadline. */
const STANDSTILL = 10
const LARGEST_SERIAL = 0x7fff_ffff

interface Place {
  job: Job
  index: number
}

/** The work of one worker: what it has in hand, what the next message will bring it. */
export class Lane {
  readonly #thread: PolicyThread
  readonly #inHand = new Map<number, Place>()
  #characters = 0
  #next: Task[] = []
  #posted = false
  #lastSerial = 0
  #started = false
  #ending = false
  #sampling = false

  constructor(thread: PolicyThread) {
    this.#thread = thread
  }

  /** False while the worker starts, and once it is being ended. */
  get open(): boolean {
    return this.#started && !this.#ending
  }

  get started(): boolean {
    return this.#started
  }

  begin(): void {
    this.#started = true
  }

  get load(): number {
    return this.#inHand.size
  }

  /**
   * Whether a job can be handed over now. While a message is with the worker nothing more is: what comes meanwhile forms the next one,
   * since waking a thread costs as much as a small policy. A job that runs again waits until it has the worker to itself, and keeps it so.
   */
  accepts(job: Job): boolean {
    if (!this.open || this.#posted) return false
    if (this.#inHand.size === 0) return true
    if (job.again || this.#exclusive()) return false
    return this.#inHand.size + job.evaluations.length <= MOST_AT_ONCE && this.#characters + job.size <= MAX_INPUT_CHARACTERS
  }

  add(job: Job): void {
    for (const index of job.open()) {
      const evaluation = job.evaluations[index]
      if (!evaluation) continue
      this.#lastSerial = (this.#lastSerial % LARGEST_SERIAL) + 1
      this.#inHand.set(this.#lastSerial, { job, index })
      this.#characters += evaluation.input.length
      this.#next.push({ serial: this.#lastSerial, pack: evaluation.pack, input: evaluation.input })
    }
  }

  learn(packs: readonly CompiledPack[]): void {
    this.#thread.learn(packs)
  }

  forget(packs: readonly Digest[]): void {
    this.#thread.forget(packs)
  }

  /** Sends what was added in this turn as one message. */
  flush(): void {
    if (this.#next.length === 0) return
    this.#thread.post(this.#next)
    this.#next = []
    this.#posted = true
  }

  /** @returns the jobs that this finished */
  settle(answers: readonly Answer[]): Job[] {
    const finished = answers.flatMap(({ serial, outcome }) => this.#settle(serial, outcome))
    if (this.#inHand.size === 0) this.#posted = false
    return finished
  }

  /**
   * The evaluation that is over its time, if the worker is in one. Time on the processor counts, as sampled from call to call every `periodMs`;
   * standing still counts only towards a much longer limit.
   */
  async overdue(deadlineMs: number, periodMs: number): Promise<number | undefined> {
    const running = this.open && this.#inHand.size > 0 ? this.#thread.running() : undefined
    if (!running) return undefined
    if (running.elapsedMs > deadlineMs * STANDSTILL) return running.serial
    if (this.#sampling) return undefined
    this.#sampling = true
    try {
      const spent = await this.#thread.spent(periodMs)
      return this.open && spent && spent.cpuMs > deadlineMs ? spent.serial : undefined
    } catch {
      // The thread ended meanwhile, which its owner hears in another way.
      return undefined
    } finally {
      this.#sampling = false
    }
  }

  /** Digest of the pack of an evaluation in hand. */
  packOf(serial: number): string | undefined {
    const place = this.#inHand.get(serial)
    return place?.job.evaluations[place.index]?.pack
  }

  /**
   * Empties the lane of a worker that has ended.
   * @param culprit serial of the evaluation that is to blame: it gets the outcome, all others are unfinished
   */
  abandon(culprit: number | undefined, outcome: EvaluationOutcome): { finished: Job[]; unfinished: Job[] } {
    const finished = culprit === undefined ? [] : this.#settle(culprit, outcome)
    const unfinished = [...new Set([...this.#inHand.values()].map(({ job }) => job))]
    this.#inHand.clear()
    this.#next = []
    this.#posted = false
    return { finished, unfinished }
  }

  async end(): Promise<void> {
    this.#ending = true
    await this.#thread.end()
  }

  #exclusive(): boolean {
    const [first] = this.#inHand.values()
    return first?.job.again ?? false
  }

  #settle(serial: number, outcome: EvaluationOutcome): Job[] {
    const place = this.#inHand.get(serial)
    if (!place) return []
    this.#inHand.delete(serial)
    this.#characters -= place.job.evaluations[place.index]?.input.length ?? 0
    return place.job.settle(place.index, outcome) ? [place.job] : []
  }
}
