import { bounded, type CaseResult, MAX_MESSAGE, type Outcome } from './test-case.ts'
import type { XmlElement } from './xml-reader.ts'

/** How the words of `status` and `result` attributes read; gtest, CTest, behave, Ginkgo, Katalon and others write them. */
const OUTCOME_OF_WORD: ReadonlyMap<string, Outcome> = new Map([
  ...words('passed', 'pass passed success successful succeeded ok run ran executed complete completed finished done flaky warning'),
  ...words('failed', 'fail failed failure ko notok'),
  ...words('errored', 'error errored broken timeout timedout aborted crashed panicked interrupted cancelled incomplete undefined'),
  ...words('skipped', 'skip skipped notrun notexecuted pending ignored disabled suppressed todo untested inconclusive'),
])

function words(outcome: Outcome, list: string): (readonly [string, Outcome])[] {
  return list.split(' ').map((word) => [word, outcome] as const)
}

/** A `testcase` element while it is read. */
export class OpenCase {
  /** How many elements are open around it. */
  readonly depth: number
  readonly #suite: string | null
  readonly #attributes: Readonly<Record<string, string>>
  readonly #outcomes = new Set<Outcome>()
  #flaky = false
  #repeats: number
  #message: string | null = null
  #collected: { depth: number; text: string; type: string } | undefined

  /** @param suiteName name of the suite around it; a class name of its own says more, since many tools put all cases into one suite */
  constructor({ attributes }: XmlElement, suiteName: string | null, depth: number) {
    this.depth = depth
    this.#suite = attributes['classname']?.trim() || suiteName
    this.#attributes = attributes
    this.#repeats = Math.max(0, ...Object.entries(attributes).map(([name, value]) => repeatsOf(name, value)))
    for (const word of [attributes['status'], attributes['result']]) if (word?.trim()) this.#outcomes.add(this.#outcomeOf(word))
    if (/^false$/i.test(attributes['executed'] ?? '')) this.#outcomes.add('skipped')
  }

  /** Hears of an element at any depth inside. */
  open({ name, attributes }: XmlElement, depth: number): void {
    if (name === 'failure' || name === 'rerunFailure') this.#outcomes.add('failed')
    else if (name === 'error' || name === 'rerunError') this.#outcomes.add('errored')
    else if (name === 'flakyFailure' || name === 'flakyError') this.#flaky = true
    else if (name === 'property') this.#repeats = Math.max(this.#repeats, repeatsOf(attributes['name'] ?? '', attributes['value'] ?? ''))
    else if (depth === this.depth + 1 && /^(?:skipped|ignored|disabled)$/.test(name)) this.#outcomes.add('skipped')
    if (/^(?:failure|error|(?:flaky|rerun)(?:Failure|Error))$/.test(name) && this.#message === null) this.#collect(attributes, depth)
  }

  text(text: string): void {
    if (this.#collected && this.#collected.text.length < MAX_MESSAGE) this.#collected.text += text.slice(0, 2 * MAX_MESSAGE)
  }

  close(depth: number): void {
    if (this.#collected?.depth !== depth) return
    this.#message = bounded(this.#collected.text.trim() || this.#collected.type, MAX_MESSAGE) || null
    this.#collected = undefined
  }

  finish(): CaseResult {
    const outcome = (['failed', 'errored', 'skipped'] as const).find((bad) => this.#outcomes.has(bad)) ?? 'passed'
    return {
      suite: this.#suite,
      name: this.#attributes['name']?.trim() || 'unnamed',
      outcome,
      flaky: outcome === 'passed' && (this.#flaky || this.#attributes['status']?.toLowerCase() === 'flaky'),
      message: this.#message,
      repeats: this.#repeats,
    }
  }

  /** Whether it failed and whether it errored; a case can do both. */
  get marks(): { failed: boolean; errored: boolean } {
    return { failed: this.#outcomes.has('failed'), errored: this.#outcomes.has('errored') }
  }

  #collect(attributes: XmlElement['attributes'], depth: number): void {
    const stated = attributes['message']?.trim()
    if (stated) this.#message = bounded(stated, MAX_MESSAGE)
    else this.#collected ??= { depth, text: '', type: attributes['type'] ?? '' }
  }

  /** A word that nobody knows must not pass. */
  #outcomeOf(word: string): Outcome {
    const known = OUTCOME_OF_WORD.get(word.toLowerCase().replace(/[\s_-]/g, ''))
    if (known === undefined)
      this.#message = `The report gives the case the status ${JSON.stringify(bounded(word, 40))}, which is not known.`
    return known ?? 'errored'
  }
}

/** How many attempts came before, as `retry="1"`, `rerun="true"` or `attempt="2"` tell; plurals are settings, not attempts. */
function repeatsOf(name: string, value: string): number {
  const mark = name.toLowerCase().replace(/[\s_.-]/g, '')
  const before = /^true$/i.test(value) ? 1 : /^\d{1,4}$/.test(value) ? Number(value) : 0
  if (/^(?:is)?(?:retry|rerun)(?:count|number|index|attempt)?$/.test(mark)) return before
  return /^attempt(?:number)?$/.test(mark) && before > 1 ? before - 1 : 0
}
