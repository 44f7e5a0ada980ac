import type { ObjectionRow } from '../../decisions/ports.ts'
import type { ReadSession, Row } from './session.ts'
import { indexRange, storedTime } from './time-range.ts'

/** The decisions that a binding had something against while it didn't enforce, newest first. */
export async function objections(
  session: ReadSession,
  binding: string,
  { from, to }: { from: string; to: string },
  limit: number,
): Promise<{ rows: ObjectionRow[]; complete: boolean }> {
  const range = await indexRange(session, from, to)
  if (!range) return { rows: [], complete: true }
  const [first, last] = [range.first ?? 0, range.last ?? Number.MAX_SAFE_INTEGER]
  const found = await session.all(
    `select distinct w.log_index from decision_objections w join decisions d on d.log_index = w.log_index
      where w.binding = ? and w.log_index >= ? and w.log_index <= ? and d.at >= ? and d.at < ? order by w.log_index desc limit ?`,
    [binding, first, last, storedTime(from), storedTime(to), limit + 1],
  )
  const indexes = found.slice(0, limit).map((row) => Number(row['log_index']))
  if (indexes.length === 0) return { rows: [], complete: true }
  const rows = await session.all(
    `select d.log_index, d.id, d.subject, d.stage, d.environment, d.repository, d.verdict, d.at, w.rule
      from decision_objections w join decisions d on d.log_index = w.log_index
      where w.binding = ? and w.log_index >= ? and w.log_index <= ? order by w.log_index desc, w.rule`,
    [binding, indexes.at(-1) ?? 0, indexes[0] ?? 0],
  )
  const wanted = new Set(indexes)
  return {
    rows: grouped(rows.filter((row) => wanted.has(Number(row['log_index'])))),
    complete: found.length <= limit,
  }
}

function grouped(rows: readonly Row[]): ObjectionRow[] {
  const decisions = new Map<string, ObjectionRow>()
  for (const row of rows) {
    const id = String(row['id'])
    const known = decisions.get(id)
    if (known) known.rules.push(String(row['rule']))
    else decisions.set(id, objectionOf(id, row))
  }
  return [...decisions.values()]
}

function objectionOf(id: string, row: Row): ObjectionRow {
  return {
    id,
    subject: String(row['subject']),
    stage: String(row['stage']),
    environment: String(row['environment']),
    repository: row['repository'] as string | null,
    verdict: row['verdict'] as ObjectionRow['verdict'],
    at: String(row['at']),
    rules: [String(row['rule'])],
  }
}
