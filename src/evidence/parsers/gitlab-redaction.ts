import type { EvidenceClass } from '../../core/evidence-class.ts'
import { quotesSecret } from './gitlab-vulnerability.ts'
import { isObject, objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { keepOnly } from './keep-only.ts'
import { REDACTED } from './report.ts'
import { withoutQuery } from './url-parts.ts'

/**
 * A copy of the report without the code, the requests and the secrets that it quotes; undefined if its kind quotes none.
 * Remediations are patches, which quote the code as well.
 */
export function redactGitlab(json: JsonObject, items: readonly JsonObject[], evidenceClass: EvidenceClass): JsonObject | undefined {
  if (evidenceClass === 'vulnerabilities' || items.length === 0) return undefined
  const { scan } = json
  return {
    ...keepOnly(json, ['version', 'schema']),
    ...(isObject(scan) && { scan: redactScan(scan) }),
    vulnerabilities: items.map((item) => redactItem(item, evidenceClass)),
    remediations: [],
  }
}

function redactScan(scan: JsonObject): JsonObject {
  return {
    ...keepOnly(scan, ['type', 'status', 'start_time', 'end_time', 'scanner', 'analyzer']),
    ...('messages' in scan && { messages: objectsOf(scan['messages']).map((message) => keepOnly(message, ['level'])) }),
  }
}

const HARMLESS = ['id', 'category', 'cve', 'severity', 'confidence', 'scanner', 'identifiers', 'links', 'discovered_at']
const TEXTS = ['name', 'message', 'description', 'solution']

/** Only what is known to be harmless stays: fields of later versions may quote the secret as well. */
function redactItem(item: JsonObject, evidenceClass: EvidenceClass): JsonObject {
  const texts = quotesSecret(item, evidenceClass) ? { name: REDACTED } : keepOnly(item, TEXTS)
  return { ...keepOnly(item, HARMLESS), ...texts, location: redactLocation(objectOf(item['location'])), raw_source_code_extract: REDACTED }
}

function redactLocation(location: JsonObject): JsonObject {
  const path = textOf(location['path'])
  return {
    ...keepOnly(location, ['file', 'start_line', 'end_line', 'class', 'method', 'hostname', 'param']),
    ...(path !== null && { path: withoutQuery(path) }),
    ...(isObject(location['commit']) && { commit: keepOnly(location['commit'], ['sha', 'date']) }),
  }
}
