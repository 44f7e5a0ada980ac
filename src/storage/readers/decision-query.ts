import type { DecisionFilter } from '../../decisions/ports.ts'
import { FILTERABLE_CONTEXT, indexedValue } from '../decision-context.ts'
import { Conditions } from './conditions.ts'
import type { Parameter, ReadSession } from './session.ts'
import { storedTime, type IndexRange } from './time-range.ts'

/** A filter that can choose the index that the list walks: most selective first. */
type Driver = { table: 'decisions' } | { table: 'decision_rules'; rule: string } | { table: 'decision_context'; key: string; value: string }

const COLUMNS = ['subject', 'repository', 'actor', 'environment', 'stage', 'verdict'] as const

// A context key that is nearly unique is a better way in than one that many decisions share.
const CONTEXT_ORDER = ['commit', 'execution', 'executionUrl', 'changeTicket', 'startedAt', 'commitTime', 'version'] as const

const NEARLY_UNIQUE: ReadonlySet<string> = new Set(CONTEXT_ORDER)

const VERDICTS = ['allow', 'deny'] as const

// Twice as many selects must stay below the 500 that SQLite joins in one.
const MAX_SEPARATE_REPOSITORIES = 200

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
  if (driver.table === 'decision_context') conditions.add('w.key = ? and w.value = ?', driver.key, driver.value)
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
  const { subject, repository, rule } = filter
  const [context] = contextFilters(filter)
  if (subject !== undefined) return { table: 'decisions' }
  if (context && NEARLY_UNIQUE.has(context.key)) return { table: 'decision_context', ...context }
  if (repository !== undefined) return { table: 'decisions' }
  if (rule !== undefined) return { table: 'decision_rules', rule }
  return context ? { table: 'decision_context', ...context } : { table: 'decisions' }
}

/**
 * Splits a filter into filters that exclude one another and of which each can walk one index backwards; the newest of their rows
 * together are the list. So no list sorts more rows than it shows.
 */
export function separateFilters(filter: DecisionFilter, repositories: readonly string[] | undefined): DecisionFilter[] {
  const selective =
    filter.subject !== undefined || filter.repository !== undefined || contextFilters(filter).some(({ key }) => NEARLY_UNIQUE.has(key))
  const few = !selective && repositories !== undefined && repositories.length <= MAX_SEPARATE_REPOSITORIES
  const byRepository = few ? repositories.map((repository) => ({ ...filter, repository })) : [filter]
  return byRepository.flatMap(byVerdict)
}

/** The indexes of some columns go on with the verdict: without one, both verdicts are read side by side. */
function byVerdict(filter: DecisionFilter): DecisionFilter[] {
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

function addColumns(conditions: Conditions, { engine }: ReadSession, filter: DecisionFilter, driver: Driver): void {
  const [chosen] = driver.table === 'decisions' ? COLUMNS.filter((column) => filter[column] !== undefined) : []
  for (const column of COLUMNS) {
    const indexed = column === chosen || (column === 'verdict' && chosen !== undefined && chosen !== 'subject')
    // `+` keeps SQLite from walking another index than the chosen one.
    conditions.addIf(filter[column], `${indexed || engine === 'postgres' ? '' : '+'}d.${column} = ?`)
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
}

/** `from` is inclusive, `to` exclusive. */
function addTimes(conditions: Conditions, { from, to }: DecisionFilter): void {
  conditions.addIf(from && storedTime(from), 'd.at >= ?').addIf(to && storedTime(to), 'd.at < ?')
}

function addVisibility(
  conditions: Conditions,
  session: ReadSession,
  { visibleTo }: DecisionFilter,
  repositories: readonly string[] | undefined,
): void {
  const plus = session.engine === 'sqlite' ? '+' : ''
  conditions.addIf(repositories, session.oneOf(`${plus}d.repository`))
  conditions.addIf(visibleTo?.environments, session.oneOf(`${plus}d.environment`))
  conditions.addIf(visibleTo?.stages, session.oneOf(`${plus}d.stage`))
}
