import type { TokenRecord } from '../auth/ports.ts'

/** A token from its row: the two times that change stand beside the record. */
export function tokenFromRow(row: { record: string; revoked_at: string | null; last_used_at: string | null }): TokenRecord {
  return { ...(JSON.parse(row.record) as TokenRecord), revokedAt: row.revoked_at, lastUsedAt: row.last_used_at }
}
