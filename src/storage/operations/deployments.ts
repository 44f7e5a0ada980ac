import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import { deploymentOf, type Deployment, type DeploymentEnd, type StartedDeployment } from '../../decisions/deployments/deployment.ts'
import type { DeploymentBasis } from '../schema/deployments.ts'
import { earlierResource, keepClaim } from '../writer/idempotency.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { appendWithRecord } from './records.ts'

export interface StartDeployment {
  deployment: StartedDeployment
  entry: EntryDraft
  idempotency: IdempotencyClaim | undefined
}

/** Writes a deployment that starts. */
export async function startDeployment(
  batch: WriteBatch,
  { deployment, entry, idempotency }: StartDeployment,
): Promise<{ deployment: Deployment; repeated: boolean }> {
  const earlier = await earlierResource(batch, idempotency, entry.at)
  if (earlier !== undefined) return { deployment: await asStarted(batch, earlier), repeated: true }
  const { id, subject, environment, target, repository, receivedAt } = deployment
  const logIndex = appendWithRecord(batch, entry, deployment, repository)
  await batch.engine.kysely
    .insertInto('deployments')
    .values({
      ...{ log_index: logIndex, id, subject, environment, target: target ?? '', repository: repository ?? '' },
      ...{ basis: basisOf(deployment), standing: 'started', received_at: receivedAt },
    })
    .execute()
  if (repository !== null) {
    await batch.engine.run('insert into deployment_repositories (name) values (?) on conflict do nothing', [repository])
  }
  keepClaim(batch, idempotency, id)
  return { deployment: deploymentOf(deployment, logIndex), repeated: false }
}

/** Writes how a deployment ended, unless that was written before. */
export async function finishDeployment(
  batch: WriteBatch,
  { end, entry }: { end: DeploymentEnd; entry: EntryDraft },
): Promise<{ deployment: Deployment; recorded: boolean }> {
  const row = await rowOf(batch, end.deployment)
  const started = (await recordAt(batch, row.log_index)) as StartedDeployment
  if (row.finish_index !== null) {
    const earlier = (await recordAt(batch, row.finish_index)) as DeploymentEnd
    return { deployment: deploymentOf(started, row.log_index, { ...earlier, logIndex: row.finish_index }), recorded: false }
  }
  const logIndex = appendWithRecord(batch, entry, end, started.repository)
  await markEnded(batch, row, end, logIndex)
  return { deployment: deploymentOf(started, row.log_index, { ...end, logIndex }), recorded: true }
}

type DeploymentRow = Awaited<ReturnType<typeof rowOf>>

// With the standing in the text, as the index of the current ones has it.
const SUPERSEDE = `update deployments set standing = 'superseded'
  where standing = 'current' and environment = ? and target = ? and repository = ?`

async function markEnded(
  batch: WriteBatch,
  row: DeploymentRow,
  { outcome, finishedAt }: DeploymentEnd,
  finishIndex: number,
): Promise<void> {
  const succeeded = outcome === 'succeeded'
  if (succeeded) await batch.engine.run(SUPERSEDE, [row.environment, row.target, row.repository])
  await batch.engine.kysely
    .updateTable('deployments')
    .set({ standing: succeeded ? 'current' : outcome, finish_index: finishIndex, succeeded_at: succeeded ? finishedAt : null })
    .where('log_index', '=', row.log_index)
    .execute()
}

function basisOf({ grounded, bypass }: StartedDeployment): DeploymentBasis {
  if (grounded) return 'decision'
  return bypass ? 'none' : 'rollback'
}

async function asStarted(batch: WriteBatch, id: string): Promise<Deployment> {
  const { log_index: logIndex } = await rowOf(batch, id)
  return deploymentOf((await recordAt(batch, logIndex)) as StartedDeployment, logIndex)
}

function rowOf(batch: WriteBatch, id: string) {
  return batch.engine.kysely.selectFrom('deployments').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

async function recordAt(batch: WriteBatch, index: number): Promise<unknown> {
  const row = await batch.engine.kysely.selectFrom('log_records').select('record').where('idx', '=', index).executeTakeFirstOrThrow()
  return JSON.parse(row.record)
}
