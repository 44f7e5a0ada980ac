import { parseInstant } from '../../core/time.ts'
import { CaseTally } from './case-tally.ts'
import { instantOf, type JsonObject, textOf } from './json-fields.ts'
import { caseResult, MAX_MESSAGE, messageOf, type Outcome } from './test-case.ts'

const OUTCOMES: ReadonlyMap<string, Outcome> = new Map([
  ['pass', 'passed'],
  ['fail', 'failed'],
  ['skip', 'skipped'],
] as const)

/** A package while its events are read. */
interface OpenPackage {
  /** Tests that run, with the last of their output. */
  tests: Map<string, string>
  output: string
  failed: boolean
}

/** What the events of one stream add up to. */
export class GoTestRun {
  /** When it began. */
  reportedAt: string | null = null
  /** Packages that never ended. */
  unended = 0
  /** Names of all packages; empty for one without a name. */
  readonly packages = new Set<string>()
  readonly #tally = new CaseTally()
  readonly #packages = new Map<string, OpenPackage>()
  /** What could not be built, with the compiler's last words. */
  readonly #builds = new Map<string, { failed: boolean; output: string }>()

  add(event: JsonObject): void {
    const time = instantOf(event['Time'])
    if ((parseInstant(time) ?? Infinity) < (parseInstant(this.reportedAt) ?? Infinity)) this.reportedAt = time
    const action = textOf(event['Action']) ?? ''
    const importPath = textOf(event['ImportPath'])
    const test = textOf(event['Test'])
    if (action.startsWith('build-') && importPath !== null) this.#addBuild(action, importPath, event)
    else if (test === null) this.#addToPackage(action, event)
    else this.#addToTest(action, test, event)
  }

  /** Settles what never ended. */
  end(): CaseTally {
    for (const [name, open] of this.#packages) {
      this.unended++
      this.#settleTests(name, open)
    }
    this.#packages.clear()
    for (const [importPath, { failed, output }] of this.#builds) {
      if (failed) this.#tally.addSuiteFailure(importPath, 'failed', messageOf(output) ?? 'It could not be built.')
    }
    this.#builds.clear()
    return this.#tally
  }

  #addBuild(action: string, importPath: string, event: JsonObject): void {
    const build = this.#builds.get(importPath) ?? { failed: false, output: '' }
    if (action === 'build-fail') build.failed = true
    build.output = tail(build.output, event['Output'])
    this.#builds.set(importPath, build)
  }

  #addToTest(action: string, test: string, event: JsonObject): void {
    const name = textOf(event['Package']) ?? ''
    const open = this.#open(name)
    const outcome = OUTCOMES.get(action)
    if (action === 'bench') open.tests.delete(test)
    else if (outcome === undefined) open.tests.set(test, tail(open.tests.get(test) ?? '', event['Output']))
    else {
      this.#addCase(name, open, test, outcome, outcome === 'failed' ? (messageOf(open.tests.get(test)) ?? 'The test failed.') : null)
      open.tests.delete(test)
    }
  }

  #addToPackage(action: string, event: JsonObject): void {
    const name = textOf(event['Package']) ?? ''
    const open = this.#open(name)
    open.output = tail(open.output, event['Output'])
    const outcome = OUTCOMES.get(action)
    if (outcome === undefined) return
    this.#packages.delete(name)
    this.#settleTests(name, open)
    if (outcome === 'failed') this.#packageFails(name, open, textOf(event['FailedBuild']))
  }

  /** A package that failed without a failing test: it could not be built, its set-up failed, or it ended itself. */
  #packageFails(name: string, { failed, output }: OpenPackage, failedBuild: string | null): void {
    const build = failedBuild === null ? undefined : this.#builds.get(failedBuild)
    if (build) build.failed = false
    if (!failed) this.#tally.addSuiteFailure(name || null, 'failed', messageOf(build?.output, output) ?? 'The package failed.')
  }

  /** A test that never ended did not pass. Benchmarks have no end of their own in the stream. */
  #settleTests(name: string, open: OpenPackage): void {
    for (const test of open.tests.keys()) {
      if (!test.startsWith('Benchmark')) this.#addCase(name, open, test, 'errored', 'It began and never ended.')
    }
    open.tests.clear()
  }

  #addCase(name: string, open: OpenPackage, test: string, outcome: Outcome, message: string | null): void {
    if (outcome === 'failed' || outcome === 'errored') open.failed = true
    this.#tally.add(caseResult({ suite: name || null, name: test, outcome, message }))
  }

  #open(name: string): OpenPackage {
    const known = this.#packages.get(name)
    if (known) return known
    const open: OpenPackage = { tests: new Map(), output: '', failed: false }
    this.#packages.set(name, open)
    this.packages.add(name)
    return open
  }
}

/** The end of an output, which tells most about a failure. */
function tail(output: string, more: unknown): string {
  if (typeof more !== 'string') return output
  return (output + more.slice(-MAX_MESSAGE)).slice(-MAX_MESSAGE).replace(/^[\udc00-\udfff]/, '')
}
