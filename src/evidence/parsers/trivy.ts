import type { EvidenceClass } from '../../core/evidence-class.ts'
import { parseSeverity } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser, ReportSource } from '../parser.ts'
import {
  digestIn,
  digestsIn,
  instantOf,
  isObject,
  numberOf,
  objectOf,
  objectsOf,
  stringsOf,
  textOf,
  type JsonObject,
} from './json-fields.ts'
import { finding, malformed, report, wrongFormat } from './report.ts'

/**
 * Trivy's JSON: schema version 2 and the list that versions before 0.20 wrote.
 * https://trivy.dev/latest/docs/configuration/reporting/#json
 */
export const trivy: ReportParser = {
  format: 'trivy',
  classes: ['vulnerabilities', 'misconfigurations', 'secrets', 'licences'],
  claims: ({ json }) => isSchema2(json) || isLegacyList(json),
  parse: (source) => {
    if (isSchema2(source.json)) return parseSchema2(source.json, source)
    if (Array.isArray(source.json)) return parseLegacyList(source.json)
    if (source.json === null) return parseLegacyList([])
    throw wrongFormat('trivy', 'it has neither SchemaVersion 2 nor the legacy list of targets')
  },
}

function isSchema2(json: unknown): json is JsonObject {
  return isObject(json) && json['SchemaVersion'] === 2 && 'ArtifactName' in json
}

function isLegacyList(json: unknown): boolean {
  return Array.isArray(json) && json.length > 0 && json.every((item) => isObject(item) && isTarget(item))
}

function isTarget(item: JsonObject): boolean {
  return typeof item['Target'] === 'string' && ('Vulnerabilities' in item || 'Type' in item || 'Class' in item)
}

function parseSchema2(json: JsonObject, source: ReportSource): ParsedReport {
  const results = json['Results'] ?? []
  if (!Array.isArray(results)) throw malformed('trivy', 'has Results that are not a list')
  const targets = results.map(readTarget)
  const metadata = objectOf(json['Metadata'])
  const configDigest = digestIn(metadata['ImageID'])
  return report({ name: 'trivy', version: textOf(objectOf(json['Trivy'])['Version']) }, scannedClasses(targets), {
    ...(targets.length === 0 && nothingScanned('Results')),
    reportedAt: instantOf(json['CreatedAt']),
    statedDigests: digestsIn(metadata['RepoDigests']),
    confirmingDigests: configDigest ? [configDigest] : [],
    findings: targets.flatMap((target) => target.findings),
    redacted: targets.some((target) => target.holdsSecrets) ? redact(source) : null,
  })
}

function parseLegacyList(list: readonly unknown[]): ParsedReport {
  if (!list.every((item) => isObject(item) && isTarget(item))) throw wrongFormat('trivy', 'the list holds items without a Target')
  const targets = list.map(readTarget)
  return report({ name: 'trivy', version: null }, scannedClasses(targets), {
    ...(targets.length === 0 && nothingScanned('the list of targets')),
    findings: targets.flatMap((target) => target.findings),
  })
}

function nothingScanned(what: string): Pick<ParsedReport, 'completeness' | 'completenessReason'> {
  return { completeness: 'empty', completenessReason: `Trivy examined no target: ${what} is empty or missing.` }
}

interface Target {
  class: EvidenceClass
  findings: Finding[]
  holdsSecrets: boolean
}

const CLASS_OF_TARGET: Readonly<Record<string, EvidenceClass>> = {
  'os-pkgs': 'vulnerabilities',
  'lang-pkgs': 'vulnerabilities',
  config: 'misconfigurations',
  secret: 'secrets',
  license: 'licences',
  'license-file': 'licences',
}

function readTarget(value: unknown): Target {
  if (!isObject(value) || typeof value['Target'] !== 'string') throw malformed('trivy', 'has a result without a Target')
  for (const list of ['Vulnerabilities', 'Misconfigurations', 'Secrets', 'Licenses', 'ExperimentalModifiedFindings']) {
    if (value[list] !== undefined && value[list] !== null && !Array.isArray(value[list]))
      throw malformed('trivy', `has ${list} that are not a list`)
  }
  const target = value['Target']
  const secrets = objectsOf(value['Secrets'])
  return {
    class: CLASS_OF_TARGET[textOf(value['Class']) ?? ''] ?? classByContent(value),
    findings: [
      ...objectsOf(value['Vulnerabilities']).map((item) => vulnerability(item, target)),
      ...objectsOf(value['Misconfigurations'])
        .filter(isFailedCheck)
        .map((item) => misconfiguration(item, target)),
      ...secrets.map((item) => secret(item, target)),
      ...objectsOf(value['Licenses']).map((item) => licence(item, target)),
      ...objectsOf(value['ExperimentalModifiedFindings']).flatMap((item) => modified(item, target)),
    ],
    holdsSecrets: secrets.length > 0 || objectsOf(value['ExperimentalModifiedFindings']).some((item) => item['Type'] === 'secret'),
  }
}

