import { matchesAnyRepository } from '../../core/repository.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import type { Decision, RecordedDecision } from '../../decisions/decision.ts'
import type { DecisionFilter, DecisionRecord, DecisionStore, StoredDecision } from '../../decisions/ports.ts'
import type { DecisionSurroundings } from '../operations/decisions.ts'
import type { WriterClient } from '../writer/client.ts'
import { cursorKey } from './cursor.ts'
import { decisionPeriod, decisionPositions } from './decision-period.ts'
import { byVerdict, decisionQuery, decisionWalks, isSelective, type DecisionQuery } from './decision-query.ts'
import { narrowedNames } from './narrowing.ts'
import { objections } from './objections.ts'
import { withReviews } from './review-store.ts'
import type { ReadSession } from './session.ts'
import { indexRange } from './time-range.ts'
import { walkTogether } from './walks.ts'

/** Decisions with their log entries. */
export function decisionStore(session: ReadSession, writer: WriterClient): DecisionStore {
  return {
    record: (record) => recordDecision(writer, record),
    find: (id, visibleTo) => find(session, id, visibleTo),
    input: async (logIndex) => {
      const [row] = await session.all('select input from decision_inputs where log_index = ?', [logIndex])
      return row && String(row['input'])
    },
    list: (filter, page) => list(session, filter, page),
    objections: (binding, period, limit) => objections(session, binding, period, limit),
    period: (period, visibleTo) => decisionPeriod(session, period, visibleTo),
    positions: (range, visibleTo, limit) => decisionPositions(session, range, visibleTo, limit),
    stored: (positions, visibleTo) => stored(session, positions, visibleTo),
  }
}

async function recordDecision(writer: WriterClient, { decision, input, entry, idempotency, link, moves, newestBlock }: DecisionRecord) {
  const surroundings: DecisionSurroundings = {
    entry,
    ...(idempotency && { idempotency }),
    ...(link && { link }),
    ...(moves.length > 0 && { moves }),
    ...(newestBlock !== undefined && { newestBlock }),
  }
  const args = { decision: JSON.stringify(decision), input, surroundings: JSON.stringify(surroundings) }
  const result = await writer.submit('recordDecision', args, args.decision.length + args.input.length + args.surroundings.length)
  const { logIndex } = result
  if (!('repeated' in result)) return { decision, logIndex, voidedAt: null, repeated: false }
  const { repeated, voidedAt } = result
  return { decision: JSON.parse(repeated) as Decision, logIndex, voidedAt, repeated: true }
}

async function find(session: ReadSession, id: string, visibleTo: DecisionFilter['visibleTo']): Promise<RecordedDecision | undefined> {
  const [row] = await session.all(
    `select d.log_index, l.record, v.at as voided_at from decisions d join log_records l on l.idx = d.log_index
      left join decision_voids v on v.log_index = d.log_index where d.id = ?`,
    [id],
  )
  if (!row) return undefined
  const decision = recordedDecision(row)
  return isVisible(decision, visibleTo) ? (await withReviews(session, [decision]))[0] : undefined
}

async function stored(
  session: ReadSession,
  positions: readonly number[],
  visibleTo: DecisionFilter['visibleTo'],
): Promise<StoredDecision[]> {
  const sql = `select l.idx as log_index, l.record, i.input, v.at as voided_at from log_records l
    join decision_inputs i on i.log_index = l.idx left join decision_voids v on v.log_index = l.idx
    where ${session.oneOf('l.idx')} order by l.idx`
  const rows = await session.all(sql, [positions])
  return rows
    .map((row) => ({ decision: recordedDecision(row), input: String(row['input']) }))
    .filter(({ decision }) => isVisible(decision, visibleTo))
}

/** Newest first. */
async function list(session: ReadSession, filter: DecisionFilter, page: PageRequest): Promise<Page<RecordedDecision>> {
  const range = await indexRange(session, filter.from, filter.to)
  const { visibleTo, owned } = filter
  const repositories = await narrowedNames(session, 'decision_repositories', { visibleTo: visibleTo?.repositories, owned })
  if (!range || repositories?.length === 0) return { items: [], next: null }
  const before = cursorKey(page.after)
  const limit = page.limit + 1
  const indexes =
    repositories && !(await isSelective(session, filter))
      ? await walkTogether(session, decisionWalks(session, filter, repositories, range, before, await newestIndex(session), limit))
      : await newestIndexes(
          session,
          byVerdict(filter).map((one) => decisionQuery(session, one, repositories, range, before, limit)),
          limit,
        )
  const items = await withReviews(session, await recordedDecisions(session, indexes.slice(0, page.limit)))
  return { items, next: indexes.length > page.limit ? String(items.at(-1)?.logIndex) : null }
}

async function newestIndex(session: ReadSession): Promise<number> {
  const [row] = await session.all('select max(log_index) as newest from decisions')
  return Number(row?.['newest'] ?? 0)
}

async function newestIndexes(session: ReadSession, queries: readonly DecisionQuery[], limit: number): Promise<number[]> {
  const [only] = queries
  const query =
    queries.length === 1 && only
      ? only
      : {
          sql: `select log_index from (${queries.map(({ sql }) => `select * from (${sql}) as part`).join(' union all ')}) as parts
            order by log_index desc limit ?`,
          parameters: [...queries.flatMap(({ parameters }) => parameters), limit],
        }
  return (await session.all(query.sql, query.parameters)).map((row) => Number(row['log_index']))
}

function isVisible({ repository, environment, stage }: Decision, visibleTo: DecisionFilter['visibleTo']): boolean {
  const { repositories, environments, stages } = visibleTo ?? {}
  if (repositories && (repository === null || !matchesAnyRepository(repositories, repository))) return false
  return (environments?.includes(environment) ?? true) && (stages?.includes(stage) ?? true)
}

/** The decisions at these log indexes, in the same order. */
export async function recordedDecisions(session: ReadSession, indexes: readonly number[]): Promise<RecordedDecision[]> {
  if (indexes.length === 0) return []
  const rows = await session.all(
    `select l.idx as log_index, l.record, v.at as voided_at from log_records l left join decision_voids v on v.log_index = l.idx
      where ${session.oneOf('l.idx')}`,
    [indexes],
  )
  const byIndex = new Map(rows.map((row) => [Number(row['log_index']), row]))
  return indexes.flatMap((index) => {
    const row = byIndex.get(index)
    return row ? [recordedDecision(row)] : []
  })
}

function recordedDecision(row: Record<string, unknown>): RecordedDecision {
  const decision = JSON.parse(String(row['record'])) as Decision
  return { ...decision, logIndex: Number(row['log_index']), voidedAt: voidedAtOf(row) }
}

/** @param row with a column `voided_at` of `decision_voids` */
export function voidedAtOf(row: Record<string, unknown>): string | null {
  const at = row['voided_at']
  return typeof at === 'string' ? at : null
}
