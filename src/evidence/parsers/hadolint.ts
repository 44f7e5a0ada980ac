import { parseSeverity, type Severity } from '../../core/severity.ts'
import type { Finding } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { isObject, numberOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, jsonOf, report, titleOf, wrongFormat } from './report.ts'

/**
 * `hadolint -f json`: a list of broken rules. Nothing found is `[]`, which any tool could have written: it is read only when
 * the format is stated.
 * https://github.com/hadolint/hadolint
 */
export const hadolint: ReportParser = {
  format: 'hadolint',
  classes: ['misconfigurations'],
  claims: ({ json }) => Array.isArray(json) && json.length > 0 && json.every(isRemark),
  parse: (source) => {
    const list = jsonOf('hadolint', source)
    if (!Array.isArray(list) || !list.every(isRemark))
      throw wrongFormat('hadolint', 'it is not a list of remarks with code, level and line')
    const findings = new FindingList()
    for (const remark of list) findings.add(remarkOf(remark), JSON.stringify([remark['column'], remark['message']]))
    return report({ name: 'hadolint', version: null }, ['misconfigurations'], {
      ...(list.some(isParseError) && UNREADABLE_FILE),
      findings: findings.all(),
    })
  },
}

/** ShellCheck's own list looks alike, but its codes are numbers. */
function isRemark(item: unknown): item is JsonObject {
  return isObject(item) && /^[A-Z]{2,10}\d{1,6}$/.test(textOf(item['code']) ?? '') && textOf(item['level']) !== null && 'line' in item
}

/** DL1000: the file could not be parsed, so that no rule was applied to it. */
function isParseError(remark: JsonObject): boolean {
  return remark['code'] === 'DL1000'
}

const UNREADABLE_FILE = {
  completeness: 'partial',
  completenessReason: 'Hadolint could not parse a file (DL1000), and checked no rule in it.',
} as const

function remarkOf(remark: JsonObject): Finding {
  const toolSeverity = textOf(remark['level'])
  const file = textOf(remark['file'])
  const line = numberOf(remark['line'])
  return finding({
    class: 'misconfigurations',
    id: textOf(remark['code']) ?? 'unnamed',
    severity: severityOf(toolSeverity),
    toolSeverity,
    title: titleOf(remark['message']),
    location: file !== null && line !== null ? `${file}:${line}` : file,
  })
}

/** Hadolint's ladder goes on below `info`. */
function severityOf(level: string | null): Severity {
  return level?.toLowerCase() === 'style' ? 'negligible' : parseSeverity(level)
}
