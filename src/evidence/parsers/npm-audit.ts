import { parseSeverity } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { isObject, numberOf, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, itemsOf, jsonOf, malformed, report, titleOf, toolError, wrongFormat } from './report.ts'

/**
 * `npm audit --json`: version 2 (npm 7 and later) and version 1 (npm 6, pnpm, Yarn Berry).
 * Counted are advisories, not packages: the severity of a package spreads to all that depend on it.
 * https://docs.npmjs.com/cli/commands/npm-audit
 */
export const npmAudit: ReportParser = {
  format: 'npm-audit',
  classes: ['vulnerabilities'],
  claims: ({ json }) => isVersion2(json) || isVersion1(json) || isErrorOutput(json),
  parse: (source) => {
    const json = jsonOf('npm-audit', source)
    if (isErrorOutput(json)) throw toolError('npm audit', 'the request or the dependency tree failed')
    if (isVersion2(json)) return reportOf(json, readVersion2(json))
    if (isVersion1(json)) return reportOf(json, readVersion1(json))
    if (isObject(json) && 'error' in json) throw toolError('npm audit', 'it holds an error and no advisories')
    throw wrongFormat('npm-audit', 'it has neither auditReportVersion 2 nor advisories with metadata')
  },
}

function isVersion2(json: unknown): json is JsonObject {
  return isObject(json) && json['auditReportVersion'] === 2
}

function isVersion1(json: unknown): json is JsonObject {
  return isObject(json) && !('auditReportVersion' in json) && 'advisories' in json && isObject(json['metadata'])
}

/** What npm prints in place of a report: `{error: {code, summary}}`, or the failed request (npm audit-error.js). */
function isErrorOutput(json: unknown): boolean {
  if (!isObject(json)) return false
  const error = objectOf(json['error'])
  if ('summary' in error && 'code' in error) return true
  if (isVersion2(json) || isVersion1(json)) return json['error'] !== undefined && json['error'] !== null
  return typeof json['message'] === 'string' && 'method' in json && 'uri' in json
}

function reportOf(json: JsonObject, findings: Finding[]): ParsedReport {
  const metadata = json['metadata']
  if (!isObject(metadata) || !isObject(metadata['vulnerabilities'])) throw malformed('npm-audit', 'has no metadata with counts')
  const counted = Object.values(metadata['vulnerabilities']).some((count) => typeof count === 'number' && count > 0)
  if (counted && findings.length === 0) throw malformed('npm-audit', 'counts vulnerabilities but lists none')
  return report({ name: 'npm-audit', version: null }, ['vulnerabilities'], {
    ...(findings.length === 0 && dependenciesOf(metadata) === 0 && NO_DEPENDENCIES),
    findings,
  })
}

const NO_DEPENDENCIES = { completeness: 'empty', completenessReason: 'npm examined nothing: the project has no dependencies.' } as const

/** How many packages were examined; null if the report does not say. */
function dependenciesOf(metadata: JsonObject): number | null {
  const { dependencies } = metadata
  const total = isObject(dependencies) ? dependencies['total'] : metadata['totalDependencies']
  if (numberOf(total) !== null) return numberOf(total)
  const parts = [dependencies, metadata['devDependencies'], metadata['optionalDependencies']].map(numberOf)
  return parts.every((part) => part === null) ? null : parts.reduce<number>((sum, part) => sum + (part ?? 0), 0)
}

function readVersion2(json: JsonObject): Finding[] {
  const packages = entriesOf(json, 'vulnerabilities')
  const findings = new FindingList()
  const explained = explainedPackages(packages)
  const seen = new Set<string>()
  for (const [name, entry] of packages) {
    for (const via of viaOf(entry)) {
      if (!isObject(via) || isRepeat(via, textOf(via['name']) ?? name, seen)) continue
      findings.add(advisory2(name, entry, via), sourceOf(via) ?? '')
    }
    if (!explained.has(name)) findings.add(unexplained(name, entry))
  }
  return findings.all()
}

/** True if this advisory about this package was met before; one without an identity is never a repeat. */
function isRepeat(via: JsonObject, affected: string, seen: Set<string>): boolean {
  const source = sourceOf(via)
  if (source === null) return false
  const key = `${source} ${affected}`
  return seen.size === seen.add(key).size
}

function sourceOf(via: JsonObject): string | null {
  const source = numberOf(via['source'])
  return source === null ? (textOf(via['source']) ?? textOf(via['url'])) : String(source)
}

/** The objects under a field that maps names to objects. */
function entriesOf(json: JsonObject, field: string): [string, JsonObject][] {
  const value = json[field]
  if (!isObject(value)) throw malformed('npm-audit', `has ${field} that are not an object`)
  return Object.entries(value).map(([name, entry]) => {
    if (!isObject(entry)) throw malformed('npm-audit', `has something other than an object among ${field}`)
    return [name, entry]
  })
}

/** Advisories (objects) and names of packages that pass theirs on (strings). */
function viaOf(entry: JsonObject): (JsonObject | string)[] {
  const { via } = entry
  if (!Array.isArray(via)) throw malformed('npm-audit', 'has a package without a list via')
  return via.map((item: unknown) => {
    if (isObject(item) || typeof item === 'string') return item
    throw malformed('npm-audit', 'has a via that is neither an advisory nor a name')
  })
}

