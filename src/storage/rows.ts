import type { Approval } from '../governance/approvals/approval.ts'
import type { Block, StoredBlock } from '../governance/blocks/block.ts'
import type { StoredChange } from '../governance/changes/change.ts'
import type { TokenRecord } from '../auth/ports.ts'
import type { Project, Team } from '../ownership/model.ts'
import type { OwnershipRecords } from '../ownership/ports.ts'
import type { Selectable } from 'kysely'

import type { NewOperation, OperationFailure, StoredOperation } from '../operations/model.ts'
import type { BlockTable } from './schema/blocks.ts'
import type { TokenTable } from './schema/auth.ts'
import type { OperationTable } from './schema/operations.ts'

/** The columns that a token is read from. */
export type TokenRow = Pick<TokenTable, 'record' | 'superseded_by' | 'overlap_until' | 'revoked_at' | 'last_used_at'>

/** A token from its row: what changes stands beside the record. */
export function tokenFromRow(row: TokenRow): TokenRecord {
  return {
    ...(JSON.parse(row.record) as TokenRecord),
    supersededBy: row.superseded_by,
    overlapUntil: row.overlap_until,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  }
}

/** Projects and teams from rows that say which they are. */
export function ownershipFromRows(rows: readonly { kind: string; record: string }[]): OwnershipRecords {
  const recordsOf = (wanted: string): unknown[] =>
    rows.filter(({ kind }) => kind === wanted).map(({ record }): unknown => JSON.parse(record))
  return { projects: recordsOf('project') as Project[], teams: recordsOf('team') as Team[] }
}

/** A change from its row: the state stands beside the record. */
export function changeFromRow(row: { record: string; state: StoredChange['state'] }): StoredChange {
  return { ...(JSON.parse(row.record) as StoredChange), state: row.state }
}

/** An approval from its row: the state stands beside the record. */
export function approvalFromRow(row: { record: string; state: Approval['state'] }): Approval {
  return { ...(JSON.parse(row.record) as Approval), state: row.state }
}

export type OperationRow = Selectable<OperationTable>

/** An operation from its row: what changes stands beside the record. */
export function operationFromRow(row: OperationRow): StoredOperation {
  return {
    ...(JSON.parse(row.record) as NewOperation),
    ...{ state: row.state, done: row.done, total: row.total, attempts: row.attempts },
    ...{ startedAt: row.started_at, finishedAt: row.finished_at },
    checkpoint: JSON.parse(row.checkpoint) as unknown,
    result: JSON.parse(row.result) as unknown,
    error: JSON.parse(row.error) as OperationFailure | null,
  }
}

/** The columns that a block is read from. */
export type BlockRow = Pick<BlockTable, 'record' | 'lifted_at' | 'lifted_by'>

/** A block from its row: who lifted it stands beside the record. */
export function blockFromRow(row: BlockRow): StoredBlock {
  return { ...(JSON.parse(row.record) as Block), liftedAt: row.lifted_at, liftedBy: row.lifted_by }
}
