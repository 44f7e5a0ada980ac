import { canonicalJson } from '../../core/canonical-json.ts'
import type { EvaluationOutcome } from '../evaluator.ts'
import type { CompiledPack } from './compiled-pack.ts'
import { assertOneObject } from './one-object.ts'
import { PolicyInstance, type MemoryLimits } from './policy-instance.ts'

/** An instance that once needed this much is not kept: its memory never shrinks. 32 MiB. */
const KEEP_PAGES = 512
/** More results than this help nobody, and all of them are copied, sorted and stored. */
const MAX_RESULTS = 10_000
const MAX_REASON = 500
const encoder = new TextEncoder()

/** Runs one pack, again and again. Whatever happens becomes an outcome. */
export class PackRunner {
  readonly #pack: CompiledPack
  readonly #limits: MemoryLimits
  #instance: PolicyInstance | undefined

  constructor(pack: CompiledPack, limits: MemoryLimits) {
    this.#pack = pack
    this.#limits = limits
  }

  /** Makes the instance ahead of the first request. */
  warm(): void {
    this.#instance ??= new PolicyInstance(this.#pack, this.#limits)
  }

  run(input: string): EvaluationOutcome {
    try {
      const bytes = encoder.encode(input)
      assertOneObject(bytes)
      this.#instance ??= new PolicyInstance(this.#pack, this.#limits)
      const results = resultsOf(this.#instance.evaluate(bytes.buffer))
      if (this.#instance.pages > KEEP_PAGES) this.#instance = undefined
      return results
    } catch (thrown) {
      // A throw across Wasm leaves its stack pointer where it was: some hundred of them poison an instance for good input too.
      this.#instance = undefined
      return failure(reasonOf(thrown))
    }
  }
}

function resultsOf(resultSet: unknown): EvaluationOutcome {
  if (!Array.isArray(resultSet) || resultSet.length !== 1) return failure('the policy returned nothing: its result is undefined')
  const { result: results } = resultSet[0] as { result: unknown }
  if (!Array.isArray(results)) return failure('the policy returned something else than an array of results')
  if (results.length > MAX_RESULTS) return failure(`the policy returned more than ${MAX_RESULTS} results`)
  return { ok: true, results: inStableOrder(results) }
}

/** Wasm sets come in the order of their hashes. */
function inStableOrder(results: readonly unknown[]): readonly unknown[] {
  if (results.length <= 1) return results
  return results
    .map((result) => ({ result, key: canonicalJson(result) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ result }) => result)
}

function failure(reason: string): EvaluationOutcome {
  return { ok: false, code: 'policy_error', reason: reason.slice(0, MAX_REASON) }
}

/** The engine throws strings and plain objects besides errors. */
function reasonOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  const message = typeof thrown === 'object' && thrown !== null && 'message' in thrown ? thrown.message : undefined
  return typeof message === 'string' && message !== '' ? message : 'the policy failed without a reason'
}
