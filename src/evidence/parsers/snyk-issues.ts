import { parseSeverity } from '../../core/severity.ts'
import type { Finding } from '../model.ts'
import { isObject, numberOf, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { packageUrl, type PackageType } from './package-url.ts'
import { finding, malformed, titleOf } from './report.ts'

/** Package managers whose package names make a package URL. Snyk names Go packages by their import path, and Linux packages by their source. */
const PACKAGE_TYPES: Readonly<Record<string, PackageType>> = {
  npm: 'npm',
  yarn: 'npm',
  pnpm: 'npm',
  maven: 'maven',
  gradle: 'maven',
  sbt: 'maven',
  pip: 'pypi',
  pipenv: 'pypi',
  poetry: 'pypi',
  rubygems: 'gem',
  nuget: 'nuget',
  paket: 'nuget',
  composer: 'composer',
  cargo: 'cargo',
  hex: 'hex',
  pub: 'pub',
}

/** One entry of a project's vulnerabilities: a vulnerability, or a licence that is against the organisation's rules. */
export function snykIssue(item: JsonObject, project: JsonObject): Finding {
  const manager = textOf(item['packageManager']) ?? textOf(project['packageManager']) ?? ''
  const name = textOf(item['name']) ?? textOf(item['packageName']) ?? textOf(item['moduleName'])
  const version = textOf(item['version'])
  const type = Object.hasOwn(PACKAGE_TYPES, manager) ? PACKAGE_TYPES[manager] : undefined
  const toolSeverity = textOf(item['severityWithCritical']) ?? textOf(item['severity'])
  const identifiers = objectOf(item['identifiers'])
  return finding({
    class: item['type'] === 'license' ? 'licences' : 'vulnerabilities',
    id: textOf(item['id']) ?? 'unnamed',
    aliases: [...new Set([...stringsOf(identifiers['CVE']), ...stringsOf(identifiers['GHSA'])])].filter((alias) => alias !== ''),
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    score: numberOf(item['cvssScore']),
    title: titleOf(item['title']),
    purl: type === undefined ? null : packageUrl(type, name, version),
    package: name,
    version,
    fixedVersion: textOf(item['nearestFixedInVersion']) ?? textOf(stringsOf(item['fixedIn']).filter(Boolean).join(', ')),
  })
}

/** Vulnerabilities of executables that no package manager installed in an image (a bare `node`), which stand apart from the others. */
export function snykBinaryIssues(project: JsonObject): Finding[] {
  const issues = objectOf(objectOf(project['docker'])['binariesVulns'])['issuesData'] ?? {}
  if (!isObject(issues)) throw malformed('snyk', 'has something other than an object as binariesVulns')
  return Object.entries(issues).map(([id, issue]) => {
    if (!isObject(issue)) throw malformed('snyk', 'has something other than an object among binariesVulns')
    return { ...snykIssue(issue, project), id, purl: null }
  })
}
