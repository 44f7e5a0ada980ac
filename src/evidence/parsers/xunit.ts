import type { ReportParser } from '../parser.ts'
import { CaseTally } from './case-tally.ts'
import { instantOf } from './json-fields.ts'
import { malformed, report, wrongFormat } from './report.ts'
import { appended, caseResult, messageOf, nameWithin, type Outcome } from './test-case.ts'
import { fileNameOf, partsOf, sumOf, testsResult } from './test-totals.ts'
import { readXml, xmlOpening, type XmlElement, type XmlHandlers } from './xml-reader.ts'

/**
 * xUnit.net's own XML, versions 2 and 3 of its schema and the single `assembly` of version 1. Errors stand outside of any test: a fixture or a
 * clean-up that failed; version 1 puts that of a class into the class itself.
 * https://xunit.net/docs/format-xml-v2
 */
export const xunit: ReportParser = {
  format: 'xunit',
  classes: ['tests'],
  claims: ({ text }) => isRoot(xmlOpening(text)?.root),
  parse: ({ text }) => {
    const reader = new XunitReader()
    readXml('xunit', text, reader)
    return report({ name: 'xunit', version: null }, ['tests'], {
      reportedAt: reader.reportedAt,
      examined: partsOf(reader.assemblies),
      ...testsResult(reader.tally, reader.stated),
    })
  },
}

/** An `assembly` is the root of many things; that of a test run names its framework. */
function isRoot(root: XmlElement | undefined): boolean {
  return root?.name === 'assemblies' || (root?.name === 'assembly' && 'test-framework' in root.attributes)
}

/** A word that nobody knows must not pass. */
const OUTCOMES: ReadonlyMap<string | undefined, Outcome> = new Map([
  ['Pass', 'passed'],
  ['Fail', 'failed'],
  ['Skip', 'skipped'],
  ['NotRun', 'skipped'],
] as const)

/** A test or an error while it is read. */
interface OpenItem {
  element: XmlElement
  failed: boolean
  message: string
}

class XunitReader implements XmlHandlers {
  readonly tally = new CaseTally()
  /** File names of the test assemblies. */
  readonly assemblies: (string | undefined)[] = []
  readonly stated = { total: 0, failures: 0, skipped: 0 }
  #time: string | null = null
  #assemblyTime: string | null = null
  #class: XmlElement | undefined
  #item: OpenItem | undefined

  /** The time of the run, else that of its first assembly. */
  get reportedAt(): string | null {
    return this.#time ?? this.#assemblyTime
  }

  open(element: XmlElement, path: readonly string[]): void {
    const { name, attributes } = element
    if (path.length === 0 && !isRoot(element))
      throw wrongFormat('xunit', 'its root is neither <assemblies> nor the <assembly> of a test run')
    if (path.length === 0) this.#time = instantOf(attributes['start-rtf']) ?? instantOf(attributes['timestamp'])
    if (name === 'assembly') this.#addAssembly(attributes)
    else if (isItem(name, path)) this.#openItem(element)
    else if (name === 'failure' && this.#item) this.#item.failed = true
    else if (name === 'class') this.#class = element
  }

  close(name: string, path: readonly string[]): void {
    if (!this.#item || !isItem(name, path)) return
    if (name === 'test') this.#closeTest(this.#item)
    else this.#closeError(this.#item)
    this.#item = undefined
  }

  text(text: string, path: readonly string[]): void {
    if (this.#item && path.at(-1) === 'message' && path.at(-2) === 'failure') this.#item.message = appended(this.#item.message, text)
  }

  #openItem(element: XmlElement): void {
    if (this.#item) throw malformed('xunit', `has a test inside of a test on line ${element.line}`)
    this.#item = { element, failed: false, message: '' }
  }

  #addAssembly(attributes: XmlElement['attributes']): void {
    this.assemblies.push(fileNameOf(attributes['name']))
    this.stated.total += sumOf(attributes, 'total', 'errors')
    this.stated.failures += sumOf(attributes, 'failed', 'errors')
    this.stated.skipped += sumOf(attributes, 'skipped', 'not-run')
    this.#assemblyTime ??= instantOf(attributes['start-rtf'])
  }

  #closeTest({ element: { attributes }, failed, message }: OpenItem): void {
    const suite = attributes['type']?.trim() || null
    const stated = OUTCOMES.get(attributes['result']) ?? 'errored'
    this.tally.add(
      caseResult({
        suite,
        name: nameWithin(suite, attributes['name']?.trim() || 'unnamed'),
        outcome: failed && stated !== 'errored' ? 'failed' : stated,
        message: messageOf(message),
      }),
    )
  }

  #closeError({ element: { name, attributes }, message }: OpenItem): void {
    const suite = name === 'failure' ? this.#class?.attributes['name'] : attributes['name']
    this.tally.addSuiteFailure(suite?.trim() || null, 'errored', messageOf(message, attributes['type'], attributes['exception-type']))
  }
}

/** Tests and errors by where they stand: a test's output can hold any other element. */
function isItem(name: string, path: readonly string[]): boolean {
  const around = path.at(-1)
  if (around === 'class') return name === 'test' || name === 'failure'
  return (name === 'test' && around === 'collection') || (name === 'error' && around === 'errors')
}
