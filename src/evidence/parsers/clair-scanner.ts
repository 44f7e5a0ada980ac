import type { Finding } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { clairSeverity } from './clair-severity.ts'
import { FindingList } from './finding-list.ts'
import { digestIn, isObject, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, itemsOf, jsonOf, malformed, report, titleOf, wrongFormat } from './report.ts'

/**
 * clair-scanner's report file (Clair 2). What is not among the unapproved was approved by the whitelist or the threshold: kept as suppressed.
 * https://github.com/arminc/clair-scanner (reporter.go)
 */
export const clairScanner: ReportParser = {
  format: 'clair-scanner',
  classes: ['vulnerabilities'],
  claims: ({ json }) => isReport(json),
  parse: (source) => {
    const json = jsonOf('clair-scanner', source)
    if (!isReport(json)) throw wrongFormat('clair-scanner', 'it has no image, unapproved and vulnerabilities')
    const unapproved = unapprovedIn(json)
    const findings = new FindingList()
    for (const item of itemsOf('clair-scanner', json, 'vulnerabilities')) findings.add(findingOf(item, unapproved))
    const found = findings.all()
    const listed = new Set(found.map((item) => item.id))
    if (![...unapproved].every((id) => listed.has(id))) throw malformed('clair-scanner', 'does not list what it calls unapproved')
    const digest = digestIn(json['image'])
    return report({ name: 'clair-scanner', version: null }, ['vulnerabilities'], {
      ...(found.length === 0 && NOTHING_KNOWN),
      statedDigests: digest ? [digest] : [],
      findings: found,
    })
  },
}

/** The report is the same for an image without vulnerabilities and for one whose distribution Clair 2 doesn't know. */
const NOTHING_KNOWN = {
  completeness: 'empty',
  completenessReason: 'The report lists nothing and does not tell whether Clair knew any package of the image.',
} as const

function isReport(json: unknown): json is JsonObject {
  return isObject(json) && typeof json['image'] === 'string' && 'unapproved' in json && 'vulnerabilities' in json
}

function unapprovedIn(json: JsonObject): Set<string> {
  const list = json['unapproved'] ?? []
  const ids = stringsOf(list)
  if (!Array.isArray(list) || ids.length !== list.length) throw malformed('clair-scanner', 'has unapproved that are not a list of ids')
  return new Set(ids)
}

function findingOf(item: JsonObject, unapproved: ReadonlySet<string>): Finding {
  const id = textOf(item['vulnerability']) ?? 'unnamed'
  const toolSeverity = textOf(item['severity'])
  const approved = !unapproved.has(id)
  return finding({
    class: 'vulnerabilities',
    id,
    severity: clairSeverity(toolSeverity),
    toolSeverity,
    title: titleOf(item['description']),
    package: textOf(item['featurename']),
    version: textOf(item['featureversion']),
    fixedVersion: textOf(item['fixedby']),
    location: textOf(item['namespace']),
    suppressed: approved,
    suppressionReason: approved ? 'approved by the whitelist or below the threshold' : null,
  })
}
