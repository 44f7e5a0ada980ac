import { parseBoundedJson } from '../../core/bounded-json.ts'
import type { ReportParser, ReportSource } from '../parser.ts'
import { GoTestRun } from './go-test-run.ts'
import { isObject, type JsonObject } from './json-fields.ts'
import { malformed, report, wrongFormat } from './report.ts'
import { partsOf, testsResult } from './test-totals.ts'

/**
 * The event stream of `go test -json`: one object a line. Every test and subtest that ended counts once for each time that it ran. A test that
 * failed and then passed (`-count`) failed: nothing in the stream tells a retry, so nothing in it is flaky. The stream does not say how many
 * packages there are: one that was cut off exactly between two of them can't be told from a smaller one.
 * https://pkg.go.dev/cmd/test2json
 */
export const goTest: ReportParser = {
  format: 'go-test',
  classes: ['tests'],
  claims: (source) => {
    const first = linesOf(source.text).next().value
    return first !== undefined && isTestEvent(eventIn(first.line))
  },
  parse: (source) => {
    const run = runIn(source)
    const result = testsResult(run.end())
    return report({ name: 'go-test', version: null }, ['tests'], {
      reportedAt: run.reportedAt,
      examined: partsOf(run.packages),
      ...result,
      ...unendedIn(run),
    })
  },
}

const ACTIONS: ReadonlySet<unknown> = new Set([
  'start',
  'run',
  'pause',
  'cont',
  'pass',
  'bench',
  'fail',
  'output',
  'skip',
  'attr',
  'artifacts',
  'build-output',
  'build-fail',
])

/** An event of `go test`; what `go tool test2json` begins with names nothing, which is too little to be recognised by. */
function isTestEvent(event: unknown): boolean {
  return isEvent(event) && ['Package', 'ImportPath', 'Test'].some((field) => typeof event[field] === 'string')
}

function isEvent(event: unknown): event is JsonObject {
  return isObject(event) && ACTIONS.has(event['Action'])
}

/** Later versions of Go may tell of more than is known here; what a first line must be is known. */
function runIn({ text }: ReportSource): GoTestRun {
  const run = new GoTestRun()
  for (const { line, number } of linesOf(text)) {
    const event = eventIn(line)
    if (number === 1 && !isEvent(event)) throw wrongFormat('go-test', 'its first line is no event')
    if (!isObject(event) || typeof event['Action'] !== 'string') {
      throw malformed('go-test', `has a line ${number} that is no event; it is cut off or mixed with other output`)
    }
    run.add(event)
  }
  return run
}

/** A stream that was cut off between two lines is known by its packages without an end. */
function unendedIn(run: GoTestRun): { completeness?: 'partial'; completenessReason?: string } {
  if (run.unended === 0) return {}
  return { completeness: 'partial', completenessReason: `The stream ends before ${run.unended} of its packages ended; it may be cut off.` }
}

/** The lines with something on them, numbered among themselves. */
function* linesOf(text: string): Generator<{ line: string; number: number }, undefined> {
  let number = 0
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf('\n', at)
    const end = newline === -1 ? text.length : newline
    const line = text.slice(at, end).trim()
    at = end + 1
    if (line !== '') yield { line, number: ++number }
  }
}

function eventIn(line: string): unknown {
  if (!line.startsWith('{')) return undefined
  try {
    return parseBoundedJson(line)
  } catch {
    // The parser's message quotes the line, which may hold a secret: it goes no further.
    return undefined
  }
}