/** The packages whose chain of names leads to an advisory in this report. */
function explainedPackages(packages: readonly [string, JsonObject][]): Set<string> {
  const dependents = new Map<string, string[]>()
  const explained = new Set<string>()
  for (const [name, entry] of packages) {
    for (const via of viaOf(entry)) {
      if (typeof via !== 'string') explained.add(name)
      else if (!dependents.get(via)?.push(name)) dependents.set(via, [name])
    }
  }
  for (const name of explained) for (const dependent of dependents.get(name) ?? []) explained.add(dependent)
  return explained
}

function advisory2(name: string, entry: JsonObject, via: JsonObject): Finding {
  const toolSeverity = textOf(via['severity']) ?? textOf(entry['severity'])
  const affected = textOf(via['name']) ?? name
  return finding({
    class: 'vulnerabilities',
    id: ghsaIn(via['url']) ?? `npm-advisory-${sourceOf(via) ?? 'unnamed'}`,
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    score: scoreOf(via['cvss']),
    title: titleOf(via['title']),
    purl: purlOf(affected),
    package: affected,
    ...fixOf(affected, entry['fixAvailable'], textOf(via['range'])),
    location: stringsOf(entry['nodes'])[0] ?? null,
  })
}

/** A package of which the report doesn't say why it is vulnerable: kept, so that its severity can't get lost. */
function unexplained(name: string, entry: JsonObject): Finding {
  const toolSeverity = textOf(entry['severity'])
  return finding({
    class: 'vulnerabilities',
    id: `npm-package-${name}`,
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    title: titleOf(`Depends on vulnerable packages: ${stringsOf(entry['via']).slice(0, 10).join(', ')}`),
    purl: purlOf(name),
    package: name,
    ...fixOf(name, entry['fixAvailable'], textOf(entry['range'])),
    location: stringsOf(entry['nodes'])[0] ?? null,
  })
}

/** `fixAvailable` is true (within the declared ranges), the package to install instead, or false. */
function fixOf(name: string, fixAvailable: unknown, range: string | null): Pick<Finding, 'fixedVersion' | 'fixState'> {
  if (fixAvailable === undefined) return { fixedVersion: versionsOutside(range), fixState: null }
  const install = objectOf(fixAvailable)
  const target = textOf(install['name'])
  if (fixAvailable !== true && target === null) return { fixedVersion: null, fixState: 'no fix available' }
  const replacement = target === null ? null : [target, textOf(install['version'])].filter((part) => part !== null).join('@')
  const fixState = replacement === null ? 'npm audit fix' : `install ${replacement}${install['isSemVerMajor'] === true ? ' (major)' : ''}`
  const own = target === name ? textOf(install['version']) : null
  return { fixedVersion: versionsOutside(range) ?? own ?? replacement ?? 'a later version', fixState }
}

/** The upper bounds of a range of vulnerable versions: `<1.2.3 || >=2.0.0 <2.0.1` is fixed in 1.2.3 and 2.0.1. */
function versionsOutside(range: string | null): string | null {
  const bounds = [...(range ?? '').slice(0, 1000).matchAll(/<(=?)\s*([0-9][^\s|,<>=]*)/g)].map(([, orEqual, version]) =>
    orEqual ? `above ${version}` : version,
  )
  return bounds.length > 0 ? bounds.join(', ') : null
}

function readVersion1(json: JsonObject): Finding[] {
  const findings = new FindingList()
  for (const [key, advisory] of entriesOf(json, 'advisories')) findings.add(advisory1(key, advisory), key)
  return findings.all()
}

function advisory1(key: string, advisory: JsonObject): Finding {
  const name = textOf(advisory['module_name'])
  const toolSeverity = textOf(advisory['severity'])
  const installed = itemsOf('npm-audit', advisory, 'findings')
  const versions = [...new Set(installed.flatMap((item) => textOf(item['version']) ?? []))]
  const version = versions.length === 1 ? (versions[0] ?? null) : null
  const ids = stringsOf([ghsaOf(advisory), ...stringsOf(advisory['cves'])]).filter((id) => id !== '')
  return finding({
    class: 'vulnerabilities',
    id: ids[0] ?? `npm-advisory-${numberOf(advisory['id']) ?? key}`,
    aliases: ids.slice(1),
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    score: scoreOf(advisory['cvss']),
    title: titleOf(advisory['title']),
    purl: name === null ? null : purlOf(name, version),
    package: name,
    version: version ?? textOf(versions.join(', ')),
    fixedVersion: patched(textOf(advisory['patched_versions'])),
    location: installed.flatMap((item) => stringsOf(item['paths']))[0] ?? null,
  })
}

/** npm writes `<0.0.0` where no version is patched. */
function patched(range: string | null): string | null {
  if (range === null || /^<\s*0\.0\.0$|^no fix/i.test(range)) return null
  return /^>=\s*([^\s|<>]+)$/.exec(range)?.[1] ?? range
}

function ghsaOf(advisory: JsonObject): string | null {
  return textOf(advisory['github_advisory_id']) ?? ghsaIn(advisory['url'])
}

function ghsaIn(url: unknown): string | null {
  return /(?:^|\/)(GHSA(?:-[0-9a-z]{4}){3})$/.exec(textOf(url) ?? '')?.[1] ?? null
}

/** npm writes 0 where there is no score. */
function scoreOf(cvss: unknown): number | null {
  return numberOf(objectOf(cvss)['score']) || null
}

function purlOf(name: string, version: string | null = null): string {
  const path = name.split('/').map(encodeURIComponent).join('/')
  return version === null ? `pkg:npm/${path}` : `pkg:npm/${path}@${encodeURIComponent(version)}`
}
