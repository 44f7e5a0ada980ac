import { parseInstant } from '../../core/time.ts'
import type { ReportParser } from '../parser.ts'
import { MAX_WORD, recordReport } from './change-record.ts'
import { isObject, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { jsonOf, wrongFormat } from './report.ts'

/**
 * Jira's reply about one issue, `GET /rest/api/3/issue/KEY?expand=names` (or version 2). The planned window and the back-out plan stand in
 * fields of Jira Service Management, which only their names tell: without `expand=names` they are unknown.
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-get
 */
export const jira: ReportParser = {
  format: 'jira',
  classes: ['change-record'],
  claims: ({ json }) => isIssue(json),
  parse: (source) => {
    const json = jsonOf('jira', source)
    if (!isIssue(json)) throw wrongFormat('jira', 'it is not what Jira replies about an issue, with key, status and updated')
    const fields = objectOf(json['fields'])
    const named = fieldsByName(objectOf(json['names']), fields)
    return recordReport('jira', instantOfJira(fields['updated']), {
      ticket: String(json['key']),
      state: (textOf(objectOf(fields['status'])['name']) ?? '').slice(0, MAX_WORD),
      approved: null,
      type: textOf(objectOf(fields['issuetype'])['name'])?.slice(0, MAX_WORD) ?? null,
      plannedStart: epochMs(firstOf(named, ['change start date', 'planned start'])),
      plannedEnd: epochMs(firstOf(named, ['change completion date', 'planned end'])),
      backOutPlan: saysSomething(firstOf(named, ['backout plan', 'back-out plan', 'rollback plan']), 0),
    })
  },
}

function isIssue(json: unknown): json is JsonObject {
  if (!isObject(json) || typeof json['key'] !== 'string' || !/^[A-Z][A-Z0-9_]{1,50}-\d{1,12}$/.test(json['key'])) return false
  const fields = objectOf(json['fields'])
  return textOf(objectOf(fields['status'])['name']) !== null && typeof fields['updated'] === 'string'
}

/** The values of the fields by their names as people see them, in lower case. Of two fields of one name the filled one is meant. */
function fieldsByName(names: JsonObject, fields: JsonObject): Map<string, unknown> {
  const named = new Map<string, unknown>()
  for (const [id, name] of Object.entries(names)) {
    const value = Object.hasOwn(fields, id) ? fields[id] : null
    if (typeof name === 'string' && value !== null) named.set(name.trim().toLowerCase(), value)
  }
  return named
}

function firstOf(named: ReadonlyMap<string, unknown>, names: readonly string[]): unknown {
  return names.map((name) => named.get(name)).find((value) => value !== undefined)
}

/** Jira writes the offset without a colon. */
function instantOfJira(value: unknown): string | null {
  const text = textOf(value)?.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')
  return parseInstant(text) === undefined ? null : (text ?? null)
}

function epochMs(value: unknown): number | null {
  return parseInstant(instantOfJira(value)) ?? null
}

/** Far deeper than anybody nests lists in a ticket. */
const MAX_DEPTH = 40

/** A text, or a document (version 3) with text somewhere in it. */
function saysSomething(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.trim() !== ''
  if (!isObject(value) || depth > MAX_DEPTH) return false
  const { text, content } = value
  if (typeof text === 'string' && text.trim() !== '') return true
  return Array.isArray(content) && content.some((part) => saysSomething(part, depth + 1))
}
