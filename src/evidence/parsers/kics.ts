import { parseSeverity, type Severity } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { keepOnly } from './keep-only.ts'
import { instantOf, isObject, numberOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, itemsOf, jsonBytes, jsonOf, malformed, REDACTED, report, titleOf, wrongFormat } from './report.ts'
import { tellsOfSecrets } from './secret-words.ts'

/**
 * `kics scan --report-formats json`: each place that a query found is a finding.
 * https://docs.kics.io/latest/results/
 */
export const kics: ReportParser = {
  format: 'kics',
  classes: ['misconfigurations'],
  claims: ({ json }) => isKics(json),
  parse: (source) => {
    const json = jsonOf('kics', source)
    if (!isKics(json)) throw wrongFormat('kics', 'it has no queries_total, files_scanned and severity_counters')
    const queries = itemsOf('kics', json, 'queries')
    const findings = new FindingList()
    let places = 0
    for (const query of queries) {
      for (const place of placesOf(query)) {
        places++
        findings.add(placeOf(query, place), JSON.stringify([place['similarity_id'], place['search_key'], place['issue_type']]))
      }
    }
    if (places < (numberOf(json['total_counter']) ?? 0)) throw malformed('kics', 'counts more findings than it lists')
    return report({ name: 'kics', version: textOf(json['kics_version']) }, ['misconfigurations'], {
      ...completenessOf(json, places),
      reportedAt: instantOf(json['end']),
      findings: findings.all(),
      redacted: places > 0 ? jsonBytes({ ...json, queries: queries.map(redact) }) : null,
    })
  },
}

function isKics(json: unknown): json is JsonObject {
  return isObject(json) && isObject(json['severity_counters']) && 'queries_total' in json && 'files_scanned' in json
}

function placesOf(query: JsonObject): JsonObject[] {
  const places = itemsOf('kics', query, 'files')
  if (places.length === 0) throw malformed('kics', 'has a query without the files that it speaks of')
  return places
}

function completenessOf(json: JsonObject, places: number): Partial<ParsedReport> {
  const [scanned, parsed, queries] = ['files_scanned', 'files_parsed', 'queries_total'].map((field) => numberOf(json[field]))
  if (places === 0 && (!scanned || !queries || parsed === 0))
    return { completeness: 'empty', completenessReason: 'KICS examined nothing: it parsed no file or had no queries.' }
  if (count(json, 'files_failed_to_scan') > 0)
    return { completeness: 'partial', completenessReason: 'KICS could not scan some of the files.' }
  if (count(json, 'queries_failed_to_execute') > 0)
    return { completeness: 'partial', completenessReason: 'Some of the queries of KICS failed.' }
  return {}
}

function count(json: JsonObject, field: string): number {
  const value = json[field] ?? 0
  if (typeof value !== 'number') throw malformed('kics', `has ${field} that are no number`)
  return value
}

function placeOf(query: JsonObject, place: JsonObject): Finding {
  const id = textOf(query['query_id'])
  if (id === null) throw malformed('kics', 'has a query without query_id')
  const toolSeverity = textOf(query['severity'])
  const file = textOf(place['file_name'])
  const line = numberOf(place['line'])
  return finding({
    class: 'misconfigurations',
    id,
    severity: severityOf(toolSeverity),
    toolSeverity,
    title: titleOf(query['query_name']),
    location: file !== null && line !== null ? `${file}:${line}` : file,
  })
}

/** KICS's ladder goes on below `info`. */
function severityOf(word: string | null): Severity {
  return word?.toUpperCase() === 'TRACE' ? 'negligible' : parseSeverity(word)
}

const HARMLESS = ['file_name', 'similarity_id', 'line', 'issue_type', 'resource_type', 'resource_name']
const DESCRIPTIVE = [...HARMLESS, 'search_key', 'search_line', 'expected_value', 'actual_value']

/** The values found are left out; of a query that looks for secrets, whatever could quote one as well. */
function redact(query: JsonObject): JsonObject {
  const kept = tellsOfSecrets([query['category'], query['query_name']]) ? HARMLESS : DESCRIPTIVE
  return { ...query, files: placesOf(query).map((place) => ({ ...keepOnly(place, kept), value: REDACTED })) }
}
