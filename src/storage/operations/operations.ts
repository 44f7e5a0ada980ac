import { parseInstant, formatInstant } from '../../core/time.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import type { NewOperation, StoredOperation } from '../../operations/model.ts'
import type { Lease, OperationEnd, OperationProgress } from '../../operations/ports.ts'
import { operationFromRow, type OperationRow } from '../rows.ts'
import { earlierResource, keepClaim } from '../writer/idempotency.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { appendWithRecord } from './records.ts'

export interface StartOperation {
  operation: NewOperation
  entry: EntryDraft
  record: object
  idempotency: IdempotencyClaim | undefined
}

/** Writes an operation that is to be run. */
export async function startOperation(
  batch: WriteBatch,
  { operation, entry, record, idempotency }: StartOperation,
): Promise<{ operation: StoredOperation; repeated: boolean }> {
  const earlier = await earlierResource(batch, idempotency, entry.at)
  if (earlier !== undefined) return { operation: operationFromRow(await rowOf(batch, earlier)), repeated: true }
  await batch.engine.kysely
    .insertInto('operations')
    .values({
      ...{ id: operation.id, kind: operation.kind, state: 'running', owner: operation.ownerId, record: JSON.stringify(operation) },
      ...{ done: 0, total: 0, checkpoint: 'null', result: 'null', error: 'null', started_at: null, finished_at: null },
      ...{ attempts: 0, runner: null, leased_until: 0 },
    })
    .execute()
  appendWithRecord(batch, entry, record)
  keepClaim(batch, idempotency, operation.id)
  return { operation: operationFromRow(await rowOf(batch, operation.id)), repeated: false }
}

/** Writers take turns, so no two runners take up the same. */
export async function claimOperation(
  batch: WriteBatch,
  { kinds, lease, exclusive }: { kinds: readonly string[]; lease: Lease; exclusive: boolean },
): Promise<StoredOperation | undefined> {
  const row = await batch.engine.kysely
    .selectFrom('operations')
    .select(['id', 'started_at'])
    .where('state', '=', 'running')
    .where('kind', 'in', [...kinds])
    // A process that has the database for itself knows that every other runner is gone.
    .where((eb) => eb.or([eb('runner', 'is', null), exclusive ? eb('runner', '<>', lease.runner) : eb('leased_until', '<', lease.now)]))
    .orderBy('no')
    .executeTakeFirst()
  if (!row) return undefined
  await batch.engine.kysely
    .updateTable('operations')
    .set((eb) => ({
      ...{ runner: lease.runner, leased_until: lease.until, attempts: eb('attempts', '+', 1) },
      started_at: row.started_at ?? formatInstant(lease.now),
    }))
    .where('id', '=', row.id)
    .execute()
  return operationFromRow(await rowOf(batch, row.id))
}

/** Keeps how far an operation got, with what it found: all or nothing. @returns false if it isn't the runner's any more */
export async function saveOperation(
  batch: WriteBatch,
  { id, progress, lease }: { id: string; progress: OperationProgress; lease: Lease },
): Promise<boolean> {
  const row = await rowOf(batch, id)
  if (row.state !== 'running' || row.runner !== lease.runner) return false
  for (const { no, item } of progress.items) {
    await batch.engine.run('insert into operation_items (operation_no, no, item) values (?, ?, ?)', [row.no, no, JSON.stringify(item)])
  }
  await batch.engine.kysely
    .updateTable('operations')
    .set({
      ...{ done: progress.done, total: progress.total, checkpoint: JSON.stringify(progress.checkpoint) },
      ...{ attempts: 0, leased_until: lease.until },
    })
    .where('id', '=', id)
    .execute()
  return true
}

/** Gives an operation back, so that another runner takes it up; that this one did counts for nothing. */
export async function releaseOperation(batch: WriteBatch, { id, runner }: { id: string; runner: string }): Promise<void> {
  await batch.engine.run('update operations set runner = null, leased_until = 0, attempts = 0 where id = ? and runner = ?', [id, runner])
}

/** Writes how an operation ended, unless it ended before or belongs to another runner by now. */
export async function finishOperation(
  batch: WriteBatch,
  { end, runner }: { end: OperationEnd; runner: string | undefined },
): Promise<boolean> {
  const row = await rowOf(batch, end.id)
  if (row.state !== 'running' || (runner !== undefined && row.runner !== runner)) return false
  await batch.engine.kysely
    .updateTable('operations')
    .set({
      ...{ state: end.state, result: JSON.stringify(end.result ?? null), error: JSON.stringify(end.error) },
      ...{ finished_at: formatInstant(parseInstant(end.at) ?? 0), runner: null, leased_until: 0 },
    })
    .where('id', '=', end.id)
    .execute()
  appendWithRecord(batch, end.entry, end.record)
  return true
}

async function rowOf({ engine }: WriteBatch, id: string): Promise<OperationRow> {
  return engine.kysely.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}
