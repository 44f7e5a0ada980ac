import type { DeploymentState, StartedDeployment } from '../../decisions/deployments/deployment.ts'
import type { DeploymentHistory, InFlight, Place, PlacedDeployment, Run } from '../../decisions/rollback/history.ts'
import type { DeploymentStanding } from '../schema/deployments.ts'
import type { Parameter, ReadSession, Row } from './session.ts'

/** In which order what was deployed. */
export function deploymentHistory(session: ReadSession): DeploymentHistory {
  return {
    groundedOf: (subjects, place, limit) => groundedOf(session, subjects, place, limit),
    groundedIn: (place, upTo, limit) => groundedIn(session, place, upTo, limit),
    newestStart: (place, bases, before) => newestStart(session, place, bases, before),
    newestTarget: (place) => newestTarget(session, place),
    current: (place) => current(session, place),
    runs: (subjects, place, limit) => runs(session, subjects, place, limit),
    inFlight: (place, since, limit) => inFlight(session, place, since, limit),
    orderOf: async (id) => {
      const [row] = await session.all('select log_index from deployments where id = ?', [id])
      return row && Number(row['log_index'])
    },
  }
}

const PLACED = `select d.log_index, d.id, d.subject, d.target, d.basis, d.standing, d.received_at, d.succeeded_at, l.record
  from deployments d join log_records l on l.idx = d.log_index`
const IN_PLACE = 'd.environment = ? and d.repository = ? and d.target = ?'

function placeParameters({ environment, repository, target }: Place): Parameter[] {
  return [environment, repository ?? '', target ?? '']
}

async function groundedOf(
  session: ReadSession,
  subjects: readonly string[],
  { environment, repository }: Omit<Place, 'target'>,
  limit: number,
): Promise<PlacedDeployment[]> {
  const rows = await session.all(
    `${PLACED} where ${session.oneOf('d.subject')} and d.basis = 'decision' and d.standing in ('current', 'superseded')
      and ${session.unindexed('d.environment')} = ? and ${session.unindexed('d.repository')} = ? order by d.log_index desc limit ?`,
    [subjects, environment, repository ?? '', limit],
  )
  return rows.map(placedFromRow)
}

async function groundedIn(session: ReadSession, place: Place, upTo: number, limit: number): Promise<PlacedDeployment[]> {
  const rows = await session.all(
    `${PLACED} where ${IN_PLACE} and d.basis = 'decision' and d.log_index <= ? and d.succeeded_at is not null
      order by d.log_index desc limit ?`,
    [...placeParameters(place), upTo, limit],
  )
  return rows.map(placedFromRow)
}

/** One walk for each basis: what is rare isn't looked for among what is frequent. */
async function newestStart(
  session: ReadSession,
  place: Place,
  bases: readonly PlacedDeployment['basis'][],
  before = Number.MAX_SAFE_INTEGER,
): Promise<PlacedDeployment | undefined> {
  const walk = `select max(d.log_index) as log_index from deployments d where ${IN_PLACE} and d.basis = ? and d.log_index < ?`
  const [row] = await session.all(
    `${PLACED} where d.log_index = (select max(log_index) from (${bases.map(() => `select * from (${walk}) as walk`).join(' union all ')}) as walks)`,
    bases.flatMap((basis) => [...placeParameters(place), basis, before]),
  )
  return row && placedFromRow(row)
}

async function newestTarget(session: ReadSession, { environment, repository }: Omit<Place, 'target'>): Promise<string | null | undefined> {
  const [row] = await session.all(
    'select target from deployments where environment = ? and repository = ? order by log_index desc limit 1',
    [environment, repository ?? ''],
  )
  return row && targetOf(row)
}

async function current(session: ReadSession, place: Place): Promise<PlacedDeployment | undefined> {
  const [row] = await session.all(`${PLACED} where ${IN_PLACE} and d.standing = 'current'`, placeParameters(place))
  return row && placedFromRow(row)
}

async function runs(
  session: ReadSession,
  subjects: readonly string[],
  { environment, repository }: Omit<Place, 'target'>,
  limit: number,
): Promise<Run[]> {
  const rows = await session.all(
    `select d.id, d.target, d.succeeded_at,
        (select min(n.succeeded_at) from deployments n where n.environment = d.environment and n.repository = d.repository
          and n.target = d.target and n.succeeded_at > d.succeeded_at) as until
      from deployments d where ${session.oneOf('d.subject')} and d.basis = 'decision' and d.standing in ('current', 'superseded')
        and ${session.unindexed('d.environment')} = ? and ${session.unindexed('d.repository')} = ? order by d.log_index desc limit ?`,
    [subjects, environment, repository ?? '', limit],
  )
  return rows.map((row) => ({
    deployment: String(row['id']),
    target: targetOf(row),
    since: String(row['succeeded_at']),
    until: typeof row['until'] === 'string' ? row['until'] : null,
  }))
}

async function inFlight(
  session: ReadSession,
  { environment, repository }: Omit<Place, 'target'>,
  since: string,
  limit: number,
): Promise<InFlight[]> {
  const rows = await session.all(
    `select id, subject, target, received_at from deployments where environment = ? and repository = ?
      and ${session.unindexed('standing')} = 'started' and received_at > ? order by log_index desc limit ?`,
    [environment, repository ?? '', since, limit],
  )
  return rows.map((row) => ({
    ...{ deployment: String(row['id']), subject: String(row['subject']), target: targetOf(row) },
    since: String(row['received_at']),
  }))
}

function placedFromRow(row: Row): PlacedDeployment {
  const { decisionId, groundedBy } = JSON.parse(String(row['record'])) as StartedDeployment
  return {
    id: String(row['id']),
    subject: String(row['subject']),
    target: targetOf(row),
    basis: row['basis'] as PlacedDeployment['basis'],
    state: stateOf(row['standing'] as DeploymentStanding),
    order: Number(row['log_index']),
    receivedAt: String(row['received_at']),
    succeededAt: typeof row['succeeded_at'] === 'string' ? row['succeeded_at'] : null,
    decisionId,
    groundedBy,
  }
}

function targetOf(row: Row): string | null {
  return row['target'] === '' ? null : String(row['target'])
}

function stateOf(standing: DeploymentStanding): DeploymentState {
  return standing === 'current' || standing === 'superseded' ? 'succeeded' : standing
}
