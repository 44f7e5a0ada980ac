import { formatInstant } from '../../core/time.ts'
import type { DeploymentFilter } from '../../decisions/deployments/ports.ts'
import type { DeploymentBasis, DeploymentStanding } from '../schema/deployments.ts'
import { Conditions } from './conditions.ts'
import type { Parameter, ReadSession } from './session.ts'
import { storedTime, type IndexRange } from './time-range.ts'
import type { Walks } from './walks.ts'

const BASES: readonly DeploymentBasis[] = ['decision', 'rollback', 'none']
const STANDINGS: readonly DeploymentStanding[] = ['started', 'current', 'superseded', 'failed', 'rolled-back']

/** The columns that have an index of their own, most selective first. */
const COLUMNS = ['subject', 'repository', 'target', 'environment'] as const

// Times bases and standings they must stay below the 500 selects that SQLite joins in one.
const MAX_SEPARATE_PLACES = 30

export interface DeploymentQuery {
  sql: string
  parameters: Parameter[]
}

/** What a page is read from. */
export interface DeploymentList {
  filter: DeploymentFilter
  /** The names that the reader may see; undefined for all. */
  repositories: readonly string[] | undefined
  range: IndexRange
  /** Log index before which the page starts. */
  before: number | undefined
  limit: number
}

/**
 * The query for log indexes of one page, newest first. It is put together from walks that exclude one another: each goes backwards
 * through one index, for one basis and one standing, and stops after a page. So nothing rare is looked for among what is frequent, and no
 * more rows are sorted than a few pages.
 * @returns undefined if no deployment can be what the filter asks for
 */
export function deploymentQuery(session: ReadSession, list: DeploymentList): DeploymentQuery | undefined {
  const walks = separate(list).map((walk) => walkQuery(session, list, walk))
  const [only] = walks
  if (walks.length <= 1) return only
  return {
    sql: `select log_index from (${walks.map(({ sql }) => `select * from (${sql}) as walk`).join(' union all ')}) as walks
      order by log_index desc limit ?`,
    parameters: [...walks.flatMap(({ parameters }) => parameters), list.limit],
  }
}

/**
 * The walks of a list that is narrowed to some repositories: one for each of them, each basis and each standing.
 * @param newest log index of the newest start of all
 * @returns undefined if it is not, or another filter is more selective
 */
export function deploymentWalks(session: ReadSession, list: DeploymentList, newest: number): Walks | undefined {
  const { filter, repositories, limit } = list
  if (!repositories || [filter.subject, filter.repository, filter.target].some((value) => value !== undefined)) return undefined
  const conditions = new Conditions()
  for (const column of COLUMNS) conditions.addIf(filter[column], `${session.unindexed(column)} = ?`)
  addRange(conditions, list)
  conditions.addIf(filter.visibleTo?.environments, session.oneOf(session.unindexed('environment')))
  return {
    from: 'deployments',
    columns: [
      { name: 'repository', type: 'text', values: repositories },
      { name: 'basis', type: 'text', values: basesOf(filter) },
      { name: 'standing', type: 'text', values: standingsOf(filter) },
    ],
    key: 'log_index',
    order: 'desc',
    begin: Math.min(list.before ?? Infinity, list.range.last ?? Infinity, newest),
    conditions,
    limit,
  }
}

interface Walk {
  place: Pick<DeploymentFilter, 'repository' | 'environment'>
  basis: DeploymentBasis
  standing: DeploymentStanding
}

function separate({ filter }: DeploymentList): Walk[] {
  return separatePlaces(filter).flatMap((place) =>
    basesOf(filter).flatMap((basis) => standingsOf(filter).map((standing) => ({ place, basis, standing }))),
  )
}

/** A confined reader's few environments are walked one by one unless a filter is more selective. */
function separatePlaces({ subject, repository, environment, visibleTo }: DeploymentFilter): Walk['place'][] {
  const environments = visibleTo?.environments && [...new Set(visibleTo.environments)]
  const own = { ...(repository !== undefined && { repository }), ...(environment !== undefined && { environment }) }
  if (subject !== undefined || repository !== undefined || environment !== undefined) return [own]
  return environments && environments.length <= MAX_SEPARATE_PLACES ? environments.map((name) => ({ environment: name })) : [own]
}

function basesOf({ grounded, bypass }: DeploymentFilter): DeploymentBasis[] {
  return BASES.filter(
    (basis) => (grounded === undefined || grounded === (basis === 'decision')) && (bypass === undefined || bypass === (basis === 'none')),
  )
}

function standingsOf({ state, current }: DeploymentFilter): DeploymentStanding[] {
  return STANDINGS.filter((standing) => {
    const isCurrent = standing === 'current'
    const stateOf = isCurrent || standing === 'superseded' ? 'succeeded' : standing
    return (state === undefined || state === stateOf) && (current === undefined || isCurrent)
  })
}

function walkQuery(session: ReadSession, list: DeploymentList, { place, basis, standing }: Walk): DeploymentQuery {
  const { filter, repositories, limit } = list
  const wanted = { ...filter, ...place }
  const chosen = COLUMNS.find((column) => wanted[column] !== undefined)
  const conditions = new Conditions().add('basis = ? and standing = ?', basis, standing)
  for (const column of COLUMNS) conditions.addIf(wanted[column], `${column === chosen ? column : session.unindexed(column)} = ?`)
  addRange(conditions, list)
  conditions
    .addIf(repositories, session.oneOf(session.unindexed('repository')))
    .addIf(filter.visibleTo?.environments, session.oneOf(session.unindexed('environment')))
  return {
    sql: `select log_index from deployments ${conditions.toSql()} order by log_index desc limit ?`,
    parameters: [...conditions.parameters, limit],
  }
}

function addRange(conditions: Conditions, { filter, range, before }: DeploymentList): void {
  conditions
    .addIf(before, 'log_index < ?')
    .addIf(range.first, 'log_index >= ?')
    .addIf(range.last, 'log_index <= ?')
    // `from` is inclusive, `to` exclusive.
    .addIf(filter.from && storedTime(filter.from), 'received_at >= ?')
    .addIf(filter.to && storedTime(filter.to), 'received_at < ?')
}

/** The query for deployments that others may rely on, the newest success first. @param before milliseconds since the epoch */
export function groundedQuery(
  environment: string,
  repository: string | null,
  before: number,
  limit: number,
  notSubject?: string,
): DeploymentQuery {
  const conditions = new Conditions()
    // In the text, as the index of these alone has it.
    .add(`basis = 'decision'`)
    .add('environment = ? and repository = ?', environment, repository ?? '')
    .add('succeeded_at < ?', formatInstant(before))
    .addIf(notSubject, 'subject <> ?')
  return {
    sql: `select d.id, d.subject, d.target, d.succeeded_at, l.record from deployments d join log_records l on l.idx = d.log_index
      ${conditions.toSql()} order by d.succeeded_at desc, d.finish_index desc limit ?`,
    parameters: [...conditions.parameters, limit],
  }
}
