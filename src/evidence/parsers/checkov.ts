import type { EvidenceClass } from '../../core/evidence-class.ts'
import { parseSeverity } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { isObject, numberOf, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { keepOnly } from './keep-only.ts'
import { finding, itemsOf, jsonBytes, jsonOf, malformed, report, titleOf, wrongFormat } from './report.ts'

/**
 * `checkov -o json`: one framework as an object, several as a list, or, if no framework found a file, bare counts.
 * Severities are null without a platform key: those are unknown.
 * https://www.checkov.io/2.Basics/Reviewing%20Scan%20Results.html
 */
export const checkov: ReportParser = {
  format: 'checkov',
  classes: ['misconfigurations', 'vulnerabilities', 'secrets', 'licences', 'sast'],
  claims: ({ json }) => isFramework(json) || isNothing(json) || (Array.isArray(json) && json.length > 0 && json.every(isFramework)),
  parse: (source) => {
    const json = jsonOf('checkov', source)
    if (isNothing(json)) return report(toolOf(json), ['misconfigurations'], NOTHING_SCANNED)
    const frameworks = Array.isArray(json) ? (json as unknown[]) : [json]
    if (frameworks.length === 0 || !frameworks.every(isFramework))
      throw wrongFormat('checkov', 'it has neither check_type with results nor the counts of a run that found no files')
    return parseFrameworks(frameworks, json)
  },
}

function isFramework(json: unknown): json is JsonObject {
  return isObject(json) && typeof json['check_type'] === 'string' && isObject(json['results'])
}

/** What Checkov prints when no framework found a file to look at. */
function isNothing(json: unknown): json is JsonObject {
  return isObject(json) && COUNTS.every((field) => json[field] === 0) && 'checkov_version' in json && !('results' in json)
}

const COUNTS = ['passed', 'failed', 'skipped', 'parsing_errors']
const NOTHING_SCANNED = { completeness: 'empty', completenessReason: 'Checkov found no file that it checks.' } as const

function toolOf(summary: JsonObject): ParsedReport['tool'] {
  return { name: 'checkov', version: textOf(summary['checkov_version']) }
}

function parseFrameworks(frameworks: readonly JsonObject[], document: unknown): ParsedReport {
  const findings = new FindingList()
  const outcomes = frameworks.map((framework) => readFramework(framework, findings))
  const found = findings.all()
  const classes = new Set([
    ...frameworks.filter((_, at) => outcomes[at] !== 'empty').map((framework) => classOfType(framework)),
    ...found.map((item) => item.class),
  ])
  const first = frameworks[0]
  const scanned = checkov.classes.filter((name) => classes.has(name))
  return report(toolOf(objectOf(first?.['summary'])), scanned.length > 0 ? scanned : ['misconfigurations'], {
    ...(outcomes.every((outcome) => outcome === 'empty') && NOTHING_CHECKED),
    ...(outcomes.includes('partial') && UNREADABLE_FILES),
    examined: [...new Set(frameworks.map((framework) => textOf(framework['check_type']) ?? ''))],
    findings: found,
    redacted: jsonBytes(Array.isArray(document) ? frameworks.map(redact) : redact(objectOf(document))),
  })
}

const NOTHING_CHECKED = {
  completeness: 'empty',
  completenessReason: 'Checkov applied no check: none passed, failed or was skipped.',
} as const
const UNREADABLE_FILES = { completeness: 'partial', completenessReason: 'Checkov could not parse some of the files.' } as const

function readFramework(framework: JsonObject, findings: FindingList): 'complete' | 'partial' | 'empty' {
  const results = objectOf(framework['results'])
  const summary = objectOf(framework['summary'])
  if (!Array.isArray(results['failed_checks'])) throw malformed('checkov', 'does not list its failed checks')
  const [failed, skipped] = [itemsOf('checkov', results, 'failed_checks'), itemsOf('checkov', results, 'skipped_checks')]
  if (failed.length === 0 && count(summary, 'failed') > 0) throw malformed('checkov', 'counts failed checks but lists none')
  for (const check of failed) findings.add(checkOf(check, classOfCheck(check, framework)), distinction(check))
  for (const check of skipped)
    findings.add({ ...checkOf(check, classOfCheck(check, framework)), ...suppression(check) }, distinction(check))
  const unparsed = results['parsing_errors'] ?? []
  if (!Array.isArray(unparsed)) throw malformed('checkov', 'has parsing_errors that are not a list')
  if (unparsed.length > 0 || count(summary, 'parsing_errors') > 0) return 'partial'
  // A quiet run leaves the passed checks out, but counts them.
  const passed = itemsOf('checkov', results, 'passed_checks').length + count(summary, 'passed')
  return failed.length + skipped.length + passed > 0 ? 'complete' : 'empty'
}

function count(summary: JsonObject, field: string): number {
  const value = summary[field] ?? 0
  if (typeof value !== 'number') throw malformed('checkov', `has a summary whose ${field} is no number`)
  return value
}

function classOfType(framework: JsonObject): EvidenceClass {
  const type = textOf(framework['check_type']) ?? ''
  if (type === 'secrets') return 'secrets'
  if (type.startsWith('sca_')) return 'vulnerabilities'
  return type.startsWith('sast') ? 'sast' : 'misconfigurations'
}

function classOfCheck(check: JsonObject, framework: JsonObject): EvidenceClass {
  return (textOf(check['check_id']) ?? '').startsWith('BC_LIC') ? 'licences' : classOfType(framework)
}

function checkOf(check: JsonObject, checkClass: EvidenceClass): Finding {
  const id = textOf(check['check_id'])
  if (id === null) throw malformed('checkov', 'has a check without check_id')
  const toolSeverity = textOf(check['severity'])
  const alias = textOf(check['bc_check_id'])
  return finding({
    class: checkClass,
    id,
    aliases: alias === null || alias === id ? [] : [alias],
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    title: titleOf(check['check_name'], check['short_description']),
    location: locationOf(check),
    ...(checkClass === 'vulnerabilities' && advisoryOf(check, id)),
  })
}

function locationOf(check: JsonObject): string | null {
  const file = textOf(check['file_path'])
  const range: unknown = check['file_line_range']
  const line = Array.isArray(range) ? numberOf(range[0]) : null
  return file !== null && line !== null && line > 0 ? `${file}:${line}` : file
}

/** Package scans put the advisory beside the check, whose own id is made from it. */
function advisoryOf(check: JsonObject, checkId: string): Partial<Finding> {
  const details = objectOf(check['vulnerability_details'])
  const id = textOf(details['id'])
  const toolSeverity = textOf(check['severity']) ?? textOf(details['severity'])
  return {
    ...(id !== null && { id, aliases: [checkId] }),
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    score: numberOf(details['cvss']),
    title: titleOf(details['description'], check['check_name']),
    package: textOf(details['package_name']),
    version: textOf(details['package_version']),
    fixedVersion: fixedIn(details),
    fixState: textOf(details['status']),
  }
}

function fixedIn(details: JsonObject): string | null {
  return textOf(details['lowest_fixed_version']) ?? /^fixed in (\S.*)$/i.exec(textOf(details['status']) ?? '')?.[1] ?? null
}

function suppression(check: JsonObject): Pick<Finding, 'suppressed' | 'suppressionReason'> {
  return { suppressed: true, suppressionReason: titleOf(objectOf(check['check_result'])['suppress_comment']) ?? 'checkov:skip' }
}

/** One check can fail for several resources of one file. */
function distinction(check: JsonObject): string {
  const { package_name, package_version } = objectOf(check['vulnerability_details'])
  return JSON.stringify([check['resource'], check['file_line_range'], package_name, package_version])
}

const LISTS = ['passed_checks', 'failed_checks', 'skipped_checks']
const HARMLESS = [
  ...['check_id', 'bc_check_id', 'check_name', 'short_description', 'severity', 'guideline', 'check_class', 'benchmarks'],
  ...['resource', 'resource_address', 'file_path', 'repo_file_path', 'file_line_range', 'vulnerability_details'],
]

/** The code of every check is left out, of those that passed too: it shows the whole resource, with whatever stands in it. */
function redact(framework: JsonObject): JsonObject {
  const results = objectOf(framework['results'])
  const lists = LISTS.filter((list) => list in results).map((list) => [list, itemsOf('checkov', results, list).map(redactCheck)])
  return {
    ...keepOnly(framework, ['check_type', 'summary', 'url']),
    results: { ...keepOnly(results, ['parsing_errors']), ...Object.fromEntries(lists) },
  }
}

function redactCheck(check: JsonObject): JsonObject {
  return { ...keepOnly(check, HARMLESS), check_result: keepOnly(objectOf(check['check_result']), ['result', 'suppress_comment']) }
}
