import type { StoredChange } from '../governance/changes/change.ts'
import type { TokenRecord } from '../auth/ports.ts'
import type { Project, Team } from '../ownership/model.ts'
import type { OwnershipRecords } from '../ownership/ports.ts'

/** A token from its row: the two times that change stand beside the record. */
export function tokenFromRow(row: { record: string; revoked_at: string | null; last_used_at: string | null }): TokenRecord {
  return { ...(JSON.parse(row.record) as TokenRecord), revokedAt: row.revoked_at, lastUsedAt: row.last_used_at }
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
