import { run } from 'node:test'
import type { EventData } from 'node:test'
import type { TestEvent } from 'node:test/reporters'
import { relative, resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

export interface TestFailure {
  name: string
  /** `file:line` where the test stands. */
  location: string
  /** Message, difference and stack, for people. */
  detail: string
}

export interface SkippedTest {
  name: string
  reason: string
}

/** What one test file showed. */
export interface FileOutcome {
  /** Path from the working directory. */
  file: string
  passed: number
  failures: TestFailure[]
  /** Tests that did not run; a skipped suite counts as one. */
  skipped: SkippedTest[]
  /** What the file and its children wrote; worth showing only if it failed. */
  output: string
  milliseconds: number
}

/** A chatty failing file must not flood the log. */
const MAX_OUTPUT = 20_000

/**
 * Runs one test file in a process of its own and waits for that process to end.
 * @param timeouts `test`: milliseconds for one test; `file`: for the whole file, after which its process is killed
 */
export async function runTestFile(file: string, timeouts: { test: number; file: number }): Promise<FileOutcome> {
  const outcome: FileOutcome = { file: relative('.', file), passed: 0, failures: [], skipped: [], output: '', milliseconds: 0 }
  const suites = new Map<number, string>()
  const started = performance.now()
  let success = false
  const events: AsyncIterable<TestEvent> = run({
    files: [resolve(file)],
    timeout: timeouts.test,
    signal: AbortSignal.timeout(timeouts.file),
  })
  for await (const event of events) {
    if (event.type === 'test:start' && event.data.entryFile !== undefined) suites.set(event.data.testId, fullName(event.data, suites))
    else if (event.type === 'test:pass') notePass(outcome, event.data, suites)
    else if (event.type === 'test:fail') noteFailure(outcome, event.data, suites, timeouts.file)
    else if (event.type === 'test:stdout' || event.type === 'test:stderr')
      outcome.output = (outcome.output + event.data.message).slice(-MAX_OUTPUT)
    else if (event.type === 'test:summary' && event.data.file === undefined) success = event.data.success
  }
  outcome.milliseconds = performance.now() - started
  if (!success && outcome.failures.length === 0) addFailure(outcome, 'the file failed without naming a test', 'see its output')
  if (outcome.failures.length + outcome.passed + outcome.skipped.length === 0)
    addFailure(outcome, 'the file holds no test', 'every *.test.ts must')
  return outcome
}

function notePass(outcome: FileOutcome, test: EventData.TestPass, suites: ReadonlyMap<number, string>): void {
  const skip = test.skip ?? test.todo
  if (skip !== undefined && skip !== false)
    outcome.skipped.push({ name: fullName(test, suites), reason: skip === true || skip === '' ? 'no reason given' : skip })
  else if (test.details.type !== 'suite' && !isWholeFile(test)) outcome.passed += 1
}

function noteFailure(outcome: FileOutcome, test: EventData.TestFail, suites: ReadonlyMap<number, string>, deadline: number): void {
  const { error } = test.details
  const kind = 'failureType' in error ? error.failureType : undefined
  // Its failing children speak for it.
  if (kind === 'subtestsFailed') return
  if (isWholeFile(test))
    addFailure(outcome, kind === 'testAborted' ? `the file did not end within ${deadline / 1000} s` : 'the file failed', 'see its output')
  else outcome.failures.push({ name: fullName(test, suites), location: location(test), detail: describeError(error) })
}

function addFailure(outcome: FileOutcome, name: string, detail: string): void {
  outcome.failures.push({ name, location: outcome.file, detail })
}

/** The runner reports a file as a test named by its path when it has no tests, or when its process fails. */
function isWholeFile(test: EventData.TestPass | EventData.TestFail): boolean {
  return test.entryFile === undefined
}

function fullName(test: { name: string; parentId: number | undefined }, suites: ReadonlyMap<number, string>): string {
  const parent = test.parentId === undefined ? undefined : suites.get(test.parentId)
  return parent === undefined ? test.name : `${parent} › ${test.name}`
}

function location(test: EventData.LocationInfo): string {
  return `${test.file === undefined ? '' : relative('.', test.file)}:${test.line ?? 0}`
}

function describeError(error: EventData.Error): string {
  const cause = error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : error.message
  const lines = stripVTControlCharacters(cause).split('\n')
  return lines.filter((line) => !/^\s+at .*node:(internal|async_hooks)/.test(line)).join('\n')
}
