import { parseInstant } from '../../core/time.ts'
import type { ReportParser } from '../parser.ts'
import { CaseTally } from './case-tally.ts'
import { instantOf } from './json-fields.ts'
import { OpenCase } from './junit-case.ts'
import { OpenSuite } from './junit-suite.ts'
import { report, wrongFormat } from './report.ts'
import { messageOf } from './test-case.ts'
import { completenessOfTests, partsOf } from './test-totals.ts'
import { readXml, xmlOpening, type XmlElement, type XmlHandlers } from './xml-reader.ts'

/**
 * JUnit XML in its many dialects. Cases are counted one by one; what a suite states beyond them counts against it.
 * - The suite of a case is its `classname` if it has one, else the name of the nearest `testsuite`.
 * - A case is flaky if it passed and lists failed attempts (`flakyFailure`, `flakyError`), or if it says that it repeats an earlier case of its
 *   name that failed (`retry`, `rerun` or `attempt`, as attribute or property). A failure that nothing marks as repeated stays a failure.
 *
 * https://github.com/testmoapp/junitxml, https://maven.apache.org/surefire/maven-surefire-plugin/xsd/surefire-test-report.xsd
 */
export const junit: ReportParser = {
  format: 'junit',
  classes: ['tests'],
  claims: ({ text }) => isRoot(xmlOpening(text)?.root.name),
  parse: ({ text }) => {
    const reader = new JUnitReader()
    readXml('junit', text, reader)
    const tests = reader.tally.totals()
    return report({ name: 'junit', version: null }, ['tests'], {
      tests,
      reportedAt: reader.reportedAt,
      examined: reader.examined,
      ...completenessOfTests(tests, reader.missing),
    })
  },
}

/** Runners that give every suite their own name: there the classes of the cases tell what was run. */
const NAMES_NOTHING: ReadonlySet<string> = new Set([
  ...['pytest', 'nosetests', 'nose2-junit', 'unittest', 'rspec', 'minitest', 'phpunit', 'test', 'tests', 'root suite'],
])

function isRoot(name: string | undefined): boolean {
  return name === 'testsuites' || name === 'testsuite'
}

class JUnitReader implements XmlHandlers {
  readonly tally = new CaseTally()
  /** Tests that are announced and nowhere to be seen. */
  missing = 0
  readonly #suites: OpenSuite[] = []
  readonly #cases: OpenCase[] = []
  readonly #outermost = new Set<string | null>()
  readonly #classes = new Set<string | null>()
  #rootTime: string | null = null
  #earliestTime: string | null = null

  /** The time of the run if the root states it, else that of its earliest suite: a report is as old as its oldest part. */
  get reportedAt(): string | null {
    return this.#rootTime ?? this.#earliestTime
  }

  /** The outermost suites, if all have names: test runners write a file for each, so that one file doesn't speak for another. */
  get examined(): string[] {
    const named = [...this.#outermost].some((name) => name !== null && !NAMES_NOTHING.has(name.toLowerCase()))
    return partsOf(named ? this.#outermost : this.#classes)
  }

  open(element: XmlElement, path: readonly string[]): void {
    const { name } = element
    if (path.length === 0 && !isRoot(name)) throw wrongFormat('junit', 'its root is neither <testsuites> nor <testsuite>')
    const openCase = this.#cases.at(-1)
    if (name === 'testcase') this.#openCase(element, path)
    else if (openCase) openCase.open(element, path.length)
    else if (isRoot(name)) this.#openSuite(element, path)
    else if (name === 'failure' || name === 'error') this.#suiteFails(element, path)
  }

  close(name: string, path: readonly string[]): void {
    const openCase = this.#cases.at(-1)
    if (openCase && path.length > openCase.depth) openCase.close(path.length)
    else if (openCase) this.#closeCase(openCase)
    else if (isRoot(name)) this.#closeSuite()
  }

  text(text: string): void {
    this.#cases.at(-1)?.text(text)
  }

  #openCase(element: XmlElement, path: readonly string[]): void {
    this.#classes.add(element.attributes['classname']?.trim() || null)
    this.#cases.push(new OpenCase(element, this.#suiteName(path), path.length))
  }

  #openSuite(element: XmlElement, path: readonly string[]): void {
    const suite = new OpenSuite(element)
    if (element.name === 'testsuite' && path.length === (path[0] === 'testsuites' ? 1 : 0)) this.#outermost.add(suite.name)
    this.#suites.push(suite)
    const time = instantOf(element.attributes['timestamp'])
    if (time === null) return
    if (path.length === 0) this.#rootTime = time
    if ((parseInstant(time) ?? 0) < (parseInstant(this.#earliestTime) ?? Infinity)) this.#earliestTime = time
  }

  #closeSuite(): void {
    const suite = this.#suites.pop()
    if (!suite) return
    const missing = suite.close(this.tally)
    const around = this.#suites.at(-1)
    if (around) around.include(suite)
    else this.missing = missing
  }

  #closeCase(closed: OpenCase): void {
    this.#cases.pop()
    const result = closed.finish()
    this.tally.add(result)
    this.#suites.at(-1)?.show({ ...closed.marks, skipped: result.outcome === 'skipped' })
  }

  /** A failure outside of any case, such as one in the set-up of a suite. */
  #suiteFails({ name, attributes }: XmlElement, path: readonly string[]): void {
    const errored = name === 'error'
    const message = messageOf(attributes['message'], attributes['type'])
    this.tally.addSuiteFailure(this.#suiteName(path), errored ? 'errored' : 'failed', message)
    this.#suites.at(-1)?.show({ failed: !errored, errored, skipped: false })
  }

  /** The root's name is that of the whole run: no suite. */
  #suiteName(path: readonly string[]): string | null {
    return this.#suites.findLast((suite, depth) => suite.name !== null && (depth > 0 || path[0] === 'testsuite'))?.name ?? null
  }
}
