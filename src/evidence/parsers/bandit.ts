import { parseSeverity } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { instantOf, isObject, numberOf, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { keepOnly } from './keep-only.ts'
import { finding, itemsOf, jsonBytes, jsonOf, malformed, REDACTED, report, titleOf, wrongFormat } from './report.ts'
import { tellsOfSecrets } from './secret-words.ts'

/**
 * `bandit -f json`.
 * https://bandit.readthedocs.io/en/latest/formatters/json.html
 */
export const bandit: ReportParser = {
  format: 'bandit',
  classes: ['sast'],
  claims: ({ json }) => isBandit(json),
  parse: (source) => {
    const json = jsonOf('bandit', source)
    if (!isBandit(json)) throw wrongFormat('bandit', 'it has no results, errors and metrics with totals')
    const issues = itemsOf('bandit', json, 'results')
    const findings = new FindingList()
    for (const issue of issues) findings.add(issueOf(issue), JSON.stringify([issue['col_offset'], issue['line_range'], issue['test_name']]))
    return report({ name: 'bandit', version: null }, ['sast'], {
      ...completenessOf(json, issues),
      reportedAt: instantOf(json['generated_at']),
      findings: findings.all(),
      redacted:
        issues.length > 0 ? jsonBytes({ ...keepOnly(json, ['errors', 'generated_at', 'metrics']), results: issues.map(redact) }) : null,
    })
  },
}

function isBandit(json: unknown): json is JsonObject {
  return isObject(json) && Array.isArray(json['results']) && 'errors' in json && isObject(objectOf(json['metrics'])['_totals'])
}

/** Files that could not be read are errors; those that were have their own entry beside the totals. */
function completenessOf(json: JsonObject, issues: readonly JsonObject[]): Partial<ParsedReport> {
  const errors = itemsOf('bandit', json, 'errors')
  const examined = Object.keys(objectOf(json['metrics'])).filter((file) => file !== '_totals').length
  if (examined === 0 && issues.length === 0)
    return errors.length > 0
      ? { completeness: 'failed', completenessReason: 'Bandit could read none of the files.' }
      : { completeness: 'empty', completenessReason: 'Bandit examined no file.' }
  if (errors.length > 0) return { completeness: 'partial', completenessReason: `Bandit could not examine files: ${errors.length} errors.` }
  return {}
}

function issueOf(issue: JsonObject): Finding {
  const toolSeverity = textOf(issue['issue_severity'])
  const file = textOf(issue['filename'])
  const line = numberOf(issue['line_number'])
  const id = textOf(issue['test_id'])
  if (id === null) throw malformed('bandit', 'has a result without test_id')
  return finding({
    class: 'sast',
    id,
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    title: quotesSecret(issue) ? titleOf(issue['test_name']) : titleOf(issue['issue_text'], issue['test_name']),
    location: file !== null && line !== null ? `${file}:${line}` : file,
  })
}

/** B105 to B107 quote the password that they found in the text and in the code. */
function quotesSecret(issue: JsonObject): boolean {
  const weakness = objectOf(issue['issue_cwe'])['id']
  return tellsOfSecrets([issue['test_name'], issue['issue_text'], `CWE-${numberOf(weakness)}`])
}

const HARMLESS = [
  ...['test_id', 'test_name', 'issue_severity', 'issue_confidence', 'issue_cwe', 'more_info'],
  ...['filename', 'line_number', 'line_range', 'col_offset', 'end_col_offset'],
]

/** The code of every issue is blanked: it shows the lines around as well, which may hold what no rule found. */
function redact(issue: JsonObject): JsonObject {
  return { ...keepOnly(issue, HARMLESS), issue_text: quotesSecret(issue) ? REDACTED : issue['issue_text'], code: REDACTED }
}
