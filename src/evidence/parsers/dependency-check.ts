import { parseSeverity, severityOfScore, type Severity } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser, ReportSource } from '../parser.ts'
import { readDependencyCheckXml } from './dependency-check-xml.ts'
import { FindingList } from './finding-list.ts'
import { instantOf, isObject, numberOf, objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { purlParts } from './purl-parts.ts'
import { finding, itemsOf, jsonOf, malformed, report, titleOf, wrongFormat } from './report.ts'
import { xmlOpening } from './xml-reader.ts'

/**
 * OWASP Dependency-Check's XML and JSON. The XML is read onto the shape of the JSON, so that both count alike.
 * https://dependency-check.github.io/DependencyCheck/ (core/src/main/resources/templates)
 */
export const dependencyCheck: ReportParser = {
  format: 'dependency-check',
  classes: ['vulnerabilities'],
  claims: (source) => isJsonReport(source.json) || isXmlReport(source),
  parse: (source) => (source.xmlRoot === undefined ? parseJson(jsonOf('dependency-check', source)) : parseXml(source.text)),
}

function isJsonReport(json: unknown): json is JsonObject {
  return isObject(json) && typeof json['reportSchema'] === 'string' && isObject(json['scanInfo']) && 'projectInfo' in json
}

function isXmlReport({ text, xmlRoot }: ReportSource): boolean {
  if (xmlRoot === undefined) return false
  const { root, firstChild } = xmlOpening(text) ?? {}
  return root?.name === 'analysis' && (/dependency-?check/i.test(root.attributes['xmlns'] ?? '') || firstChild === 'scanInfo')
}

function parseJson(json: unknown): ParsedReport {
  if (!isJsonReport(json)) throw wrongFormat('dependency-check', 'it lacks reportSchema, scanInfo or projectInfo')
  if (!Array.isArray(json['dependencies'])) throw malformed('dependency-check', 'has no list of dependencies')
  const dependencies = itemsOf('dependency-check', json, 'dependencies')
  const findings = new FindingList()
  for (const dependency of dependencies) readDependency(dependency, findings)
  return result(json, dependencies.length, findings)
}

function parseXml(text: string): ParsedReport {
  const findings = new FindingList()
  let dependencies = 0
  const head = readDependencyCheckXml(text, (dependency) => {
    dependencies++
    readDependency(dependency, findings)
  })
  return result(head, dependencies, findings)
}

function result(head: JsonObject, dependencies: number, findings: FindingList): ParsedReport {
  const scanInfo = objectOf(head['scanInfo'])
  return report({ name: 'dependency-check', version: textOf(scanInfo['engineVersion']) }, ['vulnerabilities'], {
    ...completenessOf(itemsOf('dependency-check', scanInfo, 'analysisExceptions').length, dependencies),
    reportedAt: timeOf(objectOf(head['projectInfo'])['reportDate']),
    databaseAt: databaseTime(objectsOf(scanInfo['dataSource'])),
    findings: findings.all(),
  })
}

function completenessOf(exceptions: number, dependencies: number): Partial<ParsedReport> {
  if (exceptions > 0)
    return { completeness: 'partial', completenessReason: `Dependency-Check lists ${exceptions} exceptions that cut its analysis short.` }
  if (dependencies === 0) return { completeness: 'empty', completenessReason: 'Dependency-Check found no dependency to examine.' }
  return {}
}

/** Versions before 6 write the offset as `-0400`; the times of data sources have `-04`, or in older versions none at all. */
function timeOf(value: unknown): string | null {
  const text = textOf(value)
  return instantOf(
    text?.replace(
      /(T\d\d:\d\d:\d\d(?:\.\d{1,9})?[+-]\d\d)(\d\d)?$/,
      (_all, time: string, minutes?: string) => `${time}:${minutes ?? '00'}`,
    ),
  )
}

/** When the copy of the NVD was last brought up to date, else the time of its newest entry. */
function databaseTime(sources: readonly JsonObject[]): string | null {
  const timeNamed = (name: RegExp) =>
    sources.filter((source) => name.test(textOf(source['name']) ?? '')).map((source) => timeOf(source['timestamp']))
  return [...timeNamed(/^NVD .*\bChecked$/), ...timeNamed(/^NVD .*\bModified$/)].find((time) => time !== null) ?? null
}

function readDependency(dependency: JsonObject, findings: FindingList): void {
  const affected = affectedBy(dependency)
  for (const item of itemsOf('dependency-check', dependency, 'vulnerabilities')) findings.add(vulnerability(item, affected))
  for (const item of itemsOf('dependency-check', dependency, 'suppressedVulnerabilities'))
    findings.add({ ...vulnerability(item, affected), suppressed: true, suppressionReason: textOf(item['notes']) ?? 'suppression file' })
}

type Affected = Pick<Finding, 'purl' | 'package' | 'version' | 'location'>

/** Files that bundle the same package are listed as related to one of them: they carry no findings of their own. */
function affectedBy(dependency: JsonObject): Affected {
  const purl = objectsOf(dependency['packages']).flatMap(({ id }) => (typeof id === 'string' && id.startsWith('pkg:') ? [id] : []))[0]
  const parts = purl === undefined ? undefined : purlParts(purl)
  const file = textOf(dependency['fileName'])
  return {
    purl: purl ?? null,
    package: parts?.name ?? file,
    version: parts?.version ?? null,
    location: textOf(dependency['filePath']) ?? file,
  }
}

function vulnerability(item: JsonObject, affected: Affected): Finding {
  const [v4, v3, v2] = [objectOf(item['cvssv4']), objectOf(item['cvssv3']), objectOf(item['cvssv2'])]
  const toolSeverity = textOf(item['severity']) ?? textOf(v4['baseSeverity']) ?? textOf(v3['baseSeverity']) ?? textOf(v2['severity'])
  const score = numberOf(v4['baseScore']) ?? numberOf(v3['baseScore']) ?? numberOf(v2['score']) ?? numberOf(item['cvssScore'])
  return finding({
    class: 'vulnerabilities',
    id: textOf(item['name']) ?? 'unnamed',
    severity: severityOf(toolSeverity, score),
    toolSeverity,
    score,
    title: titleOf(item['description']),
    ...affected,
    fixedVersion: fixedVersion(item),
  })
}

/** Advisories without a score state a word of their source, which may be a bare number; a score of zero means that there is none. */
function severityOf(word: string | null, score: number | null): Severity {
  const stated = parseSeverity(word)
  if (stated !== 'unknown') return stated
  const fallback = word !== null && /^\d{1,2}(?:\.\d{1,3})?$/.test(word) ? Number(word) : score
  return fallback === null || fallback === 0 ? 'unknown' : severityOfScore(fallback)
}

/** The first version outside the range that matched the dependency, if the advisory ends with one. */
function fixedVersion(item: JsonObject): string | null {
  const matched = objectsOf(item['vulnerableSoftware'])
    .map((entry) => objectOf(entry['software']))
    .find(({ vulnerabilityIdMatched: matches }) => matches === 'true' || matches === true)
  return textOf(matched?.['versionEndExcluding'])
}
