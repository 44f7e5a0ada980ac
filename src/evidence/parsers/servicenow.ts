import type { ReportParser } from '../parser.ts'
import { MAX_WORD, recordReport } from './change-record.ts'
import { isObject, textOf, type JsonObject } from './json-fields.ts'
import { jsonOf, malformed, report, wrongFormat } from './report.ts'

/**
 * ServiceNow's reply about one change request: of the Change Management API, or of the Table API with `sysparm_display_value=all` or `false`.
 * https://www.servicenow.com/docs/r/api-reference/rest-apis/change-management-api.html
 */
export const servicenow: ReportParser = {
  format: 'servicenow',
  classes: ['change-record'],
  claims: ({ json }) => (requestsIn(json) ?? []).length > 0,
  parse: (source) => {
    const requests = requestsIn(jsonOf('servicenow', source))
    if (!requests) throw wrongFormat('servicenow', 'its result is no change request with number, state and approval')
    const [request, ...others] = requests
    if (!request) return report({ name: 'servicenow', version: null }, ['change-record'], NOTHING_FOUND)
    if (others.length > 0) throw malformed('servicenow', 'holds several change requests; ask for the one that this change belongs to')
    return recordReport('servicenow', instantIn(request, 'sys_updated_on'), {
      ticket: word(request, 'number') ?? '',
      state: stateOf(request),
      approved: raw(request, 'approval') === 'approved' && raw(request, 'on_hold') !== 'true',
      type: word(request, 'type'),
      plannedStart: epochMs(instantIn(request, 'start_date')),
      plannedEnd: epochMs(instantIn(request, 'end_date')),
      backOutPlan: (raw(request, 'backout_plan') ?? '').trim() !== '',
    })
  },
}

const NOTHING_FOUND = { completeness: 'empty', completenessReason: 'ServiceNow found no such change request.' } as const

/** One is an object, those of a query are a list; undefined if they are no change requests. */
function requestsIn(json: unknown): JsonObject[] | undefined {
  const result = isObject(json) ? json['result'] : undefined
  const all: unknown[] = Array.isArray(result) ? result : [result]
  return all.every(isChangeRequest) ? all : undefined
}

function isChangeRequest(value: unknown): value is JsonObject {
  if (!isObject(value)) return false
  const number = raw(value, 'number')
  return number !== null && /^[A-Za-z]{1,10}\d{1,20}$/.test(number) && raw(value, 'state') !== null && raw(value, 'approval') !== null
}

/** The stored value, never the one that is shown: that depends on language and time zone of whoever asks. */
function raw(request: JsonObject, field: string): string | null {
  const stated = request[field]
  return textOf(isObject(stated) ? stated['value'] : stated)
}

function word(request: JsonObject, field: string): string | null {
  return raw(request, field)?.slice(0, MAX_WORD) ?? null
}

const STATES: ReadonlyMap<string, string> = new Map([
  ['-5', 'New'],
  ['-4', 'Assess'],
  ['-3', 'Authorize'],
  ['-2', 'Scheduled'],
  ['-1', 'Implement'],
  ['0', 'Review'],
  ['3', 'Closed'],
  ['4', 'Canceled'],
])

/** A number that somebody added to the states is shown by its own name. */
function stateOf(request: JsonObject): string {
  const number = raw(request, 'state') ?? ''
  const shown = isObject(request['state']) ? textOf(request['state']['display_value']) : null
  return (STATES.get(number) ?? shown ?? number).slice(0, MAX_WORD)
}

/**
 * ServiceNow keeps times in UTC, without saying so.
 * @throws {ReportError} `report_malformed` for what is shown in place of the stored value: its time zone is unknown
 */
function instantIn(request: JsonObject, field: string): string | null {
  const stated = raw(request, field)
  if (stated === null) return null
  const shown = !isObject(request[field]) && !/^-?\d+$/.test(raw(request, 'state') ?? '')
  const found = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(stated)
  const instant = found && !shown ? `${found[1]}T${found[2]}Z` : null
  if (instant !== null && !Number.isNaN(Date.parse(instant))) return instant
  throw malformed('servicenow', `has a ${field} that is no stored time; ask with sysparm_display_value=all`)
}

function epochMs(instant: string | null): number | null {
  return instant === null ? null : Date.parse(instant)
}
