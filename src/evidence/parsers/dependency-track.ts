import { parseSeverity, severityOfScore } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { instantOf, isObject, numberOf, objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, itemsOf, jsonOf, malformed, report, titleOf, wrongFormat } from './report.ts'

/**
 * Dependency-Track's Finding Packaging Format (`GET /api/v1/finding/project/{uuid}/export`).
 * It does not tell whether the project's bill of materials was analysed to the end: export only after that.
 * https://docs.dependencytrack.org/file-formats/
 */
export const dependencyTrack: ReportParser = {
  format: 'dependency-track',
  classes: ['vulnerabilities'],
  claims: ({ json }) => isExport(json),
  parse: (source) => {
    const json = jsonOf('dependency-track', source)
    if (!isExport(json)) throw wrongFormat('dependency-track', 'its meta does not name Dependency-Track, or it has no findings')
    const meta = objectOf(json['meta'])
    const findings = new FindingList()
    for (const item of itemsOf('dependency-track', json, 'findings')) findings.add(findingOf(item))
    return report({ name: 'dependency-track', version: textOf(meta['version']) }, ['vulnerabilities'], {
      ...completenessOf(json),
      reportedAt: instantOf(meta['timestamp']),
      examined: [textOf(objectOf(json['project'])['name'])].filter((name) => name !== null),
      findings: findings.all(),
    })
  },
}

function isExport(json: unknown): json is JsonObject {
  return isObject(json) && objectOf(json['meta'])['application'] === 'Dependency-Track' && 'findings' in json
}

function completenessOf(json: JsonObject): Partial<ParsedReport> {
  const list = json['findings'] ?? null
  if (list === null) return { completeness: 'empty', completenessReason: 'The export has no list of findings.' }
  if (itemsOf('dependency-track', json, 'findings').length === 0 && !isObject(json['project']))
    return { completeness: 'empty', completenessReason: 'The export lists nothing and names no project.' }
  return {}
}

function findingOf(item: JsonObject): Finding {
  const { component, vulnerability } = item
  if (!isObject(component) || !isObject(vulnerability))
    throw malformed('dependency-track', 'has a finding without component or vulnerability')
  const id = textOf(vulnerability['vulnId']) ?? 'unnamed'
  const toolSeverity = textOf(vulnerability['severity'])
  const score = scoreOf(vulnerability)
  const [group, name] = [textOf(component['group']), textOf(component['name'])]
  return finding({
    class: 'vulnerabilities',
    id,
    aliases: aliasesOf(vulnerability).filter((alias) => alias !== id),
    severity: toolSeverity === null && score !== null ? severityOfScore(score) : parseSeverity(toolSeverity),
    toolSeverity,
    score,
    title: titleOf(vulnerability['title'], vulnerability['description']),
    purl: textOf(component['purl']),
    package: group === null ? name : `${group}/${name ?? ''}`,
    version: textOf(component['version']),
    fixedVersion: null,
    ...suppressionOf(objectOf(item['analysis'])),
  })
}

function scoreOf(vulnerability: JsonObject): number | null {
  const [v4, v3, v2] = ['cvssV4Score', 'cvssV3BaseScore', 'cvssV2BaseScore'].map((field) => numberOf(vulnerability[field]))
  return v4 ?? v3 ?? v2 ?? null
}

/** Each entry names the same vulnerability at several sources: `cveId`, `ghsaId`, `osvId`, … */
function aliasesOf(vulnerability: JsonObject): string[] {
  const names = objectsOf(vulnerability['aliases']).flatMap((alias) =>
    Object.entries(alias).flatMap(([field, value]) => (field.endsWith('Id') ? (textOf(value) ?? []) : [])),
  )
  return [...new Set(names)]
}

/** Only what was suppressed: an analysis (`FALSE_POSITIVE`, `NOT_AFFECTED`) doesn't take a finding out of Dependency-Track's own figures. */
function suppressionOf(analysis: JsonObject): Pick<Finding, 'suppressed' | 'suppressionReason'> {
  const suppressed = analysis['isSuppressed'] === true
  return { suppressed, suppressionReason: suppressed ? (textOf(analysis['state']) ?? 'suppressed in Dependency-Track') : null }
}