function classByContent(result: JsonObject): EvidenceClass {
  if ('Misconfigurations' in result || 'MisconfSummary' in result) return 'misconfigurations'
  if ('Secrets' in result) return 'secrets'
  if ('Licenses' in result) return 'licences'
  return 'vulnerabilities'
}

/** A report speaks for the classes of its targets; one without targets was run for Trivy's main purpose. */
function scannedClasses(targets: readonly Target[]): EvidenceClass[] {
  const classes = new Set(targets.flatMap((target) => [target.class, ...target.findings.map((item) => item.class)]))
  return classes.size > 0 ? trivy.classes.filter((name) => classes.has(name)) : ['vulnerabilities']
}

function vulnerability(item: JsonObject, target: string): Finding {
  const toolSeverity = textOf(item['Severity'])
  return finding({
    class: 'vulnerabilities',
    id: textOf(item['VulnerabilityID']) ?? 'unnamed',
    aliases: stringsOf(item['VendorIDs']),
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    score: highestScore(objectOf(item['CVSS'])),
    title: textOf(item['Title']),
    purl: textOf(objectOf(item['PkgIdentifier'])['PURL']),
    package: textOf(item['PkgName']),
    version: textOf(item['InstalledVersion']),
    fixedVersion: textOf(item['FixedVersion']),
    fixState: textOf(item['Status']),
    location: textOf(item['PkgPath']) ?? target,
  })
}

function highestScore(cvssBySource: JsonObject): number | null {
  const scores = Object.values(cvssBySource)
    .map(objectOf)
    .flatMap((cvss) => numberOf(cvss['V40Score']) ?? numberOf(cvss['V3Score']) ?? numberOf(cvss['V2Score']) ?? [])
  return scores.length > 0 ? Math.max(...scores) : null
}

function isFailedCheck(item: JsonObject): boolean {
  return item['Status'] !== 'PASS' && item['Status'] !== 'EXCEPTION'
}

function misconfiguration(item: JsonObject, target: string): Finding {
  const toolSeverity = textOf(item['Severity'])
  const line = numberOf(objectOf(item['CauseMetadata'])['StartLine'])
  return finding({
    class: 'misconfigurations',
    id: textOf(item['ID']) ?? textOf(item['AVDID']) ?? 'unnamed',
    aliases: stringsOf([item['AVDID']]).filter((alias) => alias !== item['ID'] && alias !== ''),
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    title: textOf(item['Message']) ?? textOf(item['Title']),
    location: line === null ? target : `${target}:${line}`,
  })
}

function secret(item: JsonObject, target: string): Finding {
  const toolSeverity = textOf(item['Severity'])
  const line = numberOf(item['StartLine'])
  return finding({
    class: 'secrets',
    id: textOf(item['RuleID']) ?? 'unnamed',
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    title: textOf(item['Title']),
    location: line === null ? target : `${target}:${line}`,
  })
}

function licence(item: JsonObject, target: string): Finding {
  const toolSeverity = textOf(item['Severity'])
  return finding({
    class: 'licences',
    id: textOf(item['Name']) ?? 'unnamed',
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    title: textOf(item['Category']),
    package: textOf(item['PkgName']),
    location: textOf(item['FilePath']) ?? target,
  })
}

/** What a VEX document or an ignore file took out of the report: kept, and counted apart. */
function modified(item: JsonObject, target: string): Finding[] {
  const original = objectOf(item['Finding'])
  const read = { vulnerability, misconfiguration, secret, license: licence }[textOf(item['Type']) ?? '']
  if (!read) return []
  const reason = [textOf(item['Status']), textOf(item['Statement']), textOf(item['Source'])].filter((part) => part !== null).join(': ')
  return [{ ...read(original, target), suppressed: true, suppressionReason: reason || null }]
}

const BLANKED = '[redacted]'

/** The report with the matched text of every secret and its surrounding code blanked. */
function redact({ text }: ReportSource): Uint8Array {
  const copy: unknown = JSON.parse(text)
  for (const result of objectsOf(objectOf(copy)['Results'])) {
    const secrets = [
      ...objectsOf(result['Secrets']),
      ...objectsOf(result['ExperimentalModifiedFindings'])
        .filter((item) => item['Type'] === 'secret')
        .map((item) => objectOf(item['Finding'])),
    ]
    for (const item of secrets) blankSecret(item)
  }
  return new TextEncoder().encode(JSON.stringify(copy))
}

function blankSecret(item: JsonObject): void {
  const writable: Record<string, unknown> = item
  if ('Match' in writable) writable['Match'] = BLANKED
  for (const line of objectsOf(objectOf(writable['Code'])['Lines'])) {
    const code: Record<string, unknown> = line
    for (const field of ['Content', 'Highlighted']) if (field in code) code[field] = BLANKED
  }
}
