import { parseInstant } from '../../core/time.ts'
import type { ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { CHANGE_RECORD_SCHEMA, CHANGE_RECORD_SCHEMA_ID } from './change-record-schema.ts'
import { isOfFormat, readOwnFormat, type OwnFormat } from './own-format.ts'
import { report } from './report.ts'

/** What packs read of a ticket, whichever system keeps it. */
export interface ChangeRecord {
  ticket: string
  /** In the system's own word. */
  state: string
  /** Where the system tells the approval apart from the state; else null. */
  approved: boolean | null
  type: string | null
  /** Milliseconds since the epoch; null where nothing is planned. */
  plannedStart: number | null
  plannedEnd: number | null
  /** Whether it says how to undo the change. Its text is nobody's business here. */
  backOutPlan: boolean
}

/** Most characters of anything that a ticket is described by. */
export const MAX_WORD = 200

const OWN: OwnFormat = { format: 'change-record', id: CHANGE_RECORD_SCHEMA_ID, schema: CHANGE_RECORD_SCHEMA }

/** Portcullis's own format for a ticket of any system. */
export const changeRecord: ReportParser = {
  format: 'change-record',
  classes: ['change-record'],
  claims: ({ json }) => isOfFormat(OWN, json),
  parse: (source) => {
    const document = readOwnFormat(OWN, source) as ChangeRecordDocument
    return recordReport(document.system ?? 'change-record', document.updatedAt ?? null, {
      ticket: document.ticket,
      state: document.state,
      approved: document.approved ?? null,
      type: document.type ?? null,
      plannedStart: parseInstant(document.plannedStart) ?? null,
      plannedEnd: parseInstant(document.plannedEnd) ?? null,
      backOutPlan: (document.backOutPlan ?? '').trim() !== '',
    })
  },
}

interface ChangeRecordDocument {
  system?: string
  ticket: string
  state: string
  approved?: boolean
  type?: string
  plannedStart?: string
  plannedEnd?: string
  backOutPlan?: string
  updatedAt?: string
}

/**
 * A report about one ticket: it takes the place of earlier ones about the same, and of no other.
 * @param updatedAt when the ticket was last changed, RFC 3339
 */
export function recordReport(system: string, updatedAt: string | null, record: ChangeRecord): ParsedReport {
  const { ticket, state, approved, type, plannedStart, plannedEnd, backOutPlan } = record
  return report({ name: system, version: null }, ['change-record'], {
    reportedAt: updatedAt,
    examined: [`ticket ${ticket}`],
    document: {
      ticket,
      state,
      approved,
      type,
      planned_start: seconds(plannedStart),
      planned_end: seconds(plannedEnd),
      planned_start_at: plannedStart === null ? null : new Date(plannedStart).toISOString(),
      back_out_plan: backOutPlan,
    },
  })
}

function seconds(instant: number | null): number | null {
  return instant === null ? null : Math.floor(instant / 1000)
}
