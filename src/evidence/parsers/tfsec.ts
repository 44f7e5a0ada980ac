import { parseSeverity } from '../../core/severity.ts'
import type { Finding } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { isObject, numberOf, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, itemsOf, jsonOf, report, titleOf, wrongFormat } from './report.ts'

/**
 * `tfsec --format json`, of version 1 and before. Nothing found is `{"results": null}`, which any tool could have written:
 * it is read only when the format is stated.
 * https://aquasecurity.github.io/tfsec/
 */
export const tfsec: ReportParser = {
  format: 'tfsec',
  classes: ['misconfigurations'],
  claims: ({ json }) => isObject(json) && Array.isArray(json['results']) && json['results'].length > 0 && json['results'].every(isResult),
  parse: (source) => {
    const json = jsonOf('tfsec', source)
    if (!isObject(json) || !('results' in json)) throw wrongFormat('tfsec', 'it has no results')
    const results = itemsOf('tfsec', json, 'results')
    if (results.length === 0 && Object.keys(json).length > 1) throw wrongFormat('tfsec', 'it has more than results, but no results')
    if (!results.every(isResult)) throw wrongFormat('tfsec', 'it has results without rule_id and location')
    const findings = new FindingList()
    for (const result of results) {
      const { resource, description } = result
      if (!hasPassed(result)) findings.add(resultOf(result), JSON.stringify([resource, description, objectOf(result['location'])]))
    }
    return report({ name: 'tfsec', version: null }, ['misconfigurations'], { findings: findings.all() })
  },
}

function isResult(item: unknown): item is JsonObject {
  return isObject(item) && textOf(item['rule_id']) !== null && textOf(objectOf(item['location'])['filename']) !== null
}

/** Older versions have a field of its own for checks that passed; version 1 writes the status as a number, others as a word. */
function hasPassed(result: JsonObject): boolean {
  return result['passed'] === true || result['status'] === 1 || result['status'] === 'passed'
}

function isIgnored(result: JsonObject): boolean {
  return result['status'] === 2 || result['status'] === 'ignored'
}

function resultOf(result: JsonObject): Finding {
  const id = textOf(result['rule_id']) ?? 'unnamed'
  const toolSeverity = textOf(result['severity'])
  const { filename, start_line } = objectOf(result['location'])
  const line = numberOf(start_line)
  return finding({
    class: 'misconfigurations',
    id,
    aliases: [...new Set(stringsOf([result['long_id'], result['legacy_rule_id']]))].filter((alias) => alias !== '' && alias !== id),
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    title: titleOf(result['description'], result['rule_description']),
    location: line === null ? textOf(filename) : `${textOf(filename) ?? ''}:${line}`,
    ...(isIgnored(result) && { suppressed: true, suppressionReason: 'tfsec:ignore' }),
  })
}
