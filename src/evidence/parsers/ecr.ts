import { parseSeverity } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { imageDigests, inspectorFindings } from './inspector-findings.ts'
import { digestIn, instantOf, isObject, numberOf, objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, itemsOf, jsonOf, malformed, report, titleOf, wrongFormat } from './report.ts'

/**
 * `aws ecr describe-image-scan-findings`, of basic and of enhanced scanning. Only the states COMPLETE and ACTIVE speak for the image.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
 */
export const ecr: ReportParser = {
  format: 'ecr',
  classes: ['vulnerabilities'],
  claims: ({ json }) => isAnswer(json),
  parse: (source) => {
    const json = jsonOf('ecr', source)
    if (!isAnswer(json)) throw wrongFormat('ecr', 'it has no imageScanStatus with imageScanFindings')
    const scan = json['imageScanFindings'] ?? {}
    if (!isObject(scan)) throw malformed('ecr', 'has imageScanFindings that are not an object')
    const enhanced = itemsOf('ecr', scan, 'enhancedFindings')
    const findings = new FindingList()
    for (const item of itemsOf('ecr', scan, 'findings')) findings.add(basic(item))
    for (const item of enhanced) for (const found of vulnerabilities(item)) findings.add(found)
    const image = digestIn(objectOf(json['imageId'])['imageDigest'])
    return report({ name: 'ecr', version: null }, ['vulnerabilities'], {
      ...completenessOf(json, scan),
      reportedAt: timeOf(scan['imageScanCompletedAt']),
      databaseAt: timeOf(scan['vulnerabilitySourceUpdatedAt']),
      statedDigests: image ? [image] : [...new Set(enhanced.flatMap(imageDigests))],
      findings: findings.all(),
    })
  },
}

/** Two of its three parts: a scan that failed has no findings, and old versions of the CLI print no status. */
function isAnswer(json: unknown): json is JsonObject {
  return isObject(json) && ['imageScanFindings', 'imageScanStatus', 'imageId'].filter((part) => isObject(json[part])).length >= 2
}

const EMPTY_STATES = new Set(['UNSUPPORTED_IMAGE', 'FINDINGS_UNAVAILABLE', 'LIMIT_EXCEEDED', 'IMAGE_ARCHIVED'])
const UNFINISHED = new Set(['IN_PROGRESS', 'PENDING'])

function completenessOf(json: JsonObject, scan: JsonObject): Partial<ParsedReport> {
  const status = textOf(objectOf(json['imageScanStatus'])['status'])
  if (status !== null && EMPTY_STATES.has(status))
    return { completeness: 'empty', completenessReason: `ECR did not scan the image: status ${status}.` }
  if (status !== null && UNFINISHED.has(status))
    return { completeness: 'partial', completenessReason: `The scan has not ended: status ${status}.` }
  if (status !== 'COMPLETE' && status !== 'ACTIVE')
    return { completeness: 'failed', completenessReason: 'ECR does not say that the scan is complete or active.' }
  if (!(Array.isArray(scan['findings']) || Array.isArray(scan['enhancedFindings']) || isObject(scan['findingSeverityCounts'])))
    return { completeness: 'failed', completenessReason: 'ECR gives no findings of the scan.' }
  if (isCutShort(json, scan)) return { completeness: 'partial', completenessReason: 'Further pages of findings are missing.' }
  return {}
}

/** The counts are those of all pages. */
function isCutShort(json: JsonObject, scan: JsonObject): boolean {
  const counts = Object.values(objectOf(scan['findingSeverityCounts'])).map((count) => numberOf(count) ?? 0)
  const listed = objectsOf(scan['findings']).length + objectsOf(scan['enhancedFindings']).length
  return textOf(json['nextToken']) !== null || counts.reduce((a, b) => a + b, 0) > listed
}

/** The AWS CLI writes RFC 3339; version 1 and `--output json` of some settings, seconds since 1970. */
function timeOf(value: unknown): string | null {
  const seconds = numberOf(value)
  return seconds === null ? instantOf(value) : seconds > 0 && seconds < 253_402_300_800 ? new Date(seconds * 1000).toISOString() : null
}

/** Enhanced scanning lists package vulnerabilities alone. */
function vulnerabilities(item: JsonObject): Finding[] {
  return inspectorFindings('ecr', item).filter((found) => found.class === 'vulnerabilities')
}

function basic(item: JsonObject): Finding {
  const attributes = new Map(itemsOf('ecr', item, 'attributes').map((entry) => [entry['key'], textOf(entry['value'])] as const))
  const toolSeverity = textOf(item['severity'])
  return finding({
    class: 'vulnerabilities',
    id: textOf(item['name']) ?? 'unnamed',
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    score: scoreIn(attributes),
    title: titleOf(item['description']),
    package: attributes.get('package_name') ?? null,
    version: attributes.get('package_version') ?? null,
    fixedVersion: attributes.get('patched_in_version') ?? null,
  })
}

function scoreIn(attributes: ReadonlyMap<unknown, string | null>): number | null {
  const text = attributes.get('CVSS4_SCORE') ?? attributes.get('CVSS3_SCORE') ?? attributes.get('CVSS2_SCORE') ?? ''
  return /^\d{1,2}(?:\.\d{1,2})?$/.test(text) ? Number(text) : null
}
