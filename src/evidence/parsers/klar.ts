import type { Finding } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { clairSeverity } from './clair-severity.ts'
import { FindingList } from './finding-list.ts'
import { isObject, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, itemsOf, jsonOf, malformed, report, titleOf, wrongFormat } from './report.ts'

/**
 * Klar's JSON output (`JSON_OUTPUT=true`, Clair 2): lists by severity. It lacks what `CLAIR_OUTPUT` and a whitelist left out.
 * https://github.com/optiopay/klar
 */
export const klar: ReportParser = {
  format: 'klar',
  classes: ['vulnerabilities'],
  claims: ({ json }) => isReport(json),
  parse: (source) => {
    const json = jsonOf('klar', source)
    if (!isReport(json)) throw wrongFormat('klar', 'it has no LayerCount and Vulnerabilities by severity')
    const lists = json['Vulnerabilities'] ?? {}
    if (!isObject(lists)) throw malformed('klar', 'has Vulnerabilities that are not an object')
    const findings = new FindingList()
    for (const severity of Object.keys(lists)) for (const item of itemsOf('klar', lists, severity)) findings.add(findingOf(item, severity))
    const found = findings.all()
    return report({ name: 'klar', version: null }, ['vulnerabilities'], { ...(found.length === 0 && NOTHING_KNOWN), findings: found })
  },
}

/** The report is the same for an image without vulnerabilities and for one whose distribution Clair 2 doesn't know. */
const NOTHING_KNOWN = {
  completeness: 'empty',
  completenessReason: 'The report lists nothing and does not tell whether Clair knew any package of the image.',
} as const

function isReport(json: unknown): json is JsonObject {
  return isObject(json) && typeof json['LayerCount'] === 'number' && 'Vulnerabilities' in json
}

function findingOf(item: JsonObject, severity: string): Finding {
  const toolSeverity = textOf(item['Severity']) ?? severity
  return finding({
    class: 'vulnerabilities',
    id: textOf(item['Name']) ?? 'unnamed',
    severity: clairSeverity(toolSeverity),
    toolSeverity,
    score: null,
    title: titleOf(item['Description'], objectOf(item['Metadata'])['Title']),
    package: textOf(item['FeatureName']),
    version: textOf(item['FeatureVersion']),
    fixedVersion: textOf(item['FixedBy']),
    location: textOf(item['NamespaceName']),
  })
}
