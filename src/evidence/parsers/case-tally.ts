import type { TestCase, TestTotals } from '../model.ts'
import { bounded, type CaseResult, displayName, MAX_NAME } from './test-case.ts'

const MAX_NAMES = 100_000
const MAX_LISTED = 10_000

/** A failure that a later attempt of the same case may still replace. */
interface Failure {
  case: TestCase
  outcome: 'failed' | 'errored'
  /** Attempts that it stands for. */
  attempts: number
}

/**
 * Counts cases. An attempt replaces earlier failures of the same suite and name only as far as it says how many it repeats:
 * cases that merely share their name, as parametrised ones do, never hide each other.
 */
export class CaseTally {
  readonly #counts = { passed: 0, failed: 0, errored: 0, skipped: 0 }
  readonly #passedNames = new Set<string>()
  readonly #failures = new Map<string, Failure[]>()
  readonly #flaky: TestCase[] = []

  add(result: CaseResult): void {
    const { outcome } = result
    if (outcome === 'skipped') {
      this.addSkipped(1)
      return
    }
    const shown = caseOf(result)
    const key = `${shown.suite ?? ''}\u0000${shown.name}`
    const replaced = this.#replace(key, result.repeats)
    if (outcome !== 'passed') {
      this.#fail(key, { case: shown, outcome, attempts: replaced.reduce((sum, { attempts }) => sum + attempts, 1) })
      return
    }
    this.#counts.passed++
    if (this.#passedNames.size < MAX_NAMES) this.#passedNames.add(displayName(shown))
    const flaky = replaced.at(0)?.case ?? (result.flaky ? shown : undefined)
    if (flaky && this.#flaky.length < MAX_LISTED) this.#flaky.push(flaky)
  }

  addSkipped(count: number): void {
    this.#counts.skipped += count
  }

  /** A failure of a suite itself, such as one in its set-up. */
  addSuiteFailure(suite: string | null, outcome: Failure['outcome'], message: string | null): void {
    const shown = caseOf({ suite, name: 'the suite itself', message })
    this.#fail(`${shown.suite ?? ''}\u0000\u0000${shown.name}`, { case: shown, outcome, attempts: 1 })
  }

  /**
   * Failures and errors that a suite tells of and no case shows: one entry, and counted all.
   * @param amongPassed how many of them must be cases that were shown as passed, since there are no others
   */
  addUnshown(suite: string | null, failed: number, errored: number, amongPassed = 0): void {
    this.#counts.passed -= Math.min(this.#counts.passed, amongPassed)
    // Which of the cases did pass is no longer known.
    if (amongPassed > 0) this.#passedNames.clear()
    const message = `Failed or errored tests that the suite states and the report does not show: ${failed + errored}.`
    this.addSuiteFailure(suite, failed > 0 ? 'failed' : 'errored', message)
    this.#counts.failed += failed - (failed > 0 ? 1 : 0)
    this.#counts.errored += errored - (failed > 0 ? 0 : 1)
  }

  totals(): TestTotals {
    const failures = [...this.#failures.values()].flat()
    for (const failure of failures) this.#passedNames.delete(displayName(failure.case))
    const { passed, failed, errored, skipped } = this.#counts
    return {
      total: passed + failed + errored + skipped,
      ...this.#counts,
      passedNames: [...this.#passedNames],
      failing: failures.slice(0, MAX_LISTED).map(({ case: shown, outcome }) => ({ ...shown, outcome })),
      flaky: this.#flaky,
    }
  }

  #fail(key: string, failure: Failure): void {
    const failures = this.#failures.get(key) ?? []
    failures.push(failure)
    this.#failures.set(key, failures)
    this.#counts[failure.outcome]++
  }

  /** Takes out the latest failures of that case that stand for at most so many attempts, latest first. */
  #replace(key: string, repeats: number): Failure[] {
    const failures = this.#failures.get(key) ?? []
    const replaced: Failure[] = []
    let left = repeats
    for (let last = failures.at(-1); last && last.attempts <= left; last = failures.at(-1)) {
      failures.pop()
      left -= last.attempts
      this.#counts[last.outcome]--
      replaced.push(last)
    }
    return replaced
  }
}

/** Names are attacker-controlled, and one long name of a suite may stand for many cases: they are cut before anything is made of them. */
function caseOf({ suite, name, message }: TestCase): TestCase {
  return { suite: suite === null ? null : bounded(suite, MAX_NAME), name: bounded(name, MAX_NAME), message }
}
