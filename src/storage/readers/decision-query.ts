import type { DecisionFilter } from '../../decisions/ports.ts'
import { FILTERABLE_CONTEXT, indexedValue } from '../decision-context.ts'
import { Conditions } from './conditions.ts'
import type { Parameter, ReadSession } from './session.ts'
import { storedTime, type IndexRange } from './time-range.ts'
import { isRare, type Walks } from './walks.ts'

/** A filter that can choose the index that the list walks: most selective first. */
type Driver =
  | { table: 'decisions' }
  | { table: 'decision_rules'; rule: string }
  | { table: 'decision_controls'; control: string }
  | { table: 'decision_context'; key: string; value: string }
  | { table: 'reviews'; state: string }

const COLUMNS = ['subject', 'repository', 'actor', 'environment', 'stage', 'verdict'] as const

// A context key that is nearly unique is a better way in than one that many decisions share.
const CONTEXT_ORDER = ['commit', 'execution', 'executionUrl', 'changeTicket', 'startedAt', 'commitTime', 'version'] as const

const NEARLY_UNIQUE: ReadonlySet<string> = new Set(CONTEXT_ORDER)

const VERDICTS = ['allow', 'deny'] as const

export interface DecisionQuery {
  sql: string
  parameters: Parameter[]
}

/**
 * The query for log indexes of one page, newest first. One filter chooses the index that is walked backwards; all others are
 * checked on the narrow row, so that a page costs what it shows wherever the chosen filter is selective.
 * @param repositories the names that the reader may see; undefined for all
 */
export function decisionQuery(
  session: ReadSession,
  filter: DecisionFilter,
  repositories: readonly string[] | undefined,
  { first, last }: IndexRange,
  before: number | undefined,
  limit: number,
): DecisionQuery {
  const driver = chooseDriver(filter)
  const key = driver.table === 'decisions' ? 'd.log_index' : 'w.log_index'
  const conditions = new Conditions()
  if (driver.table === 'decision_rules') conditions.add('w.rule = ?', driver.rule)
  if (driver.table === 'decision_controls') conditions.add('w.control = ?', driver.control)
  if (driver.table === 'decision_context') conditions.add('w.key = ? and w.value = ?', driver.key, driver.value)
  if (driver.table === 'reviews') conditions.add('w.state = ?', driver.state)
  conditions.addIf(before, `${key} < ?`).addIf(first, `${key} >= ?`).addIf(last, `${key} <= ?`)
  addColumns(conditions, session, filter, driver)
  addExistence(conditions, filter, driver)
  addTimes(conditions, filter)
  addVisibility(conditions, session, filter, repositories)
  // CROSS JOIN is how SQLite is told which table comes first.
  const source = driver.table === 'decisions' ? 'decisions d' : `${driver.table} w ${crossJoin(session)}`
  return {
    sql: `select d.log_index from ${source} ${conditions.toSql()} order by ${key} desc limit ?`,
    parameters: [...conditions.parameters, limit],
  }
}

function crossJoin({ engine }: ReadSession): string {
  return `${engine === 'sqlite' ? 'cross join' : 'join'} decisions d on d.log_index = w.log_index`
}

function chooseDriver(filter: DecisionFilter): Driver {
  const { subject, repository, rule, control, review } = filter
  const [context] = contextFilters(filter)
  if (review !== undefined) return { table: 'reviews', state: review }
  if (subject !== undefined) return { table: 'decisions' }
  if (context && NEARLY_UNIQUE.has(context.key)) return { table: 'decision_context', ...context }
  if (repository !== undefined) return { table: 'decisions' }
  if (rule !== undefined) return { table: 'decision_rules', rule }
  if (control !== undefined) return { table: 'decision_controls', control }
  return context ? { table: 'decision_context', ...context } : { table: 'decisions' }
}

/** True if so few decisions fit a filter that its index is the best way in, whatever repositories they may be of. */
export async function isSelective(session: ReadSession, filter: DecisionFilter): Promise<boolean> {
  const { subject, repository } = filter
  if (subject !== undefined || repository !== undefined) return true
  const driver = chooseDriver(filter)
  if (driver.table === 'reviews') return isRare(session, driver.table, new Conditions().add('state = ?', driver.state))
  if (driver.table === 'decision_rules') return isRare(session, driver.table, new Conditions().add('rule = ?', driver.rule))
  if (driver.table === 'decision_controls') return isRare(session, driver.table, new Conditions().add('control = ?', driver.control))
  if (driver.table === 'decision_context') {
    const conditions = new Conditions().add('key = ? and value = ?', driver.key, driver.value)
    return NEARLY_UNIQUE.has(driver.key) || isRare(session, driver.table, conditions)
  }
  const column = COLUMNS.find((name) => filter[name] !== undefined)
  return (
    column !== undefined && column !== 'verdict' && isRare(session, 'decisions', new Conditions().addIf(filter[column], `${column} = ?`))
  )
}

