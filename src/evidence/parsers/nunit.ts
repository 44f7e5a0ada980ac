import type { ReportParser } from '../parser.ts'
import { CaseTally } from './case-tally.ts'
import { instantOf } from './json-fields.ts'
import { malformed, report, wrongFormat } from './report.ts'
import { appended, caseResult, messageOf, type Outcome } from './test-case.ts'
import { fileNameOf, partsOf, type StatedTotals, sumOf, testsResult } from './test-totals.ts'
import { readXml, xmlOpening, type XmlElement, type XmlHandlers } from './xml-reader.ts'

/**
 * NUnit XML: `test-run` of NUnit 3 and `test-results` of NUnit 2, whose cases carry their class in their names. A suite that failed without a
 * failing case inside, as one whose tear-down failed or that could not be loaded, counts as a failure.
 * https://docs.nunit.org/articles/nunit/technical-notes/usage/Test-Result-XML-Format.html
 */
export const nunit: ReportParser = {
  format: 'nunit',
  classes: ['tests'],
  claims: ({ text }) => isRoot(xmlOpening(text)?.root.name),
  parse: ({ text }) => {
    const reader = new NUnitReader()
    readXml('nunit', text, reader)
    return report({ name: 'nunit', version: reader.version }, ['tests'], {
      reportedAt: reader.reportedAt,
      examined: partsOf(reader.outermost),
      ...testsResult(reader.tally, reader.stated),
    })
  },
}

function isRoot(name: string | undefined): boolean {
  return name === 'test-run' || name === 'test-results'
}

/** The results of both versions; a word that neither knows must not pass. */
const OUTCOMES: ReadonlyMap<string, Outcome> = new Map([
  ['passed', 'passed'],
  ['success', 'passed'],
  ['warning', 'passed'],
  ['failed', 'failed'],
  ['failure', 'failed'],
  ['skipped', 'skipped'],
  ['ignored', 'skipped'],
  ['inconclusive', 'skipped'],
] as const)

function outcomeOf({ result, success, executed, label }: XmlElement['attributes']): Outcome {
  const stated = result === undefined ? undefined : (OUTCOMES.get(result.toLowerCase()) ?? 'errored')
  if (stated === 'failed' && /^(?:error|cancelled|invalid)$/i.test(label ?? '')) return 'errored'
  if (stated !== undefined && stated !== 'passed') return stated
  if (/^false$/i.test(executed ?? '')) return 'skipped'
  if (/^false$/i.test(success ?? '')) return 'failed'
  return stated === 'passed' || /^true$/i.test(success ?? '') ? 'passed' : 'errored'
}

/** A suite, or the run itself, while it is read. */
interface OpenSuite {
  name: string | null
  bad: boolean
  /** Cases and suites inside that count as failures. */
  failing: number
  message: string
}

/** A case while it is read. */
interface OpenCase {
  attributes: XmlElement['attributes']
  failed: boolean
  message: string
}

class NUnitReader implements XmlHandlers {
  readonly tally = new CaseTally()
  version: string | null = null
  reportedAt: string | null = null
  stated: StatedTotals = {}
  /** Names of the outermost suites, which are test assemblies. */
  readonly outermost: (string | undefined)[] = []
  #isVersion2 = false
  readonly #suites: OpenSuite[] = []
  #case: OpenCase | undefined

  open(element: XmlElement, path: readonly string[]): void {
    const { name, attributes } = element
    if (path.length === 1 && name === 'test-suite') this.outermost.push(fileNameOf(attributes['name']))
    if (path.length === 0) this.#openRun(element)
    else if (name === 'test-suite') this.#openSuite(attributes['fullname']?.trim() || attributes['name']?.trim() || null, attributes)
    else if (name === 'test-case') this.#openCase(element)
    else if (name === 'environment' && path.length === 1) this.version ??= attributes['nunit-version'] || null
    else if (name === 'failure' && path.at(-1) === 'test-case' && this.#case) this.#case.failed = true
  }

  close(name: string): void {
    if (name === 'test-case') this.#closeCase()
    else if (name === 'test-suite' || isRoot(name)) this.#closeSuite()
  }

  text(text: string, path: readonly string[]): void {
    if (path.at(-1) !== 'message' || path.at(-2) !== 'failure') return
    const failing = path.at(-3) === 'test-case' ? this.#case : this.#suites.at(-1)
    if (failing) failing.message = appended(failing.message, text)
  }

  #openRun({ name, attributes }: XmlElement): void {
    if (!isRoot(name)) throw wrongFormat('nunit', 'its root is neither <test-run> nor <test-results>')
    this.#isVersion2 = name === 'test-results'
    this.version = attributes['engine-version'] || null
    this.reportedAt = instantOf(attributes['start-time'])
    this.stated = statedIn(attributes)
    this.#openSuite(null, attributes)
  }

  /** What is not run is no failure; some writers give no result at all. */
  #openSuite(name: string | null, attributes: XmlElement['attributes']): void {
    const states = 'result' in attributes || 'success' in attributes
    const outcome = states ? outcomeOf(attributes) : 'passed'
    this.#suites.push({ name, bad: outcome === 'failed' || outcome === 'errored', failing: 0, message: '' })
  }

  #closeSuite(): void {
    const suite = this.#suites.pop()
    if (!suite) return
    if (suite.bad && suite.failing === 0) {
      this.tally.addSuiteFailure(suite.name, 'failed', messageOf(suite.message))
      suite.failing++
    }
    const around = this.#suites.at(-1)
    if (around) around.failing += suite.failing
  }

  #openCase({ attributes, line }: XmlElement): void {
    if (this.#case) throw malformed('nunit', `has a test case inside of a test case on line ${line}`)
    this.#case = { attributes, failed: false, message: '' }
  }

  #closeCase(): void {
    if (!this.#case) return
    const { attributes, failed, message } = this.#case
    const stated = outcomeOf(attributes)
    const outcome = failed && stated !== 'errored' ? 'failed' : stated
    this.tally.add(
      caseResult({ suite: this.#suiteOf(attributes), name: attributes['name']?.trim() || 'unnamed', outcome, message: messageOf(message) }),
    )
    const around = this.#suites.at(-1)
    if (around && (outcome === 'failed' || outcome === 'errored')) around.failing++
    this.#case = undefined
  }

  #suiteOf(attributes: XmlElement['attributes']): string | null {
    if (this.#isVersion2) return null
    return attributes['classname']?.trim() || this.#suites.at(-1)?.name || null
  }
}

/** Version 3 states `failed`, version 2 `failures`, `errors` and what was not run. */
function statedIn(attributes: XmlElement['attributes']): StatedTotals {
  return {
    total: sumOf(attributes, 'total'),
    failures: sumOf(attributes, 'failed', 'failures', 'errors'),
    skipped: sumOf(attributes, 'skipped', 'inconclusive', 'not-run'),
  }
}
