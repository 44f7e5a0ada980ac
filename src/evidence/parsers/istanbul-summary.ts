import type { CoverageRatio } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { coverageResult, numberCount, ratioOf, RatioSum, worstOf } from './coverage-fields.ts'
import { isObject, type JsonObject, objectOf } from './json-fields.ts'
import { jsonOf, malformed, report, wrongFormat } from './report.ts'

/**
 * `coverage-summary.json` of Istanbul's json-summary reporter, as nyc, c8, Jest and Vitest write it. `total` counts as far as the files beside
 * it bear it out, and of both the counts: `pct` is the word "Unknown" where nothing was measured.
 * https://github.com/istanbuljs/istanbuljs/blob/main/packages/istanbul-lib-coverage/lib/coverage-summary.js
 */
export const istanbulSummary: ReportParser = {
  format: 'istanbul-summary',
  classes: ['coverage'],
  claims: ({ json }) => isSummary(json),
  parse: (source) => {
    const json = jsonOf('istanbul-summary', source)
    if (!isSummary(json)) throw wrongFormat('istanbul-summary', 'it has no total of lines and statements')
    const ratio = (what: Measured) => worstOf(ratioIn(objectOf(json['total']), 'total', what), ratioOfFiles(json, what))
    return report({ name: 'istanbul', version: null }, ['coverage'], {
      ...coverageResult({ lines: ratio('lines'), branches: ratio('branches'), functions: ratio('functions') }),
    })
  },
}

function isSummary(json: unknown): json is JsonObject {
  if (!isObject(json) || !isObject(json['total'])) return false
  const { lines, statements } = json['total']
  return [lines, statements].every((part) => isObject(part) && 'total' in part && 'covered' in part && 'pct' in part)
}

type Measured = 'lines' | 'branches' | 'functions'

function ratioIn(entry: JsonObject, name: string, what: Measured): CoverageRatio | null {
  const part = entry[what]
  if (!isObject(part)) throw malformed('istanbul-summary', `has no ${what} in ${name}`)
  const count = (field: 'covered' | 'total') => numberCount('istanbul-summary', `${what}.${field} of ${name}`, part[field])
  return ratioOf('istanbul-summary', what, count('covered'), count('total'))
}

function ratioOfFiles(json: JsonObject, what: Measured): CoverageRatio | null {
  const sum = new RatioSum()
  for (const [name, entry] of Object.entries(json)) {
    const ratio = name === 'total' ? null : ratioIn(objectOf(entry), 'a file', what)
    if (ratio) sum.add(ratio.covered, ratio.total)
  }
  return sum.ratio('istanbul-summary', what)
}
