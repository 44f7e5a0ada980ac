import type { CoverageRatio } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { coverageResult, numberCount, ratioOf } from './coverage-fields.ts'
import { isObject, type JsonObject, objectOf } from './json-fields.ts'
import { jsonOf, malformed, report, wrongFormat } from './report.ts'

/**
 * `coverage-summary.json` of Istanbul's json-summary reporter, as nyc, c8, Jest and Vitest write it. Only `total` counts, and of it the counts:
 * `pct` is the word "Unknown" where nothing was measured.
 * https://github.com/istanbuljs/istanbuljs/blob/main/packages/istanbul-lib-coverage/lib/coverage-summary.js
 */
export const istanbulSummary: ReportParser = {
  format: 'istanbul-summary',
  classes: ['coverage'],
  claims: ({ json }) => isSummary(json),
  parse: (source) => {
    const json = jsonOf('istanbul-summary', source)
    if (!isSummary(json)) throw wrongFormat('istanbul-summary', 'it has no total of lines and statements')
    const total = objectOf(json['total'])
    return report({ name: 'istanbul', version: null }, ['coverage'], {
      ...coverageResult({ lines: ratio(total, 'lines'), branches: ratio(total, 'branches'), functions: ratio(total, 'functions') }),
    })
  },
}

function isSummary(json: unknown): json is JsonObject {
  if (!isObject(json) || !isObject(json['total'])) return false
  const { lines, statements } = json['total']
  return [lines, statements].every((part) => isObject(part) && 'total' in part && 'covered' in part && 'pct' in part)
}

function ratio(total: JsonObject, what: 'lines' | 'branches' | 'functions'): CoverageRatio | null {
  const part = total[what]
  if (!isObject(part)) throw malformed('istanbul-summary', `has no total of ${what}`)
  const count = (field: 'covered' | 'total') => numberCount('istanbul-summary', `total.${what}.${field}`, part[field])
  return ratioOf('istanbul-summary', what, count('covered'), count('total'))
}
