import type { EvidenceClass } from '../../core/evidence-class.ts'
import type { Finding, ParsedReport } from '../model.ts'
import { FindingList } from './finding-list.ts'
import { isObject, numberOf, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { keepOnly } from './keep-only.ts'
import { finding, itemsOf, jsonBytes, REDACTED, report, titleOf, wrongFormat } from './report.ts'
import { semgrepSeverity } from './semgrep-results.ts'
import { tellsOfSecrets } from './secret-words.ts'

/** True for a finding as the platform's API lists it. */
export function isExported(item: unknown): item is JsonObject {
  return isObject(item) && textOf(item['rule_name']) !== null && 'severity' in item && ('match_based_id' in item || 'triage_state' in item)
}

/**
 * Reads `GET /api/v1/deployments/{slug}/findings`. The answer says neither what was asked for nor whether there is more.
 * https://semgrep.dev/api/v1/docs/
 */
export function readExport(json: JsonObject): ParsedReport {
  const items = itemsOf('semgrep', json, 'findings')
  if (!items.every(isExported)) throw wrongFormat('semgrep', 'it has findings without rule_name and severity')
  const findings = new FindingList()
  for (const item of items)
    if (!isGone(item)) findings.add(exportedFinding(item), `${textOf(item['match_based_id']) ?? numberOf(item['id'])}`)
  const classes = new Set(items.map(classOf))
  return report({ name: 'semgrep', version: null }, classes.size > 0 ? [...classes].sort() : ['sast'], {
    ...completenessOf(items),
    findings: findings.all(),
    redacted: items.some(quotesSecret) ? jsonBytes({ findings: items.map((item) => (quotesSecret(item) ? redact(item) : item)) }) : null,
  })
}

/** Sizes of pages that the API gives by default and at most. */
const PAGE_SIZES = [100, 3000]

function completenessOf(items: readonly JsonObject[]): Partial<ParsedReport> {
  if (items.every(isGone))
    return { completeness: 'empty', completenessReason: 'The list has no open finding, and does not say what was examined or asked for.' }
  if (PAGE_SIZES.includes(items.length))
    return { completeness: 'partial', completenessReason: `The list holds exactly a page of ${items.length} findings: there may be more.` }
  return {}
}

/** Findings that a later scan of the same branch has no more. */
function isGone(item: JsonObject): boolean {
  const status = item['status'] ?? item['state']
  return status === 'fixed' || status === 'removed'
}

function classOf(item: JsonObject): EvidenceClass {
  if (isObject(item['found_dependency']) || 'vulnerability_identifier' in item) return 'vulnerabilities'
  return 'validation_state' in item ? 'secrets' : 'sast'
}

function exportedFinding(item: JsonObject): Finding {
  const toolSeverity = textOf(item['severity'])
  const ruleName = textOf(item['rule_name']) ?? 'unnamed'
  const advisory = textOf(item['vulnerability_identifier'])
  const { package: name, version } = objectOf(item['found_dependency'])
  return finding({
    class: classOf(item),
    id: advisory ?? ruleName,
    aliases: advisory === null ? [] : [ruleName],
    severity: semgrepSeverity(toolSeverity),
    toolSeverity,
    title: quotesSecret(item) ? titleOf(ruleName) : titleOf(item['rule_message'], ruleName),
    package: textOf(name),
    version: textOf(version),
    location: locationOf(objectOf(item['location'])),
    ...suppressionOf(item),
  })
}

function locationOf(location: JsonObject): string | null {
  const path = textOf(location['file_path'])
  const line = numberOf(location['line'])
  return path !== null && line !== null ? `${path}:${line}` : path
}

function suppressionOf(item: JsonObject): Partial<Finding> {
  const ignored = item['status'] === 'ignored' || item['triage_state'] === 'ignored' || item['state'] === 'muted'
  if (!ignored) return {}
  return { suppressed: true, suppressionReason: titleOf(item['triage_comment'], item['triage_reason']) ?? 'ignored on the platform' }
}

/** Messages of rules are filled in with what they matched. */
function quotesSecret(item: JsonObject): boolean {
  const rule = objectOf(item['rule'])
  const about = [rule['cwe_names'], rule['vulnerability_classes']].flat()
  return classOf(item) === 'secrets' || tellsOfSecrets([item['rule_name'], ...about])
}

const HARMLESS = [
  ...['id', 'rule_name', 'severity', 'confidence', 'state', 'status', 'triage_state', 'triage_reason', 'validation_state'],
  ...['match_based_id', 'syntactic_id', 'location', 'repository', 'created_at', 'line_of_code_url', 'first_seen_scan_id'],
]

function redact(item: JsonObject): JsonObject {
  return { ...keepOnly(item, HARMLESS), rule_message: REDACTED }
}
