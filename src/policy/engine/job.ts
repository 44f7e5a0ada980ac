import type { Evaluation, EvaluationOutcome } from '../evaluator.ts'

/** All evaluations of one decision, and what is known of their outcomes. */
export class Job {
  readonly evaluations: readonly Evaluation[]
  readonly finished: Promise<EvaluationOutcome[]>
  /** Characters of all inputs. */
  readonly size: number
  /** True once it lost a worker to somebody else's policy: then it runs alone. */
  again = false
  readonly #outcomes: (EvaluationOutcome | undefined)[]
  readonly #finish: (outcomes: EvaluationOutcome[]) => void

  constructor(evaluations: readonly Evaluation[]) {
    const { promise, resolve } = Promise.withResolvers<EvaluationOutcome[]>()
    this.evaluations = evaluations
    this.finished = promise
    this.size = evaluations.reduce((sum, { input }) => sum + input.length, 0)
    this.#outcomes = evaluations.map(() => undefined)
    this.#finish = resolve
  }

  /** Indexes of the evaluations that have no outcome yet. */
  open(): number[] {
    return this.#outcomes.flatMap((outcome, index) => (outcome === undefined ? [index] : []))
  }

  /** @returns true if that was the last one, which finishes the job */
  settle(index: number, outcome: EvaluationOutcome): boolean {
    this.#outcomes[index] ??= outcome
    const outcomes = this.#outcomes.filter((each) => each !== undefined)
    if (outcomes.length < this.#outcomes.length) return false
    this.#finish(outcomes)
    return true
  }
}
