import type { Evidence, Observation } from '../../evidence/evidence.ts'
import type { EvidenceFilter } from '../../evidence/ports.ts'
import { Conditions } from './conditions.ts'
import type { ReadSession, Row } from './session.ts'
import { storedTime } from './time-range.ts'

/**
 * Conditions on submitter and receipt. For a confined reader they are about the observations `o` that it may see: of evidence `e` that others
 * submitted before, when and by whom is theirs.
 */
export function receiptConditions(session: ReadSession, { submittedBy, from, to, visibleTo }: EvidenceFilter): Conditions {
  const [name, at] = visibleTo ? [submitterName(session), 'o.at'] : ['e.submitted_by', 'e.received_at']
  return new Conditions()
    .addIf(submittedBy, `${name} = ?`)
    .addIf(from && storedTime(from), `${at} >= ?`)
    .addIf(to && storedTime(to), `${at} < ?`)
}

/**
 * The evidence of rows with `no` and `record`, as a reader of these scopes sees it: submitted by whom and when it was first observed among what
 * the reader may see. Without scopes as it is.
 */
export async function asSeen(session: ReadSession, rows: readonly Row[], scopes: readonly number[] | undefined): Promise<Evidence[]> {
  const all = rows.map((row) => JSON.parse(String(row['record'])) as Evidence)
  if (!scopes || rows.length === 0) return all
  const sql = `select evidence_no, record from observations where no in
    (select min(no) from observations where ${session.oneOf('evidence_no')} and ${session.oneOf('scope_id')} group by evidence_no)`
  const found = await session.all(sql, [rows.map((row) => Number(row['no'])), scopes])
  const first = new Map(found.map((row) => [Number(row['evidence_no']), JSON.parse(String(row['record'])) as Observation]))
  return all.map((evidence, index) => {
    const observation = first.get(Number(rows[index]?.['no']))
    return observation ? { ...evidence, receivedAt: observation.at, submittedBy: observation.submitterName } : evidence
  })
}

function submitterName({ engine }: ReadSession): string {
  return engine === 'sqlite' ? `json_extract(o.record, '$.submitterName')` : `(o.record::json ->> 'submitterName')`
}
