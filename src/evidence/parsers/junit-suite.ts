import { countOf } from './coverage-fields.ts'
import type { CaseTally } from './case-tally.ts'
import type { XmlElement } from './xml-reader.ts'

/** A `testsuite` or `testsuites` element while it is read: what it states against what its cases show. */
export class OpenSuite {
  readonly name: string | null
  readonly #states: Readonly<Record<'tests' | 'failures' | 'errors' | 'skipped', number | undefined>>
  readonly #checksTests: boolean
  /** What was shown or accounted for, in nested suites too. */
  readonly #shown = { tests: 0, failures: 0, errors: 0, skipped: 0 }
  /** Tests that nested suites announce and nothing shows. */
  #missing = 0
  #partsStateTests = false

  constructor({ name, attributes }: XmlElement) {
    this.name = attributes['name']?.trim() || null
    this.#states = {
      tests: total(attributes, ['tests']),
      failures: total(attributes, ['failures']),
      errors: total(attributes, ['errors']),
      skipped: total(attributes, ['skipped', 'skips', 'skip', 'ignored', 'disabled']),
    }
    // Newman's root counts scripts where its suites count assertions; it is the one root that states nothing about failures.
    this.#checksTests = name === 'testsuite' || this.#states.failures !== undefined || this.#states.errors !== undefined
  }

  show({ failed, errored, skipped }: { failed: boolean; errored: boolean; skipped: boolean }): void {
    this.#shown.tests++
    this.#shown.failures += Number(failed)
    this.#shown.errors += Number(errored)
    this.#shown.skipped += Number(skipped)
  }

  /**
   * Settles what the suite states beyond what it shows, which must never read as clean: failures and errors count, tests are skipped as far
   * as it states so, and any others are missing.
   * @returns how many tests are missing
   */
  close(tally: CaseTally): number {
    this.#settleFailures(tally)
    const { tests, skipped } = this.#states
    const unshown = this.#checksTests || !this.#partsStateTests ? (tests ?? 0) - this.#shown.tests : 0
    const missing = Math.max(this.#missing, unshown, 0)
    const skippedUnshown = Math.min(missing, Math.max(0, (skipped ?? 0) - this.#shown.skipped))
    tally.addSkipped(skippedUnshown)
    this.#shown.skipped += skippedUnshown
    this.#shown.tests += skippedUnshown
    this.#missing = missing - skippedUnshown
    return this.#missing
  }

  /** Takes over from a closed suite inside this one. */
  include(part: OpenSuite): void {
    for (const field of ['tests', 'failures', 'errors', 'skipped'] as const) this.#shown[field] += part.#shown[field]
    this.#missing += part.#missing
    this.#partsStateTests ||= part.#states.tests !== undefined || part.#partsStateTests
  }

  /** Failures and errors are weighed together, since tools differ in which of the two they call a case. */
  #settleFailures(tally: CaseTally): void {
    const { failures = 0, errors = 0 } = this.#states
    const unshown = Math.max(0, failures + errors - this.#shown.failures - this.#shown.errors)
    if (unshown === 0) return
    const errored = Math.min(unshown, Math.max(0, errors - this.#shown.errors))
    const failed = unshown - errored
    const amongPassed = this.#amongPassed(unshown)
    tally.addUnshown(this.name, failed, errored, amongPassed)
    this.#shown.tests += unshown - amongPassed
    this.#shown.failures += failed
    this.#shown.errors += errored
  }

  /** How many of the unshown failures are cases that were shown as passed: those beyond the number of tests that the suite states. */
  #amongPassed(unshown: number): number {
    const { tests, failures, errors, skipped } = this.#shown
    if (!this.#checksTests || this.#states.tests === undefined) return 0
    const beyond = Math.max(0, tests + unshown - Math.max(tests, this.#states.tests))
    return Math.min(beyond, Math.max(0, tests - failures - errors - skipped))
  }
}

/** The sum of the totals that the attributes state; what is no count is passed over, for the cases are counted anyway. */
function total(attributes: XmlElement['attributes'], names: readonly string[]): number | undefined {
  const stated = names.flatMap((name) => countOf(attributes[name]) ?? [])
  return stated.length === 0
    ? undefined
    : Math.min(
        stated.reduce((sum, count) => sum + count, 0),
        1_000_000_000,
      )
}
