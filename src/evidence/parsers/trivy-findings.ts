import { parseSeverity } from '../../core/severity.ts'
import type { Finding } from '../model.ts'
import type { FindingList } from './finding-list.ts'
import { numberOf, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, itemsOf, titleOf } from './report.ts'

/** Where the findings of one result are. */
export interface Place {
  /** The resource of a cluster; null for a report about one artifact. */
  resource: string | null
  target: string
}

/** @throws {ReportError} `report_malformed` for lists that can't be read */
export function addTrivyFindings(result: JsonObject, place: Place, findings: FindingList): void {
  for (const item of itemsOf('trivy', result, 'Vulnerabilities')) findings.add(vulnerability(item, place))
  for (const item of itemsOf('trivy', result, 'Misconfigurations'))
    if (isFailedCheck(item)) findings.add(misconfiguration(item, place), causeOf(item))
  for (const item of itemsOf('trivy', result, 'Secrets')) findings.add(secret(item, place), textOf(item['Match']) ?? '')
  for (const item of itemsOf('trivy', result, 'Licenses')) findings.add(licence(item, place))
  for (const item of itemsOf('trivy', result, 'ExperimentalModifiedFindings')) {
    const suppressed = modified(item, place)
    if (suppressed) findings.add(suppressed)
  }
}

/** The path, else the target, within the resource. */
function within({ resource, target }: Place, path: string | null): string {
  return resource === null ? (path ?? target) : `${resource}: ${path ?? target}`
}

function vulnerability(item: JsonObject, place: Place): Finding {
  const toolSeverity = textOf(item['Severity'])
  return finding({
    class: 'vulnerabilities',
    id: textOf(item['VulnerabilityID']) ?? 'unnamed',
    aliases: stringsOf(item['VendorIDs']),
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    score: highestScore(objectOf(item['CVSS'])),
    title: titleOf(item['Title'], item['Description']),
    purl: textOf(objectOf(item['PkgIdentifier'])['PURL']),
    package: textOf(item['PkgName']),
    version: textOf(item['InstalledVersion']),
    fixedVersion: textOf(item['FixedVersion']),
    fixState: textOf(item['Status']),
    location: within(place, textOf(item['PkgPath'])),
  })
}

function highestScore(cvssBySource: JsonObject): number | null {
  const highest = Object.values(cvssBySource)
    .map(objectOf)
    .map((cvss) => numberOf(cvss['V40Score']) ?? numberOf(cvss['V3Score']) ?? numberOf(cvss['V2Score']) ?? 0)
    .reduce((a, b) => Math.max(a, b), 0)
  return highest > 0 ? highest : null
}

function isFailedCheck(item: JsonObject): boolean {
  return item['Status'] !== 'PASS' && item['Status'] !== 'EXCEPTION'
}

/** One check can fail several times on one line, for several resources. */
function causeOf(item: JsonObject): string {
  return [textOf(objectOf(item['CauseMetadata'])['Resource']), textOf(item['Message'])].join(' ')
}

function misconfiguration(item: JsonObject, place: Place): Finding {
  const toolSeverity = textOf(item['Severity'])
  const line = numberOf(objectOf(item['CauseMetadata'])['StartLine']) || null
  return finding({
    class: 'misconfigurations',
    id: textOf(item['ID']) ?? textOf(item['AVDID']) ?? 'unnamed',
    aliases: stringsOf([item['AVDID']]).filter((alias) => alias !== item['ID'] && alias !== ''),
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    title: titleOf(item['Message'], item['Title']),
    location: line === null ? within(place, null) : `${within(place, null)}:${line}`,
  })
}

function secret(item: JsonObject, place: Place): Finding {
  const toolSeverity = textOf(item['Severity'])
  const line = numberOf(item['StartLine'])
  return finding({
    class: 'secrets',
    id: textOf(item['RuleID']) ?? 'unnamed',
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    title: titleOf(item['Title']),
    location: line === null ? within(place, null) : `${within(place, null)}:${line}`,
  })
}

function licence(item: JsonObject, place: Place): Finding {
  const toolSeverity = textOf(item['Severity'])
  return finding({
    class: 'licences',
    id: textOf(item['Name']) ?? 'unnamed',
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    title: titleOf(item['Category']),
    package: textOf(item['PkgName']),
    location: within(place, textOf(item['FilePath'])),
  })
}

/** What a VEX document or an ignore file took out of the report: kept, and counted apart. */
function modified(item: JsonObject, place: Place): Finding | undefined {
  const original = objectOf(item['Finding'])
  const reason = [textOf(item['Status']), textOf(item['Statement']), textOf(item['Source'])].filter((part) => part !== null).join(': ')
  const suppressed = { suppressed: true, suppressionReason: reason || null }
  switch (item['Type']) {
    case 'vulnerability':
      return { ...vulnerability(original, place), ...suppressed }
    case 'misconfiguration':
      return { ...misconfiguration(original, place), ...suppressed }
    case 'secret':
      return { ...secret(original, place), ...suppressed }
    case 'license':
      return { ...licence(original, place), ...suppressed }
    default:
      return undefined
  }
}
