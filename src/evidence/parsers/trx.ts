import type { ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { CaseTally } from './case-tally.ts'
import { instantOf } from './json-fields.ts'
import { report, wrongFormat } from './report.ts'
import { appended, caseResult, messageOf, nameWithin, type Outcome } from './test-case.ts'
import { fileNameOf, partsOf, type StatedTotals, sumOf, testsResult } from './test-totals.ts'
import { readXml, xmlOpening, type XmlElement, type XmlHandlers } from './xml-reader.ts'

/**
 * Visual Studio's TRX, as `dotnet test --logger trx`, vstest and MSTest write it. A data-driven test counts beside its rows. The suite of a case
 * is the class that its definition names, which stands behind the results.
 * https://github.com/microsoft/vstest/blob/main/src/Microsoft.TestPlatform.Extensions.TrxLogger
 */
export const trx: ReportParser = {
  format: 'trx',
  classes: ['tests'],
  claims: ({ text }) => xmlOpening(text)?.root.name === 'TestRun',
  parse: ({ text }) => {
    const reader = new TrxReader()
    readXml('trx', text, reader)
    const result = testsResult(reader.tally(), reader.stated)
    return report({ name: 'trx', version: null }, ['tests'], {
      reportedAt: reader.reportedAt,
      examined: partsOf(reader.assemblies),
      ...result,
      ...endOf(reader),
    })
  },
}

/** A run that was aborted, or never got to its summary, says so there and nowhere else. */
function endOf({ runOutcome }: TrxReader): Partial<ParsedReport> {
  if (runOutcome === undefined) return { completeness: 'partial', completenessReason: 'The report has no summary of its run.' }
  if (ENDED.has(runOutcome)) return {}
  const how = /^[a-z]{1,40}$/.test(runOutcome) ? ` as ${runOutcome}` : ''
  return { completeness: 'failed', completenessReason: `The report says that the run ended${how}.` }
}

const ENDED: ReadonlySet<string> = new Set(['completed', 'passed', 'failed', 'warning'])

/** Every other outcome is an error, such as Timeout, Aborted or NotRunnable; the schema leaves out that of a failure. */
const OUTCOMES: ReadonlyMap<string, Outcome> = new Map([
  ['passed', 'passed'],
  ['warning', 'passed'],
  ['failed', 'failed'],
  ['notexecuted', 'skipped'],
  ['inconclusive', 'skipped'],
] as const)

interface TestResult {
  testId: string
  name: string
  outcome: string
  message: string
}

class TrxReader implements XmlHandlers {
  reportedAt: string | null = null
  runOutcome: string | undefined
  stated: StatedTotals = {}
  /** File names of the test assemblies that the definitions name. */
  readonly assemblies = new Set<string | undefined>()
  #runMessage = ''
  #definition = ''
  readonly #classes = new Map<string, string>()
  readonly #results: TestResult[] = []
  readonly #open: TestResult[] = []

  open(element: XmlElement, path: readonly string[]): void {
    const { name, attributes } = element
    if (path.length === 0 && name !== 'TestRun') throw wrongFormat('trx', 'its root is no <TestRun>')
    if (isResult(path)) this.#openResult(attributes)
    else if (path.length === 1 && name === 'Times') this.reportedAt = instantOf(attributes['start'])
    else if (path.length === 2 && path[1] === 'TestDefinitions') this.#openDefinition(attributes)
    else if (name === 'TestMethod' && path[1] === 'TestDefinitions') this.#addClass(attributes['className'])
    else if (path.length === 1 && name === 'ResultSummary') this.runOutcome = (attributes['outcome'] ?? '').toLowerCase()
    else if (path.length === 2 && path[1] === 'ResultSummary' && name === 'Counters') this.stated = statedIn(attributes)
  }

  close(_name: string, path: readonly string[]): void {
    if (isResult(path)) this.#open.pop()
  }

  text(text: string, path: readonly string[]): void {
    const result = this.#open.at(-1)
    if (result && path.at(-1) === 'Message' && path.at(-2) === 'ErrorInfo') result.message = appended(result.message, text)
    if (path.at(-1) === 'Text' && path.at(-2) === 'RunInfo') this.#runMessage = appended(this.#runMessage, text)
  }

  tally(): CaseTally {
    const tally = new CaseTally()
    let failing = 0
    for (const { testId, name, outcome, message } of this.#results) {
      const suite = this.#classes.get(testId) ?? null
      const read = outcome === '' ? 'failed' : (OUTCOMES.get(outcome) ?? 'errored')
      if (read === 'failed' || read === 'errored') failing++
      tally.add(caseResult({ suite, name: nameWithin(suite, name), outcome: read, message: messageOf(message) }))
    }
    if (this.runOutcome === 'failed' && failing === 0) tally.addSuiteFailure(null, 'errored', messageOf(this.#runMessage))
    return tally
  }

  #openResult(attributes: XmlElement['attributes']): void {
    const result: TestResult = {
      testId: attributes['testId'] ?? '',
      name: attributes['testName']?.trim() || 'unnamed',
      outcome: (attributes['outcome'] ?? '').toLowerCase(),
      message: '',
    }
    this.#results.push(result)
    this.#open.push(result)
  }

  #openDefinition({ id, storage }: XmlElement['attributes']): void {
    this.#definition = id ?? ''
    this.assemblies.add(fileNameOf(storage))
  }

  /** Older runners write the assembly behind the name of the class. */
  #addClass(className: string | undefined): void {
    const name = className?.split(',', 1)[0]?.trim()
    if (name) this.#classes.set(this.#definition, name)
  }
}

/** Unit tests, web tests, ordered tests and others have result elements of their own names. */
function isResult(path: readonly string[]): boolean {
  return (path.length === 2 && path[1] === 'Results') || (path[1] === 'Results' && path.at(-1) === 'InnerResults')
}

function statedIn(attributes: XmlElement['attributes']): StatedTotals {
  return {
    total: sumOf(attributes, 'total'),
    failures: sumOf(
      attributes,
      'failed',
      'error',
      'timeout',
      'aborted',
      'passedButRunAborted',
      'notRunnable',
      'disconnected',
      'inProgress',
    ),
    skipped: sumOf(attributes, 'notExecuted', 'inconclusive'),
  }
}
