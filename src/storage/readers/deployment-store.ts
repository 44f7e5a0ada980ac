import type { Page, PageRequest } from '../../core/page.ts'
import { matchesAnyRepository } from '../../core/repository.ts'
import { deploymentOf, type Deployment, type DeploymentEnd, type StartedDeployment } from '../../decisions/deployments/deployment.ts'
import type { DeploymentFilter, DeploymentStore } from '../../decisions/deployments/ports.ts'
import type { GroundedDeployment } from '../../decisions/ports.ts'
import type { WriterClient } from '../writer/client.ts'
import { cursorKey } from './cursor.ts'
import { deploymentQuery, deploymentWalks, groundedQuery, type DeploymentList } from './deployment-query.ts'
import { narrowedNames } from './narrowing.ts'
import type { ReadSession, Row } from './session.ts'
import { indexRange } from './time-range.ts'
import { walkTogether } from './walks.ts'

/** Deployments with their log entries. */
export function deploymentStore(session: ReadSession, writer: WriterClient): DeploymentStore {
  return {
    start: (record) => writer.submit('startDeployment', record),
    finish: (record) => writer.submit('finishDeployment', record),
    find: (id, visibleTo) => find(session, id, visibleTo),
    list: (filter, page) => list(session, filter, page),
  }
}

const RECORDS = `select d.log_index, d.finish_index, s.record as started, f.record as ended
  from deployments d join log_records s on s.idx = d.log_index left join log_records f on f.idx = d.finish_index`

async function find(session: ReadSession, id: string, visibleTo: DeploymentFilter['visibleTo']): Promise<Deployment | undefined> {
  const [row] = await session.all(`${RECORDS} where d.id = ?`, [id])
  const deployment = row && deploymentFromRow(row)
  return deployment && isVisible(deployment, visibleTo) ? deployment : undefined
}

async function list(session: ReadSession, filter: DeploymentFilter, page: PageRequest): Promise<Page<Deployment>> {
  const range = await indexRange(session, filter.from, filter.to)
  const { visibleTo, owned } = filter
  const repositories = await narrowedNames(session, 'deployment_repositories', { visibleTo: visibleTo?.repositories, owned })
  if (!range || repositories?.length === 0) return { items: [], next: null }
  const indexes = await logIndexes(session, { filter, repositories, range, before: cursorKey(page.after), limit: page.limit + 1 })
  const items = await deploymentsAt(session, indexes.slice(0, page.limit))
  return { items, next: indexes.length > page.limit ? String(items.at(-1)?.logIndex) : null }
}

async function newestIndex(session: ReadSession): Promise<number> {
  const [row] = await session.all('select max(log_index) as newest from deployments')
  return Number(row?.['newest'] ?? 0)
}

async function logIndexes(session: ReadSession, wanted: DeploymentList): Promise<number[]> {
  const walks = deploymentWalks(session, wanted, await newestIndex(session))
  if (walks) return walkTogether(session, walks)
  const query = deploymentQuery(session, wanted)
  return query ? (await session.all(query.sql, query.parameters)).map((row) => Number(row['log_index'])) : []
}

function isVisible({ repository, environment }: Deployment, visibleTo: DeploymentFilter['visibleTo']): boolean {
  const { repositories, environments } = visibleTo ?? {}
  if (repositories && (repository === null || !matchesAnyRepository(repositories, repository))) return false
  return environments?.includes(environment) ?? true
}

/** The deployments at these log indexes, in the same order. */
async function deploymentsAt(session: ReadSession, indexes: readonly number[]): Promise<Deployment[]> {
  if (indexes.length === 0) return []
  const rows = await session.all(`${RECORDS} where ${session.oneOf('d.log_index')}`, [indexes])
  const byIndex = new Map(rows.map((row) => [Number(row['log_index']), deploymentFromRow(row)]))
  return indexes.flatMap((index) => byIndex.get(index) ?? [])
}

function deploymentFromRow(row: Row): Deployment {
  const started = JSON.parse(String(row['started'])) as StartedDeployment
  const ended = typeof row['ended'] === 'string' ? (JSON.parse(row['ended']) as DeploymentEnd) : undefined
  return deploymentOf(started, Number(row['log_index']), ended && { ...ended, logIndex: Number(row['finish_index']) })
}

/** `FactsReader.groundedDeployments`. */
export async function groundedDeployments(session: ReadSession, ...where: Parameters<typeof groundedQuery>): Promise<GroundedDeployment[]> {
  const { sql, parameters } = groundedQuery(...where)
  return (await session.all(sql, parameters)).map((row) => ({
    id: String(row['id']),
    subject: String(row['subject']),
    target: row['target'] === '' ? null : String(row['target']),
    finishedAt: String(row['succeeded_at']),
    groundedBy: String((JSON.parse(String(row['record'])) as StartedDeployment).groundedBy),
  }))
}
