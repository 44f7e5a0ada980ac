import type { Digest } from '../../core/digest.ts'
import { canonicalJson } from '../../core/canonical-json.ts'
import type { PolicyEvaluator } from '../../policy/evaluator.ts'
import { readResults } from '../../policy/read-results.ts'
import type { PackResult } from '../../policy/result.ts'
import type { RuleState } from './explanation.ts'

/** What a pack says by each of its rules; rules that it says nothing of are absent. */
export type Said = ReadonlyMap<string, { state: RuleState; text: string }>

/** Runs one pack on inputs that differ in one place. */
export class Probe {
  readonly #evaluator: PolicyEvaluator
  readonly #pack: Digest
  #left: number

  /** @param most how often it runs */
  constructor(evaluator: PolicyEvaluator, pack: Digest, most: number) {
    this.#evaluator = evaluator
    this.#pack = pack
    this.#left = most
  }

  /** True once it ran as often as it may. */
  get isSpent(): boolean {
    return this.#left <= 0
  }

  /** @returns undefined where the pack can't be run on it */
  async say(input: unknown): Promise<Said | undefined> {
    const [said] = await this.sayAll([input])
    return said
  }

  async sayAll(inputs: readonly unknown[]): Promise<(Said | undefined)[]> {
    this.#left -= inputs.length
    const outcomes = await this.#evaluator.evaluate(inputs.map((input) => ({ pack: this.#pack, input: JSON.stringify(input) })))
    return outcomes.map((outcome) => {
      const results = outcome.ok ? readResults(outcome.results) : ''
      return typeof results === 'string' ? undefined : saidBy(results)
    })
  }
}

export function stateOf(said: Said, rule: string): RuleState {
  return said.get(rule)?.state ?? 'holds'
}

/** Whether two answers are the same about a rule, its numbers and findings included. */
export function saysTheSame(a: Said, b: Said, rule: string): boolean {
  return a.get(rule)?.text === b.get(rule)?.text
}

function saidBy(results: readonly PackResult[]): Said {
  const byRule = Map.groupBy(
    results.filter(({ effect }) => effect !== 'none'),
    ({ rule }) => rule,
  )
  return new Map(
    [...byRule].map(([rule, own]) => [
      rule,
      { state: own.some(({ effect }) => effect !== 'warning') ? 'violation' : 'warning', text: canonicalJson(own) },
    ]),
  )
}
