import { parseSeverity } from '../../core/severity.ts'
import type { Finding } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { isObject, numberOf, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { auditReport, ghsaIn, isRegistryAudit, namedObjects, readRegistryAudit, scoreOf, versionsOutside } from './npm-advisories.ts'
import { packageUrl } from './package-url.ts'
import { finding, jsonOf, malformed, titleOf, toolError, wrongFormat } from './report.ts'

/**
 * `npm audit --json`: version 2 (npm 7 and later) and version 1 (npm 6), which is the registry's own answer: pnpm and Yarn 2 and 3
 * print the same, so that all of them are recognised as npm-audit.
 * Counted are advisories, not packages: the severity of a package spreads to all that depend on it.
 * https://docs.npmjs.com/cli/commands/npm-audit
 */
export const npmAudit: ReportParser = {
  format: 'npm-audit',
  classes: ['vulnerabilities'],
  claims: ({ json }) => isVersion2(json) || isRegistryAudit(json) || isErrorOutput(json),
  parse: (source) => {
    const json = jsonOf('npm-audit', source)
    if (isErrorOutput(json)) throw toolError('npm audit', 'the request or the dependency tree failed')
    if (isVersion2(json)) return auditReport('npm-audit', json['metadata'], readVersion2(json))
    if (isRegistryAudit(json)) return auditReport('npm-audit', json['metadata'], readRegistryAudit('npm-audit', json))
    if (isObject(json) && 'error' in json) throw toolError('npm audit', 'it holds an error and no advisories')
    throw wrongFormat('npm-audit', 'it has neither auditReportVersion 2 nor advisories with metadata')
  },
}

function isVersion2(json: unknown): json is JsonObject {
  return isObject(json) && json['auditReportVersion'] === 2
}

/** What npm prints in place of a report: `{error: {code, summary}}`, or the failed request (npm audit-error.js). */
function isErrorOutput(json: unknown): boolean {
  if (!isObject(json)) return false
  const error = objectOf(json['error'])
  if ('summary' in error && 'code' in error) return true
  if (isVersion2(json) || isRegistryAudit(json)) return json['error'] !== undefined && json['error'] !== null
  return typeof json['message'] === 'string' && 'method' in json && 'uri' in json
}

function readVersion2(json: JsonObject): Finding[] {
  const packages = namedObjects('npm-audit', json, 'vulnerabilities')
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
    purl: packageUrl('npm', affected, null),
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
    purl: packageUrl('npm', name, null),
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
