import { parseSeverity } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
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
import { directoryPart } from './directory-part.ts'
import { platformOf } from './platform.ts'
import { finding, itemsOf, jsonOf, malformed, report, titleOf, wrongFormat } from './report.ts'

/**
 * Grype's JSON of all versions: with `fix` or the older `fixedInVersion`, a flat or a nested `db`.
 * https://github.com/anchore/grype (grype/presenter/models)
 */
export const grype: ReportParser = {
  format: 'grype',
  classes: ['vulnerabilities'],
  claims: ({ json }) => isGrype(json),
  parse: (source) => {
    const json = jsonOf('grype', source)
    if (!isGrype(json)) throw wrongFormat('grype', 'it has neither a descriptor that names grype nor matches as grype writes them')
    const descriptor = objectOf(json['descriptor'])
    const findings = new FindingList()
    for (const match of itemsOf('grype', json, 'matches')) findings.add(matchOf(match))
    for (const match of itemsOf('grype', json, 'ignoredMatches')) findings.add(ignored(match))
    return report({ name: 'grype', version: textOf(descriptor['version']) }, ['vulnerabilities'], {
      ...completenessOf(json),
      reportedAt: instantOf(descriptor['timestamp']),
      databaseAt: instantOf(databaseOf(json)['built']),
      ...digestsOf(json),
      ...targetOf(json),
      findings: findings.all(),
    })
  },
}

/** By its descriptor; the earliest versions and filtered reports have none, but nobody else writes such matches. */
function isGrype(json: unknown): json is JsonObject {
  if (!isObject(json)) return false
  if ('descriptor' in json) return objectOf(json['descriptor'])['name'] === 'grype'
  const matches = json['matches']
  return Array.isArray(matches) && matches.length > 0 && matches.every(isMatch)
}

function isMatch(item: unknown): boolean {
  return isObject(item) && isObject(item['vulnerability']) && isObject(item['artifact'])
}

/** State of the vulnerability database: version 6 nests it under `status`. */
function databaseOf(json: JsonObject): JsonObject {
  const db = objectOf(objectOf(json['descriptor'])['db'])
  return isObject(db['status']) ? db['status'] : db
}

function completenessOf(json: JsonObject): Partial<ParsedReport> {
  const database = databaseOf(json)
  if (textOf(database['error']) !== null || isObject(database['error']) || database['valid'] === false)
    return { completeness: 'failed', completenessReason: 'Grype says that its vulnerability database was not usable.' }
  if (json['matches'] === undefined || json['matches'] === null)
    return { completeness: 'empty', completenessReason: 'Grype examined nothing: the report has no matches.' }
  if (unmatchedPackages(json))
    return { completeness: 'partial', completenessReason: 'Grype does not look up packages of this distribution (alert distro-disabled).' }
  return {}
}

function unmatchedPackages(json: JsonObject): boolean {
  return itemsOf('grype', json, 'alertsByPackage').some((item) =>
    objectsOf(item['alerts']).some((alert) => alert['type'] === 'distro-disabled'),
  )
}

/** The platform of an image, which is examined whole; of anything else, the part that was named. */
function targetOf(json: JsonObject): Pick<ParsedReport, 'platform' | 'examined'> {
  const { type, target } = objectOf(json['source'])
  if (type === 'image') return { platform: platformOf(objectOf(target)), examined: [] }
  return { platform: null, examined: typeof target === 'string' ? [directoryPart(target)] : [] }
}

/**
 * The registry's digests are the subject's. For an image that no registry knows (an empty list), Grype makes a manifest
 * of its own, whose digest says nothing; versions without the list name the manifest alone.
 */
function digestsOf(json: JsonObject): Pick<ParsedReport, 'statedDigests' | 'confirmingDigests'> {
  const { type, target } = objectOf(json['source'])
  if (type !== 'image') return { statedDigests: [], confirmingDigests: [] }
  const image = objectOf(target)
  const named = digestIn(image['userInput'])
  const manifest = digestIn(image['manifestDigest'])
  const fromRegistry = digestsIn(image['repoDigests'])
  const manifestIsReal = fromRegistry.length > 0 || !Array.isArray(image['repoDigests'])
  const stated = [...fromRegistry, ...(named ? [named] : []), ...(manifest && manifestIsReal ? [manifest] : [])]
  const confirming = [digestIn(image['imageID']), manifestIsReal ? undefined : manifest].filter((digest) => digest !== undefined)
  return { statedDigests: [...new Set(stated)], confirmingDigests: confirming }
}

function matchOf(match: JsonObject): Finding {
  const { vulnerability, artifact } = match
  if (!isObject(vulnerability) || !isObject(artifact)) throw malformed('grype', 'has a match without vulnerability or artifact')
  const related = itemsOf('grype', match, 'relatedVulnerabilities')
  const id = textOf(vulnerability['id']) ?? 'unnamed'
  const toolSeverity = textOf(vulnerability['severity'])
  const aliases = [...related, ...objectsOf(vulnerability['advisories'])].flatMap((item) => textOf(item['id']) ?? [])
  return finding({
    class: 'vulnerabilities',
    id,
    aliases: [...new Set(aliases)].filter((alias) => alias !== id),
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    score: highestScore([vulnerability]) ?? highestScore(related),
    title: titleOf(vulnerability['description'], ...related.map((item) => item['description'])),
    purl: textOf(artifact['purl']),
    package: textOf(artifact['name']),
    version: textOf(artifact['version']),
    ...fixOf(vulnerability),
    location: firstPath(artifact['locations']),
  })
}

function fixOf(vulnerability: JsonObject): Pick<Finding, 'fixedVersion' | 'fixState'> {
  const fix = objectOf(vulnerability['fix'])
  const fixState = textOf(fix['state'])
  const versions = stringsOf(fix['versions']).filter((version) => version !== '')
  const stated = versions.length > 0 ? versions.join(', ') : textOf(vulnerability['fixedInVersion'])
  return { fixedVersion: stated ?? (fixState === 'fixed' ? 'a later version' : null), fixState }
}

function highestScore(items: readonly JsonObject[]): number | null {
  const scores = items
    .flatMap((item) => objectsOf(item['cvss']))
    .map((cvss) => numberOf(objectOf(cvss['metrics'])['baseScore']) ?? numberOf(cvss['baseScore']) ?? 0)
  const highest = scores.reduce((a, b) => Math.max(a, b), 0)
  return highest > 0 ? highest : null
}

/** Old versions list plain paths, newer ones objects. */
function firstPath(locations: unknown): string | null {
  const first: unknown = Array.isArray(locations) ? locations[0] : undefined
  return textOf(first) ?? textOf(objectOf(first)['path'])
}

/** What an ignore rule or a VEX document took out of the report: kept, and counted apart. */
function ignored(match: JsonObject): Finding {
  const reasons = objectsOf(match['appliedIgnoreRules']).map(
    (rule) => textOf(rule['reason']) ?? textOf(rule['vex-justification']) ?? textOf(rule['vex-status']) ?? textOf(rule['fix-state']),
  )
  return { ...matchOf(match), suppressed: true, suppressionReason: reasons.find((reason) => reason !== null) ?? 'ignore rule' }
}
