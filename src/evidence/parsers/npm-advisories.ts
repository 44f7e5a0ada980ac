import { parseSeverity } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import { FindingList } from './finding-list.ts'
import { isObject, numberOf, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { packageUrl } from './package-url.ts'
import { finding, itemsOf, malformed, report, titleOf, toolError } from './report.ts'

/**
 * The npm registry's answer to an audit request (`/-/npm/v1/security/audits`), which npm 6, pnpm and Yarn 2 and 3 print as it came.
 * It does not tell which of them asked.
 */
export function isRegistryAudit(json: unknown): json is JsonObject {
  return isObject(json) && !('auditReportVersion' in json) && 'advisories' in json && isObject(json['metadata'])
}

/**
 * The findings of a registry's answer: one per advisory, not per path to the package.
 * @throws {ReportError} `report_is_tool_error` for an answer that tells of a failure beside what it lists
 */
export function readRegistryAudit(format: string, json: JsonObject): Finding[] {
  if (json['error'] !== undefined && json['error'] !== null) throw toolError(format, 'the registry answered with an error')
  const findings = new FindingList()
  for (const [key, advisory] of namedObjects(format, json, 'advisories')) findings.add(advisoryOf(format, key, advisory), key)
  return findings.all()
}

/**
 * The report around findings whose counts the tool states in `metadata`, in all versions of npm audit and in Yarn's summary.
 * @throws {ReportError} `report_malformed` if the counts are missing or contradict the findings
 */
export function auditReport(format: string, metadata: unknown, findings: Finding[]): ParsedReport {
  if (!isObject(metadata) || !isObject(metadata['vulnerabilities'])) throw malformed(format, 'has no metadata with counts')
  const counted = Object.values(metadata['vulnerabilities']).some((count) => typeof count === 'number' && count > 0)
  if (counted && findings.length === 0) throw malformed(format, 'counts vulnerabilities but lists none')
  return report({ name: format, version: null }, ['vulnerabilities'], {
    ...(findings.length === 0 && dependenciesOf(metadata) === 0 && NO_DEPENDENCIES),
    findings,
  })
}

const NO_DEPENDENCIES = { completeness: 'empty', completenessReason: 'Nothing was examined: the project has no dependencies.' } as const

/** How many packages were examined; null if the report does not say. */
function dependenciesOf(metadata: JsonObject): number | null {
  const { dependencies } = metadata
  const total = isObject(dependencies) ? dependencies['total'] : metadata['totalDependencies']
  if (numberOf(total) !== null) return numberOf(total)
  const parts = [dependencies, metadata['devDependencies'], metadata['optionalDependencies']].map(numberOf)
  return parts.every((part) => part === null) ? null : parts.reduce<number>((sum, part) => sum + (part ?? 0), 0)
}

/** The objects under a field that maps names to objects. */
export function namedObjects(format: string, json: JsonObject, field: string): [string, JsonObject][] {
  const value = json[field]
  if (!isObject(value)) throw malformed(format, `has ${field} that are not an object`)
  return Object.entries(value).map(([name, entry]) => {
    if (!isObject(entry)) throw malformed(format, `has something other than an object among ${field}`)
    return [name, entry]
  })
}

/** One advisory of the registry about one installed package. */
export function advisoryOf(format: string, key: string, advisory: JsonObject): Finding {
  const name = textOf(advisory['module_name'])
  const toolSeverity = textOf(advisory['severity'])
  const installed = itemsOf(format, advisory, 'findings')
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
    purl: packageUrl('npm', name, version),
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

/** The GitHub advisory that a URL leads to. */
export function ghsaIn(url: unknown): string | null {
  return /(?:^|\/)(GHSA(?:-[0-9a-z]{4}){3})$/.exec(textOf(url) ?? '')?.[1] ?? null
}

/** npm writes 0 where there is no score. */
export function scoreOf(cvss: unknown): number | null {
  return numberOf(objectOf(cvss)['score']) || null
}

/** The upper bounds of a range of vulnerable versions: `<1.2.3 || >=2.0.0 <2.0.1` is fixed in 1.2.3 and 2.0.1. */
export function versionsOutside(range: string | null): string | null {
  const bounds = [...(range ?? '').slice(0, 1000).matchAll(/<(=?)\s*([0-9][^\s|,<>=]*)/g)].map(([, orEqual, version]) =>
    orEqual ? `above ${version}` : version,
  )
  return bounds.length > 0 ? bounds.join(', ') : null
}
