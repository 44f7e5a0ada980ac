import { compareSeverity, parseSeverity, severityOfScore, type Severity } from '../../core/severity.ts'
import type { EvidenceClass } from '../../core/evidence-class.ts'
import type { Finding } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { cvssBaseScore } from './cvss.ts'
import { FindingList } from './finding-list.ts'
import { isObject, objectOf, objectsOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { packageUrl, type PackageType } from './package-url.ts'
import { finding, itemsOf, jsonOf, malformed, report, titleOf, wrongFormat } from './report.ts'

/**
 * OSV-Scanner's JSON of versions 1 and 2. Counted are its groups: ids that are aliases of each other are one vulnerability.
 * A scan that finds no packages ends with an error and writes no report, so that an empty list of results is a clean scan.
 * https://google.github.io/osv-scanner/output
 */
export const osvScanner: ReportParser = {
  format: 'osv-scanner',
  classes: ['vulnerabilities', 'licences'],
  claims: ({ json }) => isObject(json) && Array.isArray(json['results']) && (hasConfig(json) || hasSources(json['results'])),
  parse: (source) => {
    const json = jsonOf('osv-scanner', source)
    if (!isObject(json) || !isReport(json)) throw wrongFormat('osv-scanner', 'it has no results with a source and packages')
    const findings = new FindingList()
    for (const result of itemsOf('osv-scanner', json, 'results')) readSource(result, findings)
    return report({ name: 'osv-scanner', version: null }, classesOf(json, findings), {
      ...(!Array.isArray(json['results']) && NO_RESULTS),
      findings: findings.all(),
    })
  },
}

const NO_RESULTS = { completeness: 'empty', completenessReason: 'OSV-Scanner examined nothing: the report has no results.' } as const

function hasConfig(json: JsonObject): boolean {
  return isObject(json['experimental_config'])
}

/** Version 1.0 named the source `packageSource`. */
function hasSources(results: readonly unknown[]): boolean {
  const isSource = (item: unknown): boolean =>
    isObject(item) && 'packages' in item && (isObject(item['source']) || isObject(item['packageSource']))
  return results.length > 0 && results.every(isSource)
}

/** Many tools write empty `results`: only a report with nothing else beside them, as old versions wrote it, is taken at its word. */
function isReport(json: JsonObject): boolean {
  const { results } = json
  if (hasConfig(json)) return 'results' in json
  return Array.isArray(results) && (hasSources(results) || (results.length === 0 && Object.keys(json).length === 1))
}

/** Licences are examined when a list of allowed ones was given. */
function classesOf(json: JsonObject, findings: FindingList): EvidenceClass[] {
  const { allowlist } = objectOf(objectOf(json['experimental_config'])['licenses'])
  const licences = (Array.isArray(allowlist) && allowlist.length > 0) || findings.all().some((item) => item.class === 'licences')
  return licences ? ['vulnerabilities', 'licences'] : ['vulnerabilities']
}

function readSource(result: JsonObject, findings: FindingList): void {
  const place = textOf(objectOf(result['source'] ?? result['packageSource'])['path'])
  if (!Array.isArray(result['packages'])) throw malformed('osv-scanner', 'has a source without packages')
  for (const item of itemsOf('osv-scanner', result, 'packages')) readPackage(item, place, findings)
}

function readPackage(item: JsonObject, place: string | null, findings: FindingList): void {
  const { package: owner } = item
  if (!isObject(owner)) throw malformed('osv-scanner', 'has vulnerabilities without a package')
  const vulnerabilities = new Map<string, JsonObject>(
    itemsOf('osv-scanner', item, 'vulnerabilities').map((entry) => [textOf(entry['id']) ?? 'unnamed', entry] as const),
  )
  for (const group of itemsOf('osv-scanner', item, 'groups'))
    findings.add({ ...groupOf(group, stringsOf(group['ids']), owner, vulnerabilities), location: place })
  for (const id of [...vulnerabilities.keys()]) findings.add({ ...groupOf({}, [id], owner, vulnerabilities), location: place })
  for (const licence of licencesIn(item)) findings.add({ ...licenceViolation(licence, owner), location: place })
}

/** @param ungrouped entries by id; those of the group are taken out: an attacker could make a thousand groups of one long entry */
function groupOf(group: JsonObject, ids: readonly string[], owner: JsonObject, ungrouped: Map<string, JsonObject>): Finding {
  const entries = ids.map((id) => ungrouped.get(id)).filter((entry) => entry !== undefined)
  for (const id of ids) ungrouped.delete(id)
  const id = ids[0] ?? 'unnamed'
  const aliases = [...ids, ...stringsOf(group['aliases']), ...entries.flatMap((entry) => stringsOf(entry['aliases']))]
  const names = [...new Set(aliases)].filter((alias) => alias !== id)
  return finding({
    class: 'vulnerabilities',
    id,
    aliases: names,
    ...severityOf(group, entries, [id, ...names]),
    title: titleOf(...entries.slice(0, 20).flatMap((entry) => [entry['summary'], entry['details']])),
    ...packageOf(owner),
    fixedVersion: fixedVersions(entries, owner),
    ...suppressionOf(group['experimental_analysis']),
  })
}

/**
 * The group's own score, which is empty where no vulnerability has one. Old versions give none: then the worst of what the
 * database says in words and in CVSS vectors. Malicious packages (MAL-) are never scored, and always critical.
 */
function severityOf(
  group: JsonObject,
  entries: readonly JsonObject[],
  ids: readonly string[],
): Pick<Finding, 'severity' | 'toolSeverity' | 'score'> {
  const stated = textOf(group['max_severity'])
  const words = entries.flatMap((entry) => textOf(objectOf(entry['database_specific'])['severity']) ?? [])
  const scores = entries.flatMap((entry) => objectsOf(entry['severity'])).flatMap((item) => cvssBaseScore(item['score']) ?? [])
  const score = scoreIn(stated) ?? scores.reduce<number | null>((a, b) => Math.max(a ?? 0, b), null)
  const toolSeverity = stated ?? words[0] ?? null
  if (ids.some((id) => id.startsWith('MAL-'))) return { severity: 'critical', toolSeverity, score }
  if (scoreIn(stated) !== null) return { severity: severityOfScore(scoreIn(stated) ?? -1), toolSeverity, score }
  const candidates: Severity[] = [...words.map(parseSeverity), ...(score === null ? [] : [severityOfScore(score)])]
  return { severity: candidates.filter((word) => word !== 'unknown').sort(compareSeverity)[0] ?? 'unknown', toolSeverity, score }
}

function scoreIn(text: string | null): number | null {
  const score = text !== null && /^\d{1,2}(?:\.\d{1,2})?$/.test(text) ? Number(text) : Number.NaN
  return score <= 10 ? score : null
}

const PACKAGE_TYPES: Readonly<Record<string, PackageType>> = {
  'crates.io': 'cargo',
  Go: 'golang',
  Hex: 'hex',
  Maven: 'maven',
  npm: 'npm',
  NuGet: 'nuget',
  Packagist: 'composer',
  Pub: 'pub',
  PyPI: 'pypi',
  RubyGems: 'gem',
}

function packageOf(owner: JsonObject): Pick<Finding, 'purl' | 'package' | 'version'> {
  const [name, version, ecosystem] = [textOf(owner['name']), textOf(owner['version']), textOf(owner['ecosystem']) ?? '']
  const type = Object.hasOwn(PACKAGE_TYPES, ecosystem) ? PACKAGE_TYPES[ecosystem] : undefined
  return { purl: type === undefined ? null : packageUrl(type, name, version), package: name, version: version ?? textOf(owner['commit']) }
}

/** Most fixed versions that are listed; a long-lived advisory has one per release line. */
const MAX_FIXES = 20

/** The versions that fix it, one per release line; commits say nothing to who installs a package. */
function fixedVersions(entries: readonly JsonObject[], owner: JsonObject): string | null {
  const fixes = entries
    .flatMap((entry) => objectsOf(entry['affected']))
    .filter((affected) => objectOf(affected['package'])['name'] === owner['name'])
    .flatMap((affected) => objectsOf(affected['ranges']))
    .filter((range) => range['type'] !== 'GIT')
    .flatMap((range) => objectsOf(range['events']).flatMap((event) => textOf(event['fixed']) ?? []))
  return textOf([...new Set(fixes)].slice(0, MAX_FIXES).join(', '))
}

/** Call analysis, per id: like the scanner's exit code, a group doesn't count if none of its ids is called, or the distribution calls it unimportant. */
function suppressionOf(analysis: unknown): Pick<Finding, 'suppressed' | 'suppressionReason'> {
  const verdicts = Object.values(objectOf(analysis)).map(objectOf)
  if (verdicts.length > 0 && verdicts.every((verdict) => verdict['called'] === false))
    return { suppressed: true, suppressionReason: 'call analysis: not called' }
  if (verdicts.some((verdict) => verdict['unimportant'] === true))
    return { suppressed: true, suppressionReason: 'unimportant, says the distribution' }
  return { suppressed: false, suppressionReason: null }
}

function licencesIn(item: JsonObject): string[] {
  const violations = item['license_violations'] ?? []
  if (!Array.isArray(violations)) throw malformed('osv-scanner', 'has license_violations that are not a list')
  return violations.map((name: unknown) => textOf(name) ?? 'unnamed')
}

function licenceViolation(licence: string, owner: JsonObject): Finding {
  return finding({ class: 'licences', id: licence, severity: 'unknown', title: 'Licence that is not allowed', ...packageOf(owner) })
}
