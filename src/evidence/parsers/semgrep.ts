import type { EvidenceClass } from '../../core/evidence-class.ts'
import type { ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { isObject, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { itemsOf, jsonBytes, jsonOf, malformed, report, wrongFormat } from './report.ts'
import { isExported, readExport } from './semgrep-platform.ts'
import { redactSemgrep, resultOf } from './semgrep-results.ts'

/**
 * Semgrep: `semgrep scan --json` of all versions, and the list of findings that Semgrep's platform exports.
 * https://semgrep.dev/docs/semgrep-appsec-platform/json-and-sarif
 */
export const semgrep: ReportParser = {
  format: 'semgrep',
  classes: ['sast', 'vulnerabilities', 'secrets'],
  claims: ({ json }) => isScan(json) || (isExport(json) && json['findings'].length > 0 && json['findings'].every(isExported)),
  parse: (source) => {
    const json = jsonOf('semgrep', source)
    if (isScan(json)) return parseScan(json)
    if (isExport(json)) return readExport(json)
    throw wrongFormat('semgrep', 'it has neither results with errors nor findings')
  },
}

const FIELDS = new Set([
  ...['results', 'errors', 'paths', 'version', 'skipped_rules', 'interfile_languages_used', 'time', 'explanations', 'stats'],
  ...['rules_by_engine', 'engine_requested', 'profiling_results', 'subprojects', 'mcp_scan_results', '_comment'],
])

/**
 * Several tools write results and errors: Semgrep's results have a check_id, and where there are none, the document has
 * no field that is not Semgrep's.
 */
function isScan(json: unknown): json is JsonObject {
  if (!isObject(json) || !Array.isArray(json['results']) || !Array.isArray(json['errors'])) return false
  const results: readonly unknown[] = json['results']
  if (results.length > 0) return results.every((item) => isObject(item) && 'check_id' in item && isObject(item['extra']))
  return Object.keys(json).every((field) => FIELDS.has(field))
}

function isExport(json: unknown): json is JsonObject & { findings: unknown[] } {
  return isObject(json) && Array.isArray(json['findings'])
}

function parseScan(json: JsonObject): ParsedReport {
  const results = itemsOf('semgrep', json, 'results')
  const findings = new FindingList()
  for (const result of results) {
    const { start, end, extra } = result
    findings.add(resultOf(result), JSON.stringify([start, end, objectOf(extra)['message']]))
  }
  const found = findings.all()
  return report({ name: 'semgrep', version: textOf(json['version']) }, classesOf(found), {
    ...completenessOf(json, results),
    findings: found,
    redacted: results.length > 0 ? jsonBytes(redactSemgrep(json, results)) : null,
  })
}

/** Semgrep does not record which of its products ran: a report speaks for what it found, else for its main purpose. */
function classesOf(findings: readonly { class: EvidenceClass }[]): EvidenceClass[] {
  const classes = new Set(findings.map((item) => item.class))
  return classes.size > 0 ? semgrep.classes.filter((name) => classes.has(name)) : ['sast']
}

/** Versions before 1.0 don't list the files that they examined: of those a report without results does not show that any was. */
function completenessOf(json: JsonObject, results: readonly JsonObject[]): Partial<ParsedReport> {
  const errors = itemsOf('semgrep', json, 'errors')
  const scanned = objectOf(json['paths'])['scanned'] ?? []
  if (!Array.isArray(scanned)) throw malformed('semgrep', 'has paths.scanned that are not a list')
  if (results.length === 0 && scanned.length === 0)
    return errors.some((error) => error['level'] !== 'warn' && error['level'] !== 'info')
      ? { completeness: 'failed', completenessReason: 'Semgrep tells of errors and examined no file.' }
      : { completeness: 'empty', completenessReason: 'Semgrep names no file that it examined.' }
  if (errors.length > 0)
    return { completeness: 'partial', completenessReason: `Semgrep could not examine everything: ${errors.length} errors.` }
  if (itemsOf('semgrep', json, 'skipped_rules').length > 0)
    return { completeness: 'partial', completenessReason: 'Semgrep skipped rules that its version cannot read.' }
  return {}
}
