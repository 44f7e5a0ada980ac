import type { ReportParser } from '../parser.ts'
import { CaseTally } from './case-tally.ts'
import { numberCount, stampOf } from './coverage-fields.ts'
import { instantOf, isObject, type JsonObject, numberOf, objectOf, objectsOf, stringsOf, textOf } from './json-fields.ts'
import { itemsOf, jsonOf, malformed, report, wrongFormat } from './report.ts'
import { caseResult, type CaseResult, messageOf, type Outcome } from './test-case.ts'
import { type StatedTotals, testsResult } from './test-totals.ts'

/**
 * CTRF, the Common Test Report Format, with and without `reportFormat`, which its first reporters leave out. A case is flaky if it passed and
 * says so itself, or lists an attempt that failed: `retries` alone is a setting for some reporters.
 * https://github.com/ctrf-io/ctrf/blob/main/specification
 */
export const ctrf: ReportParser = {
  format: 'ctrf',
  classes: ['tests'],
  claims: ({ json }) => resultsOf(json) !== undefined,
  parse: (source) => {
    const json = objectOf(jsonOf('ctrf', source))
    const results = resultsOf(json)
    if (!results) throw wrongFormat('ctrf', 'it has no results with tool, summary and tests')
    const summary = objectOf(results['summary'])
    const tool = objectOf(results['tool'])
    const tally = new CaseTally()
    for (const test of itemsOf('ctrf', results, 'tests')) tally.add(caseOf(test))
    return report({ name: textOf(tool['name']) ?? 'ctrf', version: textOf(tool['version']) }, ['tests'], {
      reportedAt: instantOf(json['timestamp']) ?? stampOf(numberOf(summary['stop'])?.toString()),
      ...testsResult(tally, statedIn(summary)),
    })
  },
}

function resultsOf(json: unknown): JsonObject | undefined {
  const { results } = objectOf(json)
  if (!isObject(results) || !isObject(results['tool']) || !isObject(results['summary'])) return undefined
  const isReport = objectOf(json)['reportFormat'] === 'CTRF' || 'tests' in results['summary']
  return isReport && Array.isArray(results['tests']) ? results : undefined
}

/** A word that the format does not know must not pass; `other` is its word for an end that was neither. */
const OUTCOMES: ReadonlyMap<unknown, Outcome> = new Map([
  ['passed', 'passed'],
  ['failed', 'failed'],
  ['skipped', 'skipped'],
  ['pending', 'skipped'],
] as const)

function caseOf(test: JsonObject): CaseResult {
  const { name, status, suite, message, trace, flaky, retryAttempts } = test
  if (typeof name !== 'string') throw malformed('ctrf', 'has a test without a name')
  const outcome = OUTCOMES.get(status) ?? 'errored'
  const path = Array.isArray(suite) ? stringsOf(suite).join(' › ') : suite
  const failedBefore = objectsOf(retryAttempts).some((attempt) => attempt['status'] === 'failed')
  return caseResult({
    suite: textOf(path),
    name: name.trim() || 'unnamed',
    outcome,
    flaky: outcome === 'passed' && (flaky === true || failedBefore),
    message: messageOf(message, trace),
  })
}

function statedIn(summary: JsonObject): StatedTotals {
  const count = (field: string) => numberCount('ctrf', `results.summary.${field}`, summary[field] ?? 0)
  if (summary['tests'] === undefined) throw malformed('ctrf', 'does not state its number of tests')
  return { total: count('tests'), failures: count('failed') + count('other'), skipped: count('skipped') + count('pending') }
}
