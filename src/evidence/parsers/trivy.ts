import { AppError } from '../../core/app-error.ts'
import type { EvidenceClass } from '../../core/evidence-class.ts'
import { parseSeverity } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportErrorCode, ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { digestIn, digestsIn, instantOf, isObject, numberOf, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { platformOf } from './platform.ts'
import { finding, itemsOf, jsonBytes, jsonOf, malformed, report, titleOf, wrongFormat } from './report.ts'
import { redactTrivy, revealsSecrets } from './trivy-redaction.ts'

/**
 * Trivy's JSON: schema version 2 and the list that versions before 0.20 wrote.
 * Trivy does not record which of its scanners ran; a report speaks for the classes of the targets that it lists.
 * https://trivy.dev/latest/docs/configuration/reporting/#json
 */
export const trivy: ReportParser = {
  format: 'trivy',
  classes: ['vulnerabilities', 'misconfigurations', 'secrets', 'licences'],
  claims: ({ json }) => isKubernetes(json) || isSchema(json) || (Array.isArray(json) && json.length > 0 && json.every(isTarget)),
  parse: (source) => {
    const json = jsonOf('trivy', source) ?? []
    if (isKubernetes(json)) throw aboutCluster()
    if (isSchema(json)) return parseSchema2(json)
    if (Array.isArray(json)) return parseLegacyList(json)
    throw wrongFormat('trivy', 'it has neither SchemaVersion 2 nor the legacy list of targets')
  },
}

function isSchema(json: unknown): json is JsonObject {
  return (
    isObject(json) && typeof json['SchemaVersion'] === 'number' && ('ArtifactName' in json || 'ArtifactType' in json || 'Results' in json)
  )
}

/** `trivy kubernetes`: resources of a cluster in place of targets. */
function isKubernetes(json: unknown): boolean {
  return isObject(json) && 'ClusterName' in json && !('SchemaVersion' in json)
}

function aboutCluster(): AppError<ReportErrorCode> {
  return new AppError('report_wrong_format', 'This is a Trivy report about Kubernetes: it speaks for a cluster, not for one artifact.', {
    field: 'body',
    remedy: 'Scan each image with trivy image and send those reports.',
  })
}

function isTarget(item: unknown): item is JsonObject {
  return isObject(item) && typeof item['Target'] === 'string' && ('Vulnerabilities' in item || 'Type' in item || 'Class' in item)
}

function parseSchema2(json: JsonObject): ParsedReport {
  if (json['SchemaVersion'] !== 2) throw wrongFormat('trivy', 'its SchemaVersion is not 2')
  const metadata = objectOf(json['Metadata'])
  const configDigest = digestIn(metadata['ImageID'])
  const scannedByDigest = json['ArtifactType'] === 'container_image' ? digestIn(json['ArtifactName']) : undefined
  return {
    ...readTargets(itemsOf('trivy', json, 'Results'), json),
    tool: { name: 'trivy', version: textOf(objectOf(json['Trivy'])['Version']) },
    reportedAt: instantOf(json['CreatedAt']),
    statedDigests: [...new Set([...digestsIn(metadata['RepoDigests']), ...(scannedByDigest ? [scannedByDigest] : [])])],
    confirmingDigests: configDigest ? [configDigest] : [],
    platform: platformOf(objectOf(metadata['ImageConfig'])),
    examined: partOf(json),
  }
}

/** An image is examined whole, whatever it was called; of a directory or a repository, the part that was named. */
function partOf(json: JsonObject): string[] {
  const name = textOf(json['ArtifactName'])
  return json['ArtifactType'] === 'container_image' || name === null ? [] : [name]
}

function parseLegacyList(list: readonly unknown[]): ParsedReport {
  if (!list.every(isTarget)) throw wrongFormat('trivy', 'the list holds items that are not targets')
  return readTargets(list, list)
}

/** @param document what is kept, with the secrets blanked if it holds any */
function readTargets(results: readonly JsonObject[], document: unknown): ParsedReport {
  const findings = new FindingList()
  const classes = new Set<EvidenceClass>()
  for (const result of results) {
    const targetClass = readTarget(result, findings)
    if (targetClass) classes.add(targetClass)
  }
  const found = findings.all()
  for (const item of found) classes.add(item.class)
  return report({ name: 'trivy', version: null }, scannedClasses(classes), {
    ...(classes.size === 0 && NOTHING_SCANNED),
    findings: found,
    redacted: results.some(revealsSecrets) ? jsonBytes(redactTrivy(document)) : null,
  })
}

const NOTHING_SCANNED = {
  completeness: 'empty',
  completenessReason: 'Trivy examined no target: its results are empty or missing.',
} as const

/** A report speaks for the classes of its targets; one without targets was run for Trivy's main purpose. */
function scannedClasses(classes: ReadonlySet<EvidenceClass>): EvidenceClass[] {
  return classes.size > 0 ? trivy.classes.filter((name) => classes.has(name)) : ['vulnerabilities']
}

/** Reads one target's findings and gives the class that it was examined for, if its own kind tells. */
function readTarget(result: JsonObject, findings: FindingList): EvidenceClass | undefined {
  const target = result['Target'] ?? ''
  if (typeof target !== 'string') throw malformed('trivy', 'has a result whose Target is not a text')
  for (const item of itemsOf('trivy', result, 'Vulnerabilities')) findings.add(vulnerability(item, target))
  for (const item of itemsOf('trivy', result, 'Misconfigurations'))
    if (isFailedCheck(item)) findings.add(misconfiguration(item, target), causeOf(item))
  for (const item of itemsOf('trivy', result, 'Secrets')) findings.add(secret(item, target), textOf(item['Match']) ?? '')
  for (const item of itemsOf('trivy', result, 'Licenses')) findings.add(licence(item, target))
  for (const item of itemsOf('trivy', result, 'ExperimentalModifiedFindings')) {
    const suppressed = modified(item, target)
    if (suppressed) findings.add(suppressed)
  }
  return classOf(result)
}

const CLASS_OF_TARGET: Readonly<Record<string, EvidenceClass>> = {
  'os-pkgs': 'vulnerabilities',
  'lang-pkgs': 'vulnerabilities',
  config: 'misconfigurations',
  secret: 'secrets',
  license: 'licences',
  'license-file': 'licences',
}

/** Types of targets that only the misconfiguration scanner looks at; older versions don't state a class beside them. */
const CONFIG_TYPES = new Set(['terraform', 'terraformplan', 'dockerfile', 'kubernetes', 'cloudformation', 'helm', 'azure-arm', 'ansible'])

/** Undefined for classes of targets that carry no findings (`custom`, `crypto`): they examined nothing that we speak of. */
function classOf(result: JsonObject): EvidenceClass | undefined {
  const stated = textOf(result['Class'])
  if (stated !== null) return Object.hasOwn(CLASS_OF_TARGET, stated) ? CLASS_OF_TARGET[stated] : undefined
  if ('Misconfigurations' in result || 'MisconfSummary' in result || CONFIG_TYPES.has(textOf(result['Type']) ?? ''))
    return 'misconfigurations'
  if ('Secrets' in result) return 'secrets'
  return 'Licenses' in result ? 'licences' : 'vulnerabilities'
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
    title: titleOf(item['Title'], item['Description']),
    purl: textOf(objectOf(item['PkgIdentifier'])['PURL']),
    package: textOf(item['PkgName']),
    version: textOf(item['InstalledVersion']),
    fixedVersion: textOf(item['FixedVersion']),
    fixState: textOf(item['Status']),
    location: textOf(item['PkgPath']) ?? target,
  })
}

