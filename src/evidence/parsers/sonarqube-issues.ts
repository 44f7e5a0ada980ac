import type { EvidenceClass } from '../../core/evidence-class.ts'
import { parseSeverity } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import { FindingList } from './finding-list.ts'
import { isObject, numberOf, objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, itemsOf, malformed, report, titleOf } from './report.ts'

/** True for a reply of `api/issues/search`. */
export function isIssueSearch(json: unknown): json is JsonObject {
  return isObject(json) && Array.isArray(json['issues']) && (isObject(json['paging']) || typeof json['total'] === 'number')
}

/** True for a reply of `api/hotspots/search`. */
export function isHotspotSearch(json: unknown): json is JsonObject {
  return isObject(json) && Array.isArray(json['hotspots']) && isObject(json['paging'])
}

/** Reads one page of issues: it speaks for the classes that it lists. */
export function readIssues(json: JsonObject): ParsedReport {
  return read(json, 'issues', issueOf)
}

/** Reads one page of security hotspots. */
export function readHotspots(json: JsonObject): ParsedReport {
  return read(json, 'hotspots', hotspotOf)
}

function read(json: JsonObject, list: 'issues' | 'hotspots', toFinding: (item: JsonObject) => Finding): ParsedReport {
  const items = itemsOf('sonarqube', json, list)
  const findings = new FindingList()
  for (const item of items) if (!isGone(item)) findings.add(toFinding(item), textOf(item['key']) ?? '')
  const all = findings.all()
  const classes = [...new Set(items.map(classOf))].sort()
  return report({ name: 'sonarqube', version: null }, classes.length > 0 ? classes : ['sast'], {
    ...completenessOf(json, items),
    // Neither list holds what the other one does.
    examined: [...new Set(items.flatMap((item) => textOf(item['project']) ?? []))].map((project) => `${list} of ${project}`),
    findings: all,
  })
}

/** A search for a project that doesn't exist looks like one for a project without issues. */
function completenessOf(json: JsonObject, items: readonly JsonObject[]): Partial<ParsedReport> {
  const paging = objectOf(json['paging'])
  const total = Math.max(numberOf(paging['total']) ?? 0, numberOf(json['total']) ?? 0)
  if (items.length < total)
    return {
      completeness: 'partial',
      completenessReason: `This is one page of ${items.length} of ${total}; ask for all, up to 500 a page.`,
    }
  if (items.length === 0)
    return { completeness: 'empty', completenessReason: 'Nothing was listed, which does not show that the project was analysed.' }
  return {}
}

function isGone(item: JsonObject): boolean {
  const { status, resolution } = item
  return status === 'CLOSED' || status === 'FIXED' || item['issueStatus'] === 'FIXED' || resolution === 'FIXED' || resolution === 'REMOVED'
}

function classOf(item: JsonObject): EvidenceClass {
  if ((textOf(item['rule']) ?? '').startsWith('secrets:')) return 'secrets'
  if ('vulnerabilityProbability' in item || item['type'] === 'VULNERABILITY' || item['type'] === 'SECURITY_HOTSPOT') return 'sast'
  const qualities = objectsOf(item['impacts']).map((impact) => impact['softwareQuality'])
  return item['type'] === undefined && qualities.includes('SECURITY') ? 'sast' : 'quality'
}

function issueOf(issue: JsonObject): Finding {
  const id = textOf(issue['rule'])
  if (id === null) throw malformed('sonarqube', 'has an issue without rule')
  return finding({
    class: classOf(issue),
    id,
    ...severityOf(issue),
    title: classOf(issue) === 'secrets' ? id : titleOf(issue['message'], id),
    location: locationOf(issue),
    ...suppressionOf(issue),
  })
}

/** Newer servers can leave the old severity out: then the worst impact counts. */
function severityOf(issue: JsonObject): Pick<Finding, 'severity' | 'toolSeverity'> {
  const stated = textOf(issue['severity'])
  if (stated !== null) return { severity: parseSeverity(stated), toolSeverity: stated }
  const impacts = objectsOf(issue['impacts']).flatMap((impact) => textOf(impact['severity']) ?? [])
  const worst = ['BLOCKER', 'HIGH', 'MEDIUM', 'LOW', 'INFO'].find((word) => impacts.includes(word)) ?? null
  return { severity: parseSeverity(worst), toolSeverity: worst }
}

function hotspotOf(hotspot: JsonObject): Finding {
  const toolSeverity = textOf(hotspot['vulnerabilityProbability'])
  const id = textOf(hotspot['ruleKey']) ?? textOf(hotspot['securityCategory'])
  if (id === null) throw malformed('sonarqube', 'has a hotspot without ruleKey')
  const safe = hotspot['status'] === 'REVIEWED' && (hotspot['resolution'] === 'SAFE' || hotspot['resolution'] === 'ACKNOWLEDGED')
  return finding({
    class: 'sast',
    id,
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    title: titleOf(hotspot['message'], id),
    location: locationOf(hotspot),
    ...(safe && { suppressed: true, suppressionReason: `reviewed: ${String(hotspot['resolution']).toLowerCase()}` }),
  })
}

/** The component is `PROJECT:PATH`. */
function locationOf(item: JsonObject): string | null {
  const component = textOf(item['component'])
  const project = textOf(item['project'])
  const line = numberOf(item['line'])
  const path =
    component !== null && project !== null && component.startsWith(`${project}:`) ? component.slice(project.length + 1) : component
  return path !== null && line !== null ? `${path}:${line}` : path
}

const ACCEPTED = ['WONTFIX', 'FALSE-POSITIVE', 'FALSE_POSITIVE', 'ACCEPTED']

function suppressionOf(issue: JsonObject): Partial<Finding> {
  const words = ['resolution', 'issueStatus', 'status'].map((field) => textOf(issue[field]) ?? '')
  const word = words.find((value) => ACCEPTED.includes(value))
  return word === undefined ? {} : { suppressed: true, suppressionReason: word.toLowerCase().replaceAll('_', '-') }
}
