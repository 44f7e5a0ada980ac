import { AppError } from '../../core/app-error.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import { mayDoEverything, scopesOf } from '../../auth/authorize.ts'
import type { TokenRecord } from '../../auth/ports.ts'
import { tokenRecord } from '../../auth/records.ts'
import type { StorageErrorCode } from '../errors.ts'
import { tokenFromRow } from '../rows.ts'
import { earlierResource, keepClaim } from '../writer/idempotency.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { appendWithRecord } from './records.ts'

interface CreateToken {
  token: TokenRecord
  entry: EntryDraft
  idempotency: IdempotencyClaim | undefined
}

/** @throws {AppError} `idempotency_repeated` if a request with the same key was faster: its answer must be fetched, not made again */
export async function createToken(batch: WriteBatch, { token, entry, idempotency }: CreateToken): Promise<void> {
  if ((await earlierResource(batch, idempotency, entry.at)) !== undefined) {
    throw new AppError<StorageErrorCode>('idempotency_repeated', 'The same request was carried out a moment ago.', {
      remedy: 'Send the request once more to get its answer.',
    })
  }
  await insertToken(batch, token)
  appendWithRecord(batch, entry, tokenRecord(token))
  keepClaim(batch, idempotency, token.id)
}

/** @returns false if there is no such token; a token that was revoked before stays as it is */
export async function revokeToken(batch: WriteBatch, { id, at, entry }: { id: string; at: string; entry: EntryDraft }): Promise<boolean> {
  const token = await findToken(batch, id)
  if (!token) return false
  if (token.revokedAt !== null) return true
  await setRevoked(batch, id, at)
  appendWithRecord(batch, entry, tokenRecord({ ...token, revokedAt: at }))
  return true
}

interface RotateToken {
  id: string
  at: string
  successor: TokenRecord
  /** The one of the revoked token, then the one of its successor. */
  entries: readonly EntryDraft[]
}

/** @returns false if the old token is missing or revoked */
export async function rotateToken(batch: WriteBatch, { id, at, successor, entries }: RotateToken): Promise<boolean> {
  const token = await findToken(batch, id)
  if (!token || token.revokedAt !== null) return false
  const [revoked, issued] = entries
  if (!revoked || !issued) throw new TypeError('a rotation has two log entries')
  await setRevoked(batch, id, at)
  appendWithRecord(batch, revoked, tokenRecord({ ...token, revokedAt: at }))
  await insertToken(batch, successor)
  appendWithRecord(batch, issued, tokenRecord(successor))
  return true
}

/** Notes last uses; an older time never replaces a newer one. */
export async function touchTokens(batch: WriteBatch, uses: readonly (readonly [id: string, at: string])[]): Promise<void> {
  for (const [id, at] of uses) {
    await batch.engine.run('update tokens set last_used_at = ? where id = ? and (last_used_at is null or last_used_at < ?)', [at, id, at])
  }
}

async function insertToken(batch: WriteBatch, token: TokenRecord): Promise<void> {
  const { id, hash, principalId, revokedAt, lastUsedAt } = token
  const admin = mayDoEverything({ scopes: scopesOf(token), confinement: token.confinement }) ? 1 : 0
  await batch.engine.kysely
    .insertInto('tokens')
    .values({ id, hash, principal_id: principalId, revoked_at: revokedAt, last_used_at: lastUsedAt, admin, record: JSON.stringify(token) })
    .execute()
  batch.touch('tokens')
}

async function findToken(batch: WriteBatch, id: string): Promise<TokenRecord | undefined> {
  const row = await batch.engine.kysely.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
  return row && tokenFromRow(row)
}

async function setRevoked(batch: WriteBatch, id: string, at: string): Promise<void> {
  await batch.engine.run('update tokens set revoked_at = ? where id = ?', [at, id])
  batch.touch('tokens')
}
