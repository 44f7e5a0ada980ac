import type { CoverageRatio } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { coverageResult, numberCount, ratioOf, RatioSum, worstOf } from './coverage-fields.ts'
import { instantOf, isObject, type JsonObject, objectOf, textOf } from './json-fields.ts'
import { jsonOf, malformed, report, wrongFormat } from './report.ts'

/**
 * The JSON report of coverage.py, formats 1 to 3. The counts are taken, never `percent_covered`, which mixes lines and branches where both
 * are measured; those of `totals` as far as the files bear them out. Its time has no offset, and functions are regions with lines rather than units that were entered: neither is read.
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
      ...coverageResult({
        lines: worstOf(checkedRatio('totals', totals, LINES), ratioOfFiles(json, LINES), listedLines(json)),
        branches:
          meta['branch_coverage'] === false ? null : worstOf(checkedRatio('totals', totals, BRANCHES), ratioOfFiles(json, BRANCHES)),
        functions: null,
      }),
    })
  },
}

function isCoveragePy(json: unknown): json is JsonObject {
  if (!isObject(json) || !isObject(json['meta']) || !isObject(json['files']) || !isObject(json['totals'])) return false
  return 'branch_coverage' in json['meta'] && 'num_statements' in json['totals']
}

interface Fields {
  covered: string
  missing: string
  total: string
}

const LINES: Fields = { covered: 'covered_lines', missing: 'missing_lines', total: 'num_statements' }
const BRANCHES: Fields = { covered: 'covered_branches', missing: 'missing_branches', total: 'num_branches' }

function checkedRatio(where: string, counts: JsonObject, fields: Fields): CoverageRatio | null {
  const count = (field: string) => numberCount('coverage-py', `${field} of ${where}`, counts[field])
  const [covered, missing, total] = [count(fields.covered), count(fields.missing), count(fields.total)]
  if (covered + missing !== total)
    throw malformed('coverage-py', `has covered and missing in ${where} that do not add up to ${fields.total}`)
  return ratioOf('coverage-py', fields.total, covered, total)
}

function filesOf(json: JsonObject): JsonObject[] {
  return Object.values(objectOf(json['files'])).map(objectOf)
}

/** What the summaries of the files add up to. */
function ratioOfFiles(json: JsonObject, { covered, total }: Fields): CoverageRatio | null {
  const sum = new RatioSum()
  for (const file of filesOf(json)) {
    const summary = objectOf(file['summary'])
    const count = (field: string) => numberCount('coverage-py', `${field} of a file`, summary[field])
    if (total in summary) sum.add(count(covered), count(total))
  }
  return sum.ratio('coverage-py', total)
}

/** What the lines of the files add up to. */
function listedLines(json: JsonObject): CoverageRatio | null {
  const sum = new RatioSum()
  for (const { executed_lines: executed, missing_lines: missing } of filesOf(json)) {
    if (Array.isArray(executed) && Array.isArray(missing)) sum.add(executed.length, executed.length + missing.length)
  }
  return sum.ratio('coverage-py', 'lines')
}
