import { parseSeverity } from '../../core/severity.ts'
import type { Finding } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { endsLikeAudit, hasMarksOfAudit, readBundlerText, type BundlerAdvisory } from './bundler-audit-text.ts'
import { FindingList } from './finding-list.ts'
import { instantOf, isObject, numberOf, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { packageUrl } from './package-url.ts'
import { finding, itemsOf, malformed, report, titleOf, wrongFormat } from './report.ts'

/**
 * `bundle-audit check` as text (all versions) and with `--format json` (0.8 and later). Insecure gem sources are misconfigurations; their severity is not given.
 * https://github.com/rubysec/bundler-audit (lib/bundler/audit/cli/formats)
 */
export const bundlerAudit: ReportParser = {
  format: 'bundler-audit',
  classes: ['vulnerabilities', 'misconfigurations'],
  claims: ({ json, text }) => isReport(json) || (json === undefined && endsLikeAudit(text) && hasMarksOfAudit(text)),
  parse: (source) => {
    const findings = new FindingList()
    const { json, text } = source
    if (json === undefined && /^\s*\{/.test(text)) throw malformed('bundler-audit', 'is not one JSON document; it may be cut off')
    if (json === undefined) readText(text, findings)
    else if (isReport(json)) readJson(json, findings)
    else throw wrongFormat('bundler-audit', 'it has no version, created_at and results of gems and sources')
    return report({ name: 'bundler-audit', version: textOf(objectOf(json)['version']) }, bundlerAudit.classes, {
      reportedAt: createdAt(objectOf(json)['created_at']),
      findings: findings.all(),
    })
  },
}

const RESULT_TYPES = new Set<unknown>(['unpatched_gem', 'insecure_source'])

function isReport(json: unknown): json is JsonObject {
  if (!isObject(json) || !Array.isArray(json['results']) || typeof json['version'] !== 'string') return false
  if (json['results'].length === 0) return typeof json['created_at'] === 'string'
  return json['results'].every((result) => RESULT_TYPES.has(objectOf(result)['type']))
}

/** Ruby writes `2026-05-04 09:30:00 +0200`. */
function createdAt(value: unknown): string | null {
  return instantOf(textOf(value)?.replace(/^(\S+) (\S+) ([+-]\d\d)(\d\d)$/, '$1T$2$3:$4'))
}

function readJson(json: JsonObject, findings: FindingList): void {
  for (const result of itemsOf('bundler-audit', json, 'results')) {
    if (result['type'] === 'insecure_source') findings.add(insecureSource(textOf(result['source']) ?? 'unnamed'))
    else findings.add(unpatchedGem(result))
  }
}

function unpatchedGem(result: JsonObject): Finding {
  const { gem, advisory } = result
  if (!isObject(gem) || !isObject(advisory)) throw malformed('bundler-audit', 'has an unpatched gem without gem or advisory')
  const ids = [
    textOf(advisory['id']),
    prefixed('CVE', advisory['cve']),
    prefixed('GHSA', advisory['ghsa']),
    prefixed('OSVDB', advisory['osvdb']),
  ]
  return advisoryOf({
    name: textOf(gem['name']),
    version: textOf(gem['version']),
    ids: ids.filter((id) => id !== null),
    criticality: textOf(advisory['criticality']),
    score: numberOf(advisory['cvss_v3']) ?? numberOf(advisory['cvss_v2']),
    title: titleOf(advisory['title'], advisory['description']),
    solution: textOf(stringsOf(advisory['patched_versions']).join(', ')),
  })
}

function prefixed(kind: string, value: unknown): string | null {
  const number = textOf(value) ?? numberOf(value)
  return number === null ? null : `${kind}-${number}`
}

function readText(text: string, findings: FindingList): void {
  if (!endsLikeAudit(text)) throw wrongFormat('bundler-audit', 'it does not end with what bundler-audit says last')
  const { advisories, sources } = readBundlerText(text)
  for (const advisory of advisories) findings.add(advisoryOf(advisory))
  for (const source of sources) findings.add(insecureSource(source))
}

function advisoryOf({ name, version, ids, criticality, score, title, solution }: BundlerAdvisory): Finding {
  const unique = [...new Set(ids)]
  return finding({
    class: 'vulnerabilities',
    id: unique[0] ?? 'unnamed',
    aliases: unique.slice(1),
    severity: parseSeverity(criticality),
    toolSeverity: criticality,
    score,
    title,
    purl: packageUrl('gem', name, version),
    package: name,
    version,
    fixedVersion: solution,
  })
}

/** A source that is fetched over plain HTTP or git: anyone on the way can change the gems. */
function insecureSource(source: string): Finding {
  return finding({
    class: 'misconfigurations',
    id: 'insecure-source',
    severity: 'unknown',
    title: 'Gem source without transport security',
    location: withoutCredentials(source),
  })
}

function withoutCredentials(source: string): string {
  return source.replace(/\/\/[^/@]*@/, '//')
}