/**
 * The walks of a list that is narrowed to some repositories, newest first: one for each of them and each verdict.
 * @param newest log index of the newest decision of all
 */
export function decisionWalks(
  session: ReadSession,
  filter: DecisionFilter,
  repositories: readonly string[],
  { first, last }: IndexRange,
  before: number | undefined,
  newest: number,
  limit: number,
): Walks {
  const { verdict, ...others } = filter
  const conditions = new Conditions().addIf(before, 'd.log_index < ?').addIf(first, 'd.log_index >= ?').addIf(last, 'd.log_index <= ?')
  for (const column of COLUMNS) {
    if (column !== 'verdict') conditions.addIf(others[column], `${session.unindexed(`d.${column}`)} = ?`)
  }
  addExistence(conditions, filter, { table: 'decisions' })
  addTimes(conditions, filter)
  addVisibility(conditions, session, filter, undefined)
  return {
    from: 'decisions d',
    columns: [
      { name: 'd.repository', type: 'text', values: repositories },
      { name: 'd.verdict', type: 'text', values: verdict === undefined ? VERDICTS : [verdict] },
    ],
    key: 'd.log_index',
    order: 'desc',
    begin: Math.min(before ?? Infinity, last ?? Infinity, newest),
    conditions,
    limit,
  }
}

/**
 * Splits a filter into filters that exclude one another and of which each can walk one index backwards; the newest of their rows together are
 * the list. The indexes of some columns go on with the verdict: without one, both verdicts are read side by side.
 */
export function byVerdict(filter: DecisionFilter): DecisionFilter[] {
  const { subject, repository, actor, environment, stage, verdict } = filter
  const walksColumn = chooseDriver(filter).table === 'decisions' && subject === undefined
  const goesOn = [repository, actor, environment, stage].some((value) => value !== undefined)
  return walksColumn && goesOn && verdict === undefined ? VERDICTS.map((each) => ({ ...filter, verdict: each })) : [filter]
}

function contextFilters({ context = {} }: DecisionFilter): { key: string; value: string }[] {
  const ordered = new Set<string>([...CONTEXT_ORDER, ...FILTERABLE_CONTEXT])
  return [...ordered].flatMap((key) => {
    const value = context[key]
    return value === undefined ? [] : [{ key, value: indexedValue(value) }]
  })
}

function addColumns(conditions: Conditions, session: ReadSession, filter: DecisionFilter, driver: Driver): void {
  const [chosen] = driver.table === 'decisions' ? COLUMNS.filter((column) => filter[column] !== undefined) : []
  for (const column of COLUMNS) {
    const indexed = column === chosen || (column === 'verdict' && chosen !== undefined && chosen !== 'subject')
    conditions.addIf(filter[column], `${indexed ? `d.${column}` : session.unindexed(`d.${column}`)} = ?`)
  }
}

// `offset 0` changes nothing but keeps PostgreSQL from turning the lookup into a join of whole tables.
function addExistence(conditions: Conditions, filter: DecisionFilter, driver: Driver): void {
  for (const { key, value } of contextFilters(filter)) {
    if (driver.table === 'decision_context' && driver.key === key) continue
    conditions.add(
      'exists (select 1 from decision_context c where c.key = ? and c.value = ? and c.log_index = d.log_index limit 1 offset 0)',
      key,
      value,
    )
  }
  if (filter.rule !== undefined && driver.table !== 'decision_rules') {
    conditions.add('exists (select 1 from decision_rules r where r.rule = ? and r.log_index = d.log_index limit 1 offset 0)', filter.rule)
  }
  if (filter.control !== undefined && driver.table !== 'decision_controls') {
    conditions.add(
      'exists (select 1 from decision_controls s where s.control = ? and s.log_index = d.log_index limit 1 offset 0)',
      filter.control,
    )
  }
  if (filter.review !== undefined && driver.table !== 'reviews') {
    conditions.add('exists (select 1 from reviews v where v.state = ? and v.log_index = d.log_index limit 1 offset 0)', filter.review)
  }
}

/** `from` is inclusive, `to` exclusive. */
function addTimes(conditions: Conditions, { from, to }: DecisionFilter): void {
  conditions.addIf(from && storedTime(from), 'd.at >= ?').addIf(to && storedTime(to), 'd.at < ?')
}

/** Keeps to what a confined reader may see. @param repositories their names; undefined for all */
export function addVisibility(
  conditions: Conditions,
  session: ReadSession,
  { visibleTo }: DecisionFilter,
  repositories: readonly string[] | undefined,
): void {
  conditions.addIf(repositories, session.oneOf(session.unindexed('d.repository')))
  conditions.addIf(visibleTo?.environments, session.oneOf(session.unindexed('d.environment')))
  conditions.addIf(visibleTo?.stages, session.oneOf(session.unindexed('d.stage')))
}
