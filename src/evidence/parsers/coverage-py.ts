import type { CoverageRatio } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { coverageResult, numberCount, ratioOf } from './coverage-fields.ts'
import { instantOf, isObject, type JsonObject, objectOf, textOf } from './json-fields.ts'
import { jsonOf, malformed, report, wrongFormat } from './report.ts'

/**
 * The JSON report of coverage.py, formats 1 to 3. The counts are taken, never `percent_covered`, which mixes lines and branches where both
 * are measured. Its time has no offset, and functions are regions with lines rather than units that were entered: neither is read.
 * https://coverage.readthedocs.io/en/latest/commands/cmd_json.html
 */
export const coveragePy: ReportParser = {
  format: 'coverage-py',
  classes: ['coverage'],
  claims: ({ json }) => isCoveragePy(json),
  parse: (source) => {
    const json = jsonOf('coverage-py', source)
    if (!isCoveragePy(json)) throw wrongFormat('coverage-py', 'it lacks meta, files or totals')
    const [meta, totals] = [objectOf(json['meta']), objectOf(json['totals'])]
    return report({ name: 'coverage-py', version: textOf(meta['version']) }, ['coverage'], {
      reportedAt: instantOf(meta['timestamp']),
      ...coverageResult({ lines: lines(totals), branches: branches(meta, totals), functions: null }),
    })
  },
}

function isCoveragePy(json: unknown): json is JsonObject {
  if (!isObject(json) || !isObject(json['meta']) || !isObject(json['files']) || !isObject(json['totals'])) return false
  return 'branch_coverage' in json['meta'] && 'num_statements' in json['totals']
}

function lines(totals: JsonObject): CoverageRatio | null {
  const [covered, missing, total] = ['covered_lines', 'missing_lines', 'num_statements'].map((field) => count(totals, field))
  return checkedRatio('statements', covered, missing, total)
}

function branches(meta: JsonObject, totals: JsonObject): CoverageRatio | null {
  if (meta['branch_coverage'] === false) return null
  const [covered, missing, total] = ['covered_branches', 'missing_branches', 'num_branches'].map((field) => count(totals, field))
  return checkedRatio('branches', covered, missing, total)
}

function count(totals: JsonObject, field: string): number {
  return numberCount('coverage-py', `totals.${field}`, totals[field])
}

function checkedRatio(what: string, covered = 0, missing = 0, total = 0): CoverageRatio | null {
  if (covered + missing !== total) throw malformed('coverage-py', `has covered and missing ${what} that do not add up to their total`)
  return ratioOf('coverage-py', what, covered, total)
}