function highestScore(cvssBySource: JsonObject): number | null {
  const highest = Object.values(cvssBySource)
    .map(objectOf)
    .map((cvss) => numberOf(cvss['V40Score']) ?? numberOf(cvss['V3Score']) ?? numberOf(cvss['V2Score']) ?? 0)
    .reduce((a, b) => Math.max(a, b), 0)
  return highest > 0 ? highest : null
}

function isFailedCheck(item: JsonObject): boolean {
  return item['Status'] !== 'PASS' && item['Status'] !== 'EXCEPTION'
}

/** One check can fail several times on one line, for several resources. */
function causeOf(item: JsonObject): string {
  return [textOf(objectOf(item['CauseMetadata'])['Resource']), textOf(item['Message'])].join(' ')
}

function misconfiguration(item: JsonObject, target: string): Finding {
  const toolSeverity = textOf(item['Severity'])
  const line = numberOf(objectOf(item['CauseMetadata'])['StartLine']) || null
  return finding({
    class: 'misconfigurations',
    id: textOf(item['ID']) ?? textOf(item['AVDID']) ?? 'unnamed',
    aliases: stringsOf([item['AVDID']]).filter((alias) => alias !== item['ID'] && alias !== ''),
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    title: titleOf(item['Message'], item['Title']),
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
    title: titleOf(item['Title']),
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
    title: titleOf(item['Category']),
    package: textOf(item['PkgName']),
    location: textOf(item['FilePath']) ?? target,
  })
}

/** What a VEX document or an ignore file took out of the report: kept, and counted apart. */
function modified(item: JsonObject, target: string): Finding | undefined {
  const original = objectOf(item['Finding'])
  const reason = [textOf(item['Status']), textOf(item['Statement']), textOf(item['Source'])].filter((part) => part !== null).join(': ')
  const suppressed = { suppressed: true, suppressionReason: reason || null }
  switch (item['Type']) {
    case 'vulnerability':
      return { ...vulnerability(original, target), ...suppressed }
    case 'misconfiguration':
      return { ...misconfiguration(original, target), ...suppressed }
    case 'secret':
      return { ...secret(original, target), ...suppressed }
    case 'license':
      return { ...licence(original, target), ...suppressed }
    default:
      return undefined
  }
}
