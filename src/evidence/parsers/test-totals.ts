import type { ParsedReport, TestTotals } from '../model.ts'
import type { CaseTally } from './case-tally.ts'
import { countOf } from './coverage-fields.ts'
import type { XmlElement } from './xml-reader.ts'

/** What a report states of its run as a whole; undefined where it is silent. */
export interface StatedTotals {
  total?: number | undefined
  /** Failed and errored: tools differ in which of the two they call a case. */
  failures?: number | undefined
  skipped?: number | undefined
}

const MAX_STATED = 1_000_000_000

/**
 * The part of a report that tells its tests. What it states beyond the cases that it shows must never read as clean: failures count, tests are
 * skipped as far as it states so, and any others are missing.
 */
export function testsResult(
  tally: CaseTally,
  stated: StatedTotals = {},
): Pick<ParsedReport, 'completeness' | 'completenessReason'> & { tests: TestTotals } {
  const shown = tally.totals()
  const beyond = (count: number | undefined, seen: number) => Math.max(0, Math.min(count ?? 0, MAX_STATED) - seen)
  const failures = beyond(stated.failures, shown.failed + shown.errored)
  // Those for which the stated total leaves no room are cases that were shown as passed.
  const room = stated.total === undefined ? failures : beyond(stated.total, shown.total)
  if (failures > 0) tally.addUnshown(null, failures, 0, failures - Math.min(failures, room))
  const unshown = beyond(stated.total, tally.totals().total)
  const skipped = Math.min(unshown, beyond(stated.skipped, shown.skipped))
  tally.addSkipped(skipped)
  const tests = tally.totals()
  return { tests, ...completenessOfTests(tests, unshown - skipped) }
}

/** A run that announces more tests than it shows is cut off; one that ran none examined nothing. */
export function completenessOfTests(tests: TestTotals, missing: number): Pick<ParsedReport, 'completeness' | 'completenessReason'> {
  if (missing > 0) return { completeness: 'partial', completenessReason: `The report announces ${missing} more tests than it shows.` }
  if (tests.total === 0) return { completeness: 'empty', completenessReason: 'The report shows no test.' }
  if (tests.total === tests.skipped) return { completeness: 'empty', completenessReason: 'Every test was skipped.' }
  return { completeness: 'complete', completenessReason: null }
}

/** The sum of the counts that the attributes state; what is no count is passed over, for the cases are counted anyway. */
export function sumOf(attributes: XmlElement['attributes'], ...names: string[]): number {
  return names.reduce((total, name) => total + (countOf(attributes[name]) ?? 0), 0)
}

/** The parts of a project that a report is about, such as test assemblies; none, which is all of it, if one of them has no name. */
export function partsOf(names: Iterable<string | null | undefined>): string[] {
  const parts = [...names].map((name) => name?.trim() ?? '')
  return parts.includes('') ? [] : [...new Set(parts)]
}

/** The name of a file without its directories, which differ from one build machine to the next. */
export function fileNameOf(path: string | undefined): string | undefined {
  return path?.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}
