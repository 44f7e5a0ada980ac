import type { EvidenceClass } from '../../core/evidence-class.ts'
import type { ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { digestIn, digestsIn, instantOf, isObject, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { directoryPart } from './directory-part.ts'
import { platformOf } from './platform.ts'
import { itemsOf, jsonOf, malformed, report, wrongFormat } from './report.ts'
import { addTrivyFindings } from './trivy-findings.ts'
import { clusterFailures, clusterResources, isClusterReport } from './trivy-kubernetes.ts'
import { redactTrivy } from './trivy-redaction.ts'

/**
 * Trivy's JSON: schema version 2, the list that versions before 0.20 wrote, and the reports of `trivy kubernetes`.
 * Trivy does not record which of its scanners ran; a report speaks for the classes of the targets that it lists.
 * https://trivy.dev/latest/docs/configuration/reporting/#json
 */
export const trivy: ReportParser = {
  format: 'trivy',
  classes: ['vulnerabilities', 'misconfigurations', 'secrets', 'licences'],
  claims: ({ json }) => isClusterReport(json) || isSchema(json) || (Array.isArray(json) && json.length > 0 && json.every(isTarget)),
  parse: (source) => {
    const json = jsonOf('trivy', source) ?? []
    if (isClusterReport(json)) return parseCluster(json)
    if (isSchema(json)) return parseSchema2(json)
    if (Array.isArray(json)) return parseLegacyList(json)
    throw wrongFormat('trivy', 'it has neither SchemaVersion 2 nor a cluster nor the legacy list of targets')
  },
}

function isSchema(json: unknown): json is JsonObject {
  return (
    isObject(json) && typeof json['SchemaVersion'] === 'number' && ('ArtifactName' in json || 'ArtifactType' in json || 'Results' in json)
  )
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
    ...readTargets(itemsOf('trivy', json, 'Results').map(alone), json),
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
  return json['ArtifactType'] === 'container_image' || name === null ? [] : [directoryPart(name)]
}

function parseLegacyList(list: readonly unknown[]): ParsedReport {
  if (!list.every(isTarget)) throw wrongFormat('trivy', 'the list holds items that are not targets')
  return readTargets(list.map(alone), list)
}

/** `trivy kubernetes`. A cluster is examined for many artifacts at once, so that its report speaks for each image whose digest it names. */
function parseCluster(json: JsonObject): ParsedReport {
  const resources = clusterResources(json)
  const targets = resources.flatMap((resource) => resource.results.map((result) => ({ resource: resource.name, result })))
  const read = readTargets(targets, json)
  return {
    ...read,
    ...clusterFailures(resources),
    statedDigests: [...new Set(resources.flatMap((resource) => resource.digests))],
    examined: [textOf(json['ClusterName'])].filter((name) => name !== null),
  }
}

/** A result, in the resource of a cluster if it is in one. */
interface Target {
  resource: string | null
  result: JsonObject
}

function alone(result: JsonObject): Target {
  return { resource: null, result }
}

/** @param document what is kept, without the secrets and the source code that it quotes */
function readTargets(targets: readonly Target[], document: unknown): ParsedReport {
  const findings = new FindingList()
  const classes = new Set<EvidenceClass>()
  for (const target of targets) {
    const targetClass = readTarget(target, findings)
    if (targetClass) classes.add(targetClass)
  }
  const found = findings.all()
  for (const item of found) classes.add(item.class)
  return report({ name: 'trivy', version: null }, scannedClasses(classes), {
    ...(classes.size === 0 && NOTHING_SCANNED),
    findings: found,
    redacted: redactTrivy(
      document,
      targets.map(({ result }) => result),
    ),
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
function readTarget({ resource, result }: Target, findings: FindingList): EvidenceClass | undefined {
  const target = result['Target'] ?? ''
  if (typeof target !== 'string') throw malformed('trivy', 'has a result whose Target is not a text')
  addTrivyFindings(result, { resource, target }, findings)
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

/**
 * Undefined for classes of targets that carry no findings (`custom`, `crypto`), and for a result that doesn't tell what was examined or by which
 * scanner: they examined nothing that we speak of.
 */
function classOf(result: JsonObject): EvidenceClass | undefined {
  if (textOf(result['Target']) === null) return undefined
  const stated = textOf(result['Class'])
  if (stated !== null) return Object.hasOwn(CLASS_OF_TARGET, stated) ? CLASS_OF_TARGET[stated] : undefined
  if ('Misconfigurations' in result || 'MisconfSummary' in result || CONFIG_TYPES.has(textOf(result['Type']) ?? ''))
    return 'misconfigurations'
  if ('Secrets' in result) return 'secrets'
  if ('Licenses' in result) return 'licences'
  return 'Vulnerabilities' in result || textOf(result['Type']) !== null ? 'vulnerabilities' : undefined
}
