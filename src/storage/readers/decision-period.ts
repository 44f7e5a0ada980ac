import type { DecisionFilter, DecisionPeriod } from '../../decisions/ports.ts'
import { Conditions } from './conditions.ts'
import { addVisibility } from './decision-query.ts'
import { narrowedNames } from './narrowing.ts'
import type { ReadSession } from './session.ts'
import { indexRange } from './time-range.ts'

type Visible = DecisionFilter['visibleTo']

/** How many decisions of a period a reader may see, and where the last of them lies. */
export async function decisionPeriod(session: ReadSession, { from, to }: DecisionPeriod, visibleTo: Visible) {
  const range = await indexRange(session, from, to)
  if (!range) return { total: 0, last: -1 }
  const conditions = new Conditions().addIf(range.first, 'd.log_index >= ?').addIf(range.last, 'd.log_index <= ?')
  await narrow(session, conditions, { from, to }, visibleTo)
  const sql = `select count(*) as total, max(d.log_index) as last from decisions d ${conditions.toSql()}`
  const [row] = await session.all(sql, conditions.parameters)
  return { total: Number(row?.['total'] ?? 0), last: Number(row?.['last'] ?? -1) }
}

/** Log indexes of the next decisions of a period that a reader may see, in order. */
export async function decisionPositions(
  session: ReadSession,
  { after, last, ...period }: DecisionPeriod & { after: number; last: number },
  visibleTo: Visible,
  limit: number,
): Promise<number[]> {
  const conditions = new Conditions().add('d.log_index > ?', after).add('d.log_index <= ?', last)
  await narrow(session, conditions, period, visibleTo)
  const sql = `select d.log_index from decisions d ${conditions.toSql()} order by d.log_index limit ?`
  return (await session.all(sql, [...conditions.parameters, limit])).map((row) => Number(row['log_index']))
}

async function narrow(session: ReadSession, conditions: Conditions, { from, to }: DecisionPeriod, visibleTo: Visible): Promise<void> {
  conditions.add('d.at >= ?', from).add('d.at < ?', to)
  const repositories = await narrowedNames(session, 'decision_repositories', { visibleTo: visibleTo?.repositories })
  addVisibility(conditions, session, { ...(visibleTo && { visibleTo }) }, repositories)
}
