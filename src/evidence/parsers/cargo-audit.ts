import { severityOfScore, type Severity } from '../../core/severity.ts'
import type { Finding } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { cvssBaseScore } from './cvss.ts'
import { FindingList } from './finding-list.ts'
import { instantOf, isObject, numberOf, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { packageUrl } from './package-url.ts'
import { finding, itemsOf, jsonOf, malformed, report, titleOf, wrongFormat } from './report.ts'

/**
 * `cargo audit --json`. Severities come from the advisory's CVSS vector; of an advisory without one, or with one of version 4, it is unknown.
 * Warnings are findings too: what the database calls informational (unmaintained, yanked, notice) is negligible, unsound code is not.
 * https://github.com/rustsec/rustsec (rustsec/src/report.rs)
 */
export const cargoAudit: ReportParser = {
  format: 'cargo-audit',
  classes: ['vulnerabilities'],
  claims: ({ json }) => isReport(json),
  parse: (source) => {
    const json = jsonOf('cargo-audit', source)
    if (!isReport(json)) throw wrongFormat('cargo-audit', 'it has no lockfile, settings and vulnerabilities with a list')
    const findings = new FindingList()
    for (const item of vulnerabilitiesOf(json)) findings.add(vulnerability(item))
    for (const item of warningsOf(json)) findings.add(warning(item))
    return report({ name: 'cargo-audit', version: null }, ['vulnerabilities'], {
      ...(objectOf(json['lockfile'])['dependency-count'] === 0 && NO_DEPENDENCIES),
      databaseAt: instantOf(objectOf(json['database'])['last-updated']),
      findings: findings.all(),
    })
  },
}

const NO_DEPENDENCIES = {
  completeness: 'empty',
  completenessReason: 'cargo-audit examined nothing: the lock file names no crate.',
} as const

function isReport(json: unknown): json is JsonObject {
  return isObject(json) && isObject(json['lockfile']) && isObject(json['vulnerabilities']) && 'list' in json['vulnerabilities']
}

function vulnerabilitiesOf(json: JsonObject): JsonObject[] {
  const { vulnerabilities } = json
  if (!isObject(vulnerabilities) || !Array.isArray(vulnerabilities['list']))
    throw malformed('cargo-audit', 'has no list of vulnerabilities')
  const list = itemsOf('cargo-audit', vulnerabilities, 'list')
  const count = numberOf(vulnerabilities['count']) ?? list.length
  if (count !== list.length || (vulnerabilities['found'] === true && count === 0))
    throw malformed('cargo-audit', 'counts other vulnerabilities than it lists')
  return list
}

/** Lists by kind; versions before 0.14 wrote one list. */
function warningsOf(json: JsonObject): JsonObject[] {
  const { warnings } = json
  if (!isObject(warnings)) return itemsOf('cargo-audit', json, 'warnings')
  return Object.keys(warnings).flatMap((kind) => itemsOf('cargo-audit', warnings, kind).map((item) => ({ kind, ...item })))
}

function vulnerability(item: JsonObject): Finding {
  const { advisory } = item
  if (!isObject(advisory)) throw malformed('cargo-audit', 'has a vulnerability without an advisory')
  const vector = textOf(advisory['cvss'])
  const score = cvssBaseScore(vector)
  return finding({
    class: 'vulnerabilities',
    id: textOf(advisory['id']) ?? 'unnamed',
    aliases: stringsOf(advisory['aliases']),
    severity: score === null ? 'unknown' : severityOfScore(score),
    toolSeverity: vector,
    score,
    title: titleOf(advisory['title'], advisory['description']),
    ...packageOf(item),
    fixedVersion: textOf(stringsOf(objectOf(item['versions'])['patched']).join(', ')),
  })
}

const INFORMATIONAL = new Set(['unmaintained', 'yanked', 'notice'])

/** A yanked crate has no advisory: the kind is its id. */
function warning(item: JsonObject): Finding {
  const kind = textOf(item['kind']) ?? Object.keys(objectOf(item['kind']))[0] ?? 'warning'
  const known = isObject(item['advisory']) ? vulnerability(item) : undefined
  const unscored: Severity = INFORMATIONAL.has(kind) ? 'negligible' : 'unknown'
  return {
    ...(known ?? finding({ class: 'vulnerabilities', id: kind, severity: unscored, title: `Crate is ${kind}`, ...packageOf(item) })),
    severity: known && known.score !== null ? known.severity : unscored,
    toolSeverity: kind,
  }
}

function packageOf(item: JsonObject): Pick<Finding, 'purl' | 'package' | 'version'> {
  const crate = objectOf(item['package'])
  const [name, version] = [textOf(crate['name']), textOf(crate['version'])]
  return { purl: packageUrl('cargo', name, version), package: name, version }
}
