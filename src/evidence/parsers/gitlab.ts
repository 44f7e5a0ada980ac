import type { EvidenceClass } from '../../core/evidence-class.ts'
import type { ParsedReport } from '../model.ts'
import type { ReportParser, ReportSource } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { redactGitlab } from './gitlab-redaction.ts'
import { findingOf } from './gitlab-vulnerability.ts'
import { digestsIn, instantOf, isObject, objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { itemsOf, jsonBytes, jsonOf, malformed, report, wrongFormat } from './report.ts'

/**
 * GitLab's security reports, one format for each type of scan. Reports before version 14 may lack `scan`: those tell by the
 * category of their vulnerabilities, if they have any, what they are.
 * https://gitlab.com/gitlab-org/security-products/security-report-schemas
 */
export const gitlabSast = gitlabParser('gitlab-sast', 'sast', 'sast')
export const gitlabSecretDetection = gitlabParser('gitlab-secret-detection', 'secret_detection', 'secrets')
export const gitlabDast = gitlabParser('gitlab-dast', 'dast', 'dast')
export const gitlabContainerScanning = gitlabParser('gitlab-container-scanning', 'container_scanning', 'vulnerabilities')
export const gitlabDependencyScanning = gitlabParser('gitlab-dependency-scanning', 'dependency_scanning', 'vulnerabilities')

function gitlabParser(format: string, scanType: string, evidenceClass: EvidenceClass): ReportParser {
  return {
    format,
    classes: [evidenceClass],
    claims: ({ json }) => isSecurityReport(json) && couldBe(json, scanType),
    parse: (source) => {
      const json = documentOf(format, source)
      if (!couldBe(json, scanType)) throw wrongFormat(format, 'it is the report of another type of scan')
      return readReport(format, json, evidenceClass)
    },
  }
}

function documentOf(format: string, source: ReportSource): JsonObject {
  const json = jsonOf(format, source)
  if (!isObject(json) || !Array.isArray(json['vulnerabilities']) || 'bomFormat' in json)
    throw wrongFormat(format, 'it has no list of vulnerabilities')
  if ('scan' in json && !isObject(json['scan'])) throw malformed(format, 'has a scan that is no object')
  return json
}

/** The schema wants version, scan and remediations; analyzers before version 14 left out the second, later ones the third. */
function isSecurityReport(json: unknown): json is JsonObject {
  if (!isObject(json) || !Array.isArray(json['vulnerabilities']) || 'bomFormat' in json) return false
  if (isObject(json['scan'])) return textOf(json['scan']['type']) !== null && isObject(json['scan']['scanner'])
  if (textOf(json['version']) !== null && (Array.isArray(json['remediations']) || Array.isArray(json['dependency_files']))) return true
  return json['vulnerabilities'].length > 0 && json['vulnerabilities'].every(isVulnerability)
}

function isVulnerability(item: unknown): boolean {
  return isObject(item) && Array.isArray(item['identifiers']) && isObject(item['location'])
}

/** True if nothing in the report speaks against this type of scan. */
function couldBe(json: JsonObject, scanType: string): boolean {
  const stated = textOf(objectOf(json['scan'])['type'])
  if (stated !== null) return stated === scanType
  const items = objectsOf(json['vulnerabilities'])
  if (items.length === 0) return !('dependency_files' in json) || scanType === 'dependency_scanning'
  return items.every((item) => possibleTypes(item).includes(scanType))
}

function possibleTypes(item: JsonObject): string[] {
  const category = textOf(item['category'])
  return category === null ? typesByPlace(objectOf(item['location'])) : [category]
}

/** What kinds of scan name such places: code and secrets both lie in files. */
function typesByPlace(location: JsonObject): string[] {
  if (textOf(location['image']) !== null) return ['container_scanning']
  if (textOf(location['hostname']) !== null) return ['dast']
  const component = objectOf(objectOf(location['dependency'])['package'])
  return textOf(component['name']) === null ? ['sast', 'secret_detection'] : ['dependency_scanning']
}

function readReport(format: string, json: JsonObject, evidenceClass: EvidenceClass): ParsedReport {
  const vulnerabilities = itemsOf(format, json, 'vulnerabilities')
  const scan = objectOf(json['scan'])
  const { id, version } = objectOf(scan['scanner'])
  const findings = new FindingList()
  for (const [index, item] of vulnerabilities.entries())
    findings.add(findingOf(format, item, evidenceClass), textOf(item['id']) ?? textOf(item['cve']) ?? String(index))
  const redacted = redactGitlab(json, vulnerabilities, evidenceClass)
  return report({ name: plainName(id) ?? format, version: textOf(version) }, [evidenceClass], {
    ...completenessOf(format, json, vulnerabilities.length),
    reportedAt: timeOf(scan['end_time']),
    statedDigests: digestsIn(vulnerabilities.map((item) => objectOf(item['location'])['image'])),
    findings: findings.all(),
    redacted: redacted ? jsonBytes(redacted) : null,
  })
}

/** The scanner's own name, so that the same scanner is one tool whatever format it reports in. */
function plainName(id: unknown): string | null {
  const name = textOf(id)?.trim().toLowerCase() ?? ''
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) ? name : null
}

function completenessOf(format: string, json: JsonObject, found: number): Partial<ParsedReport> {
  const scan = json['scan']
  if (!isObject(scan)) return isSecurityReport(json) ? {} : NOTHING_SAID
  if (scan['status'] === 'failure') return { completeness: 'failed', completenessReason: 'The scanner says that the scan failed.' }
  if (scan['status'] !== 'success')
    return { completeness: 'partial', completenessReason: 'The report does not say that the scan succeeded.' }
  if (itemsOf(format, scan, 'messages').some((message) => message['level'] === 'fatal'))
    return { completeness: 'partial', completenessReason: 'The scanner tells of a fatal error.' }
  if (found === 0 && examinedNothing(json['dependency_files'] ?? scan['scanned_resources']))
    return { completeness: 'empty', completenessReason: 'The scanner found nothing that it could examine.' }
  return {}
}

const NOTHING_SAID = {
  completeness: 'empty',
  completenessReason: 'The report names no scan and no version: it does not show that anything was examined.',
} as const

/** Dependency scanning lists the files that it read, DAST the addresses; what is not listed is left open. */
function examinedNothing(listed: unknown): boolean {
  return Array.isArray(listed) && listed.length === 0
}

/** Times are written without an offset; the schema has them in UTC. */
function timeOf(value: unknown): string | null {
  return typeof value === 'string' ? (instantOf(value) ?? instantOf(`${value}Z`)) : null
}
