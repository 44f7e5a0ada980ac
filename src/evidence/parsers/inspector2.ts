import type { EvidenceClass } from '../../core/evidence-class.ts'
import type { ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { imageDigests, inspectorFindings } from './inspector-findings.ts'
import { isObject, textOf, type JsonObject } from './json-fields.ts'
import { itemsOf, jsonOf, report, wrongFormat } from './report.ts'

/**
 * `aws inspector2 list-findings`. An empty list is the answer to a filter that matches nothing, too, and does not tell what was scanned;
 * for an image, `aws ecr describe-image-scan-findings` (format ecr) does.
 * https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html
 */
export const inspector2: ReportParser = {
  format: 'inspector2',
  classes: ['vulnerabilities', 'sast', 'misconfigurations'],
  claims: ({ json }) => isObject(json) && isFindings(json['findings']),
  parse: (source) => {
    const json = jsonOf('inspector2', source)
    if (!isObject(json) || !(isFindings(json['findings']) || isEmptyAnswer(json)))
      throw wrongFormat('inspector2', 'it has no list of findings with the ARN of Inspector')
    const items = itemsOf('inspector2', json, 'findings')
    const findings = new FindingList()
    for (const item of items)
      for (const found of inspectorFindings('inspector2', item)) findings.add(found, textOf(item['findingArn']) ?? '')
    const found = findings.all()
    return report({ name: 'inspector2', version: null }, classesOf(found), {
      ...completenessOf(json, items),
      statedDigests: [...new Set(items.flatMap(imageDigests))],
      findings: found,
    })
  },
}

function isFindings(list: unknown): boolean {
  return (
    Array.isArray(list) &&
    list.length > 0 &&
    list.every((item) => isObject(item) && /^arn:[\w-]+:inspector2:/.test(textOf(item['findingArn']) ?? ''))
  )
}

function isEmptyAnswer(json: JsonObject): boolean {
  const { findings } = json
  return Array.isArray(findings) && findings.length === 0 && Object.keys(json).every((key) => key === 'findings' || key === 'nextToken')
}

function completenessOf(json: JsonObject, items: readonly JsonObject[]): Partial<ParsedReport> {
  if (textOf(json['nextToken']) !== null) return { completeness: 'partial', completenessReason: 'Further pages of findings are missing.' }
  if (items.length === 0)
    return { completeness: 'empty', completenessReason: 'Inspector lists no findings, and does not tell whether it scanned anything.' }
  return {}
}

function classesOf(found: ParsedReport['findings']): EvidenceClass[] {
  const present = inspector2.classes.filter((name) => found.some((item) => item.class === name))
  return present.length > 0 ? present : ['vulnerabilities']
}
