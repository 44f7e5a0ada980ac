import type { EvidenceClass } from '../../core/evidence-class.ts'
import { parseSeverity, type Severity } from '../../core/severity.ts'
import type { Finding } from '../model.ts'
import { isObject, numberOf, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { keepOnly } from './keep-only.ts'
import { finding, itemsOf, malformed, REDACTED, titleOf } from './report.ts'
import { tellsOfSecrets } from './secret-words.ts'

/** One result of a scan as a finding. */
export function resultOf(result: JsonObject): Finding {
  const extra = objectOf(result['extra'])
  const toolSeverity = textOf(extra['severity'])
  const path = textOf(result['path'])
  const line = numberOf(objectOf(result['start'])['line'])
  const id = textOf(result['check_id'])
  if (id === null) throw malformed('semgrep', 'has a result without check_id')
  return finding({
    class: classOf(extra),
    id,
    severity: semgrepSeverity(toolSeverity),
    toolSeverity,
    title: quotesSecret(result) ? titleOf(id) : titleOf(extra['message'], id),
    location: path !== null && line !== null ? `${path}:${line}` : path,
    ...(isObject(extra['sca_info']) && packageOf(extra, id)),
    ...(extra['is_ignored'] === true && { suppressed: true, suppressionReason: 'nosemgrep' }),
  })
}

/** ERROR, WARNING and INFO are the older names of High, Medium and Low. https://semgrep.dev/docs/writing-rules/rule-syntax */
export function semgrepSeverity(word: string | null): Severity {
  return word?.toUpperCase() === 'INFO' ? 'low' : parseSeverity(word)
}

function classOf(extra: JsonObject): EvidenceClass {
  if (isObject(extra['sca_info'])) return 'vulnerabilities'
  const validation = textOf(extra['validation_state'])
  return (validation !== null && validation !== 'NO_VALIDATOR') || isObject(extra['historical_info']) ? 'secrets' : 'sast'
}

/** Supply chain rules carry the advisory in their metadata and the package in the match. */
function packageOf(extra: JsonObject, checkId: string): Partial<Finding> {
  const metadata = objectOf(extra['metadata'])
  const found = objectOf(objectOf(objectOf(extra['sca_info'])['dependency_match'])['found_dependency'])
  const ids = [metadata['sca-vuln-database-identifier'], ...[metadata['cve']].flat(), ...[metadata['ghsa']].flat()]
  const [id, ...aliases] = [...new Set(stringsOf(ids)), checkId].filter((name) => name !== '')
  const fixed = stringsOf([metadata['sca-fix-versions']].flat().flatMap((fix) => (isObject(fix) ? Object.values(fix) : [fix])))
  return {
    id: id ?? checkId,
    aliases: aliases.filter((alias) => alias !== id),
    package: textOf(found['package']),
    version: textOf(found['version']),
    fixedVersion: fixed.length > 0 ? fixed.join(', ') : null,
  }
}

/** True if the result may quote a secret: by the product that found it, or by what its rule says of itself. */
export function quotesSecret(result: JsonObject): boolean {
  const extra = objectOf(result['extra'])
  const metadata = objectOf(extra['metadata'])
  const about = [metadata['cwe'], metadata['technology'], metadata['vulnerability_class']].flat()
  return classOf(extra) === 'secrets' || tellsOfSecrets([result['check_id'], ...about])
}

const HARMLESS = ['severity', 'metadata', 'fingerprint', 'is_ignored', 'engine_kind', 'validation_state', 'sca_info']

/** The code of every result is blanked: it shows whole lines, which may hold what no rule found. */
export function redactSemgrep(json: JsonObject, results: readonly JsonObject[]): JsonObject {
  return {
    ...keepOnly(json, ['version', 'paths', 'skipped_rules', 'engine_requested']),
    results: results.map(redactResult),
    errors: redactErrors(json),
  }
}

/** Errors quote the code that could not be parsed. */
function redactErrors(json: JsonObject): JsonObject[] {
  return itemsOf('semgrep', json, 'errors').map((error) => keepOnly(error, ['code', 'level', 'type', 'rule_id', 'path']))
}

function redactResult(result: JsonObject): JsonObject {
  const extra = objectOf(result['extra'])
  return {
    ...keepOnly(result, ['check_id', 'path', 'start', 'end']),
    extra: {
      ...keepOnly(extra, HARMLESS),
      ...(isObject(extra['historical_info']) && { historical_info: {} }),
      message: quotesSecret(result) ? REDACTED : extra['message'],
      lines: REDACTED,
    },
  }
}
