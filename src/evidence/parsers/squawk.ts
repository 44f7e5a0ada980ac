import { parseSeverity } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { isObject, numberOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, jsonOf, report, titleOf, wrongFormat } from './report.ts'

/**
 * `squawk --reporter json`: a list of violations in SQL migrations. Nothing found is `[]`, which any tool could have written:
 * it is read only when the format is stated.
 * https://squawkhq.com/docs/cli
 */
export const squawk: ReportParser = {
  format: 'squawk',
  classes: ['migrations'],
  claims: ({ json }) => Array.isArray(json) && json.length > 0 && json.every(isViolation),
  parse: (source) => {
    const list = jsonOf('squawk', source)
    if (!Array.isArray(list) || !list.every(isViolation))
      throw wrongFormat('squawk', 'it is not a list of violations with rule_name and level')
    return report({ name: 'squawk', version: null }, ['migrations'], readViolations(list, new Set()))
  },
}

/**
 * What squawk lists, each once.
 * @param passedOver files in which whatever it finds is suppressed
 */
export function readViolations(list: readonly JsonObject[], passedOver: ReadonlySet<string>): Partial<ParsedReport> {
  const findings = new FindingList()
  for (const violation of list) {
    const isPassedOver = passedOver.has(textOf(violation['file']) ?? '')
    const found = { ...violationOf(violation), ...(isPassedOver && { suppressed: true, suppressionReason: 'in a down script' }) }
    findings.add(found, JSON.stringify([violation['column'], violation['message']]))
  }
  return { ...(list.some(isParseError) && UNREADABLE_FILE), findings: findings.all() }
}

export function isViolation(item: unknown): item is JsonObject {
  return isObject(item) && textOf(item['rule_name']) !== null && textOf(item['level']) !== null && 'file' in item && 'line' in item
}

const PARSE_ERRORS: readonly unknown[] = ['syntax-error', 'invalid-statement']

function isParseError(violation: JsonObject): boolean {
  return PARSE_ERRORS.includes(violation['rule_name'])
}

const UNREADABLE_FILE = {
  completeness: 'partial',
  completenessReason: 'Squawk could not parse a file, and checked not all of its statements.',
} as const

function violationOf(violation: JsonObject): Finding {
  const toolSeverity = textOf(violation['level'])
  const file = textOf(violation['file'])
  const line = numberOf(violation['line'])
  // Versions before 1.6 list notes and helps in place of one message.
  const notes = objectsOf(violation['messages']).flatMap((note) => [note['Note'], note['Help']])
  return finding({
    class: 'migrations',
    id: textOf(violation['rule_name']) ?? 'unnamed',
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    title: titleOf(violation['message'], ...notes),
    location: file !== null && line !== null ? `${file}:${line}` : file,
  })
}
