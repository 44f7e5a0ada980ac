import type { ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { CaseTally } from './case-tally.ts'
import { report, wrongFormat } from './report.ts'
import { readTap, type TapDocument, type TapPoint } from './tap-reader.ts'
import { caseResult, displayName, messageOf, type Outcome } from './test-case.ts'
import { testsResult } from './test-totals.ts'

/**
 * The Test Anything Protocol, versions 12 to 14. A test point with a subtest stands for what is in it: its own points count in its place, under
 * its name, and it counts only if it failed and nothing in it did. `TODO` and `SKIP` are no failures and no passes. Without a plan, or with one
 * that was not met, it can't be told from a run that broke off.
 * https://testanything.org/tap-version-14-specification.html
 */
export const tap: ReportParser = {
  format: 'tap',
  classes: ['tests'],
  claims: ({ text }) => OPENING.test(firstLine(text)),
  parse: ({ text }) => {
    const document = readTap(text)
    if (!document.recognised) throw wrongFormat('tap', 'it has no version, no plan and no test')
    const tally = new CaseTally()
    for (const point of document.points) addPoint(tally, point, null)
    const result = testsResult(tally)
    return report({ name: 'tap', version: null }, ['tests'], { ...result, ...endOf(document) })
  },
}

const OPENING = /^(?:TAP version \d{1,3}\s*$|1\.\.\d{1,9}(?:\s|$)|(?:not )?ok(?:\s|$))/

/** The first line that says anything: comments, which often begin a stream, don't. */
function firstLine(text: string): string {
  return /^(?:[ \t]*(?:#[^\n]*)?\n){0,100}([^\n]{0,200})/.exec(text.slice(0, 64 * 1024))?.[1] ?? ''
}

function endOf({ bailOut, flaw, plannedNothing }: TapDocument): Partial<ParsedReport> {
  if (bailOut !== null) return { completeness: 'failed', completenessReason: `The run bailed out${bailOut === '' ? '.' : `: ${bailOut}`}` }
  if (flaw !== null) return { completeness: 'partial', completenessReason: flaw }
  return plannedNothing ? { completeness: 'empty', completenessReason: 'The plan is of no test.' } : {}
}

/** Counts the point, or in its place what stands in its subtest. */
function addPoint(tally: CaseTally, point: TapPoint, suite: string | null): void {
  const name = point.description || 'unnamed'
  const outcome = outcomeOf(point)
  if (point.children.length === 0) tally.add(caseResult({ suite, name, outcome, message: messageOf(point.message) }))
  else if (outcome === 'skipped') tally.addSkipped(leavesOf(point))
  else {
    const subtest = displayName({ suite, name })
    for (const child of point.children) addPoint(tally, child, subtest)
    if (outcome === 'failed' && !point.children.some(holdsFailure)) tally.addSuiteFailure(subtest, 'failed', messageOf(point.message))
  }
}

function outcomeOf({ ok, directive }: TapPoint): Outcome {
  if (directive !== null) return 'skipped'
  return ok ? 'passed' : 'failed'
}

function holdsFailure(point: TapPoint): boolean {
  if (point.directive !== null) return false
  return !point.ok || point.children.some(holdsFailure)
}

function leavesOf({ children }: TapPoint): number {
  return children.length === 0 ? 1 : children.reduce((sum, child) => sum + leavesOf(child), 0)
}
