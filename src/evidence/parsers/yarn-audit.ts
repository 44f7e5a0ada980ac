import { parseSeverity, SEVERITIES } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser, ReportSource } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { isObject, numberOf, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { firstJsonObject, jsonObjects } from './json-stream.ts'
import { advisoryOf, auditReport, ghsaIn, isRegistryAudit, readRegistryAudit, versionsOutside } from './npm-advisories.ts'
import { packageUrl } from './package-url.ts'
import { finding, malformed, report, titleOf, toolError, wrongFormat } from './report.ts'

/**
 * `yarn audit --json` (Yarn 1): a line per path to an advisory and a summary at the end; and `yarn npm audit --json` (Yarn 4): a line per
 * advisory and nothing behind them, or the one message that there is none. Yarn 2 and 3 print the npm registry's answer and, if nothing was
 * found, that message behind it; the answer alone is recognised as npm-audit.
 * https://classic.yarnpkg.com/lang/en/docs/cli/audit/, https://yarnpkg.com/cli/npm/audit
 */
export const yarnAudit: ReportParser = {
  format: 'yarn-audit',
  classes: ['vulnerabilities'],
  claims: (source) => {
    const first = firstJsonObject(source)
    if (first === undefined || isRegistryAudit(source.json)) return false
    return isTreeNode(first) || saysNothingFound(first) || isRegistryAudit(first) || (isMessage(first) && AUDIT_MESSAGE.test(source.text))
  },
  parse: (source) => {
    const lines = linesOf(source)
    const [first, ...rest] = lines
    if (isRegistryAudit(first) && rest.every(isMessage))
      return auditReport('yarn-audit', first['metadata'], readRegistryAudit('yarn-audit', first))
    if (lines.some(isTreeNode)) return readTree(lines)
    if (lines.length > 0 && lines.every(isMessage)) return readMessages(lines)
    throw wrongFormat('yarn-audit', 'its lines are neither audit messages nor advisories')
  },
}

function linesOf(source: ReportSource): JsonObject[] {
  const lines = jsonObjects(source)
  if (!lines) throw malformed('yarn-audit', 'is not made of one JSON object a line; it may be cut off or mixed with log lines')
  if (lines.some(isErrorMessage)) throw toolError('yarn audit', 'it holds an error message')
  return lines
}

const AUDIT_MESSAGE = /"type"\s*:\s*"audit(?:Summary|Advisory)"/

/** A message of Yarn: `{type, data}`; since version 2 with its name and number. */
function isMessage(line: JsonObject): boolean {
  return typeof line['type'] === 'string' && 'data' in line
}

function isErrorMessage(line: JsonObject): boolean {
  return line['type'] === 'error' && 'data' in line
}

function isTreeNode(line: JsonObject): boolean {
  return typeof line['value'] === 'string' && isObject(line['children']) && 'Severity' in line['children']
}

/** Yarn 1. Its summary comes last: without it the output was cut off. */
function readMessages(lines: readonly JsonObject[]): ParsedReport {
  const summaries = lines.filter((line) => line['type'] === 'auditSummary')
  const advisories = lines.filter((line) => line['type'] === 'auditAdvisory')
  const [summary] = summaries
  if (!summary && advisories.length === 0 && lines.some(saysNothingFound)) return reportOf(new FindingList())
  if (!summary || summaries.length > 1 || lines.at(-1) !== summary) throw malformed('yarn-audit', 'does not end with its one summary')
  const findings = new FindingList()
  for (const { data } of advisories) {
    const advisory = objectOf(data)['advisory']
    if (!isObject(advisory)) throw malformed('yarn-audit', 'has an advisory message without an advisory')
    findings.add(advisoryOf('yarn-audit', 'unnamed', advisory), String(numberOf(advisory['id'])))
  }
  const whole = auditReport('yarn-audit', summary['data'], findings.all())
  return { ...whole, ...(countsMore(objectOf(summary['data']), whole.findings) && NOT_LISTED) }
}

const NOT_LISTED = {
  completeness: 'partial',
  completenessReason: 'The summary counts advisories of a severity of which none is listed: leave out --level, and send the whole output.',
} as const

/** The summary counts every path to an advisory, whether it was listed or not. */
function countsMore(summary: JsonObject, findings: readonly Finding[]): boolean {
  const counted = Object.entries(objectOf(summary['vulnerabilities'])).flatMap(([word, count]) =>
    typeof count === 'number' && count > 0 ? [parseSeverity(word)] : [],
  )
  return SEVERITIES.some((severity) => counted.includes(severity) && findings.every((found) => found.severity !== severity))
}

/** What Yarn 2 to 4 print when the registry has no advisory. */
function saysNothingFound(line: JsonObject): boolean {
  return line['type'] === 'info' && line['data'] === 'No audit suggestions'
}

/** Yarn 4. There is no last line: an output that was cut off between two lines reads as the advisories that are left, never as clean. */
function readTree(lines: readonly JsonObject[]): ParsedReport {
  const findings = new FindingList()
  for (const line of lines) {
    if (isTreeNode(line)) findings.add(nodeOf(line))
    else if (!isMessage(line)) throw malformed('yarn-audit', 'has a line that is neither an advisory nor a message')
  }
  return reportOf(findings)
}

function reportOf(findings: FindingList): ParsedReport {
  return report({ name: 'yarn-audit', version: null }, ['vulnerabilities'], { findings: findings.all() })
}

function nodeOf(line: JsonObject): Finding {
  const details = objectOf(line['children'])
  const name = textOf(line['value'])
  const number = numberOf(details['ID'])
  const ghsa = ghsaIn(details['URL'])
  const toolSeverity = textOf(details['Severity'])
  const versions = [...new Set(stringsOf(details['Tree Versions']))]
  const version = versions.length === 1 ? (versions[0] ?? null) : null
  return finding({
    class: 'vulnerabilities',
    id: ghsa ?? (number === null ? (textOf(details['ID']) ?? 'unnamed') : `npm-advisory-${number}`),
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    title: titleOf(details['Issue']),
    purl: packageUrl('npm', name, version),
    package: name,
    version: version ?? textOf(versions.join(', ')),
    fixedVersion: versionsOutside(textOf(details['Vulnerable Versions'])),
    location: stringsOf(details['Dependents'])[0] ?? null,
  })
}
