import type { ReportParser } from '../parser.ts'
import { CaseTally } from './case-tally.ts'
import { instantOf } from './json-fields.ts'
import { report, wrongFormat } from './report.ts'
import { appended, caseResult, messageOf, type Outcome } from './test-case.ts'
import { partsOf, type StatedTotals, sumOf, testsResult } from './test-totals.ts'
import { readXml, xmlOpening, type XmlElement, type XmlHandlers } from './xml-reader.ts'

/**
 * `testng-results.xml` of TestNG. Configuration methods are no tests, but one that failed counts as an error of its class. An attempt that
 * TestNG marks as `retried` counts only through the last one of its method and parameters, which is flaky if it passed.
 * https://github.com/testng-team/testng/blob/master/testng-core/src/main/java/org/testng/reporters/XMLReporter.java
 */
export const testng: ReportParser = {
  format: 'testng',
  classes: ['tests'],
  claims: ({ text }) => xmlOpening(text)?.root.name === 'testng-results',
  parse: ({ text }) => {
    const reader = new TestNgReader()
    readXml('testng', text, reader)
    const { tally, replaced } = tallyOf(reader.methods)
    const total = Math.max(0, (reader.stated.total ?? 0) - replaced)
    return report({ name: 'testng', version: null }, ['tests'], {
      reportedAt: reader.reportedAt,
      examined: partsOf(reader.classes),
      ...testsResult(tally, { ...reader.stated, total }),
    })
  },
}

/** A word that nobody knows must not pass. */
const OUTCOMES: ReadonlyMap<string, Outcome> = new Map([
  ['PASS', 'passed'],
  ['FAIL', 'failed'],
  ['SKIP', 'skipped'],
] as const)

interface Method {
  suite: string | null
  name: string
  signature: string
  parameters: string
  outcome: Outcome
  isConfiguration: boolean
  retried: boolean
  message: string
  exception: string
}

/** @returns with it how many retried attempts count through a later one */
function tallyOf(methods: readonly Method[]): { tally: CaseTally; replaced: number } {
  const tests = methods.filter((method) => !method.isConfiguration)
  const ended = new Set(tests.filter(({ retried }) => !retried).map(keyOf))
  const retried = new Map(tests.filter((method) => method.retried).map((method) => [keyOf(method), textOf(method)]))
  const tally = new CaseTally()
  let replaced = 0
  for (const method of methods) {
    const { suite, name, outcome } = method
    if (method.isConfiguration) {
      if (outcome === 'failed' || outcome === 'errored')
        tally.addSuiteFailure(suite, 'errored', messageOf(`${name}: ${textOf(method) ?? ''}`))
    } else if (!method.retried) {
      const flaky = outcome === 'passed' && retried.has(keyOf(method))
      tally.add(caseResult({ suite, name, outcome, flaky, message: textOf(method) ?? retried.get(keyOf(method)) ?? null }))
    } else if (ended.has(keyOf(method))) replaced++
    else tally.add(caseResult({ suite, name, outcome: 'errored', message: 'It was to be retried, and the report shows no later attempt.' }))
  }
  return { tally, replaced }
}

function keyOf({ suite, name, signature, parameters }: Method): string {
  return [suite ?? '', name, signature, parameters].join('\u0000')
}

function textOf({ message, exception }: Method): string | null {
  return messageOf(message, exception)
}

class TestNgReader implements XmlHandlers {
  readonly methods: Method[] = []
  stated: StatedTotals = {}
  readonly classes = new Set<string | null>()
  /** When its first suite began. */
  reportedAt: string | null = null
  #class: string | null = null
  #method: Method | undefined

  open({ name, attributes }: XmlElement, path: readonly string[]): void {
    if (path.length === 0) {
      if (name !== 'testng-results') throw wrongFormat('testng', 'its root is no <testng-results>')
      this.stated = statedIn(attributes)
    } else if (name === 'suite') this.reportedAt ??= instantOf(attributes['started-at']?.replace(/ UTC$/, 'Z'))
    else if (name === 'class') this.#openClass(attributes['name']?.trim() || null)
    else if (name === 'test-method' && path.at(-1) === 'class') this.#method = methodOf(attributes, this.#class)
    else if (name === 'param' && this.#method) this.#method.parameters = appended(this.#method.parameters, '\u0000')
    else if (name === 'exception' && this.#method) this.#method.exception = attributes['class'] ?? ''
  }

  #openClass(name: string | null): void {
    this.#class = name
    this.classes.add(name)
  }

  close(name: string, path: readonly string[]): void {
    if (name !== 'test-method' || path.at(-1) !== 'class' || !this.#method) return
    this.methods.push(this.#method)
    this.#method = undefined
  }

  text(text: string, path: readonly string[]): void {
    const method = this.#method
    if (!method) return
    if (path.at(-1) === 'message' && path.at(-2) === 'exception') method.message = appended(method.message, text)
    if (path.at(-1) === 'value' && path.at(-2) === 'param') method.parameters = appended(method.parameters, text)
  }
}

function methodOf(attributes: XmlElement['attributes'], suite: string | null): Method {
  return {
    suite,
    name: attributes['name']?.trim() || 'unnamed',
    signature: attributes['signature'] ?? '',
    parameters: '',
    outcome: OUTCOMES.get(attributes['status'] ?? '') ?? 'errored',
    isConfiguration: attributes['is-config'] === 'true',
    retried: attributes['retried'] === 'true',
    message: '',
    exception: '',
  }
}

function statedIn(attributes: XmlElement['attributes']): StatedTotals {
  return { total: sumOf(attributes, 'total'), failures: sumOf(attributes, 'failed'), skipped: sumOf(attributes, 'skipped', 'ignored') }
}
