import { sql } from 'kysely'

import { AppError } from '../../core/app-error.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { Cause, EntryDraft } from '../../core/log-entry.ts'
import { mayDoEverything, scopesOf } from '../../auth/authorize.ts'
import { tokenRevokedEntry } from '../../auth/entries.ts'
import type { Rotation, RotationOutcome, TokenRecord } from '../../auth/ports.ts'
import { tokenRecord } from '../../auth/records.ts'
import type { StorageErrorCode } from '../errors.ts'
import { tokenFromRow } from '../rows.ts'
import type { TokenTable } from '../schema/auth.ts'
import { earlierResource, keepClaim } from '../writer/idempotency.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { appendWithRecord } from './records.ts'

interface CreateToken {
  token: TokenRecord
  entry: EntryDraft
  idempotency: IdempotencyClaim | undefined
}

/**
 * @throws {AppError} `idempotency_repeated` if a request with the same key was faster: its answer must be fetched, not made again; or
 *   `credential_ended`
 */
export async function createToken(batch: WriteBatch, { token, entry, idempotency }: CreateToken): Promise<void> {
  await requireFirst(batch, idempotency, entry.at)
  await requireIssuerStands(batch, token, entry.at)
  await insertToken(batch, token)
  appendWithRecord(batch, entry, tokenRecord(token))
  keepClaim(batch, idempotency, token.id)
}

interface RevokeToken {
  id: string
  cause: Cause
  issued: boolean
}

/** The families that fall with a token's: alone, or with all that was issued with any of them, however far. */
const FAMILY = sql`select family_id from tokens where id = `
const ISSUED = sql`
  union select issued.family_id from doomed
    join tokens member on member.family_id = doomed.family_id
    join tokens issued on issued.issued_with = member.id`

/** @returns false if there is no such token; what was revoked before stays as it is */
export async function revokeToken(batch: WriteBatch, { id, cause, issued }: RevokeToken): Promise<boolean> {
  if (!(await findToken(batch, id))) return false
  const { rows } = await sql<TokenTable & { no: number }>`
    with recursive doomed (family_id) as (${FAMILY}${id} ${issued ? ISSUED : sql``})
    update tokens set revoked_at = ${cause.at}
      where revoked_at is null and family_id in (select family_id from doomed)
      returning *`.execute(batch.engine.kysely)
  for (const token of rows.toSorted((one, other) => one.no - other.no).map(tokenFromRow)) {
    appendWithRecord(batch, tokenRevokedEntry(token, cause, id), tokenRecord(token))
  }
  if (rows.length > 0) batch.touch('tokens')
  return true
}

interface RotateToken {
  rotation: Rotation
  idempotency: IdempotencyClaim | undefined
}

/** @throws {AppError} `idempotency_repeated` or `credential_ended` */
export async function rotateToken(batch: WriteBatch, { rotation, idempotency }: RotateToken): Promise<RotationOutcome> {
  const { id, successor, overlapUntil, entries } = rotation
  await requireFirst(batch, idempotency, entries.issued.at)
  const token = await findToken(batch, id)
  if (!token) return 'unknown'
  if (token.revokedAt !== null) return 'revoked'
  if (token.supersededBy !== null) return 'superseded'
  await requireIssuerStands(batch, successor, entries.issued.at)
  await batch.engine.run('update tokens set superseded_by = ?, overlap_until = ? where id = ?', [successor.id, overlapUntil, id])
  appendWithRecord(batch, entries.superseded, tokenRecord({ ...token, supersededBy: successor.id, overlapUntil }))
  await insertToken(batch, successor)
  appendWithRecord(batch, entries.issued, tokenRecord(successor))
  keepClaim(batch, idempotency, successor.id)
  return 'rotated'
}

/** Notes last uses; an older time never replaces a newer one. */
export async function touchTokens(batch: WriteBatch, uses: readonly (readonly [id: string, at: string])[]): Promise<void> {
  for (const [id, at] of uses) {
    await batch.engine.run('update tokens set last_used_at = ? where id = ? and (last_used_at is null or last_used_at < ?)', [at, id, at])
  }
}

/** @param at RFC 3339 */
async function requireFirst(batch: WriteBatch, idempotency: IdempotencyClaim | undefined, at: string): Promise<void> {
  if ((await earlierResource(batch, idempotency, at)) === undefined) return
  throw new AppError<StorageErrorCode>('idempotency_repeated', 'The same request was carried out a moment ago.', {
    remedy: 'Send the request once more to get its answer.',
  })
}

/**
 * Between the request's authentication and here, the token that it came with may have been revoked with all that was issued with it.
 * @param at RFC 3339
 */
async function requireIssuerStands(batch: WriteBatch, { issuedWith }: TokenRecord, at: string): Promise<void> {
  const issuer = issuedWith && (await findToken(batch, issuedWith.id))
  if (!issuer || (issuer.revokedAt === null && (issuer.overlapUntil === null || issuer.overlapUntil > at))) return
  throw new AppError<StorageErrorCode>('credential_ended', 'The token that the request came with was revoked or replaced meanwhile.', {
    field: 'header.Authorization',
    remedy: 'Ask whoever has tokens:manage for a new token.',
  })
}

/** Inserts the row of a token; its log entry is the caller’s. */
export async function insertToken(batch: WriteBatch, token: TokenRecord): Promise<void> {
  await batch.engine.kysely
    .insertInto('tokens')
    .values({
      id: token.id,
      hash: token.hash,
      principal_id: token.principalId,
      kind: token.kind,
      family_id: token.familyId,
      issued_with: token.issuedWith?.id ?? null,
      created_at: token.createdAt,
      expires_at: token.expiresAt,
      superseded_by: token.supersededBy,
      overlap_until: token.overlapUntil,
      revoked_at: token.revokedAt,
      last_used_at: token.lastUsedAt,
      admin: mayDoEverything({ scopes: scopesOf(token), confinement: token.confinement }) ? 1 : 0,
      record: JSON.stringify(token),
    })
    .execute()
  batch.touch('tokens')
}

async function findToken(batch: WriteBatch, id: string): Promise<TokenRecord | undefined> {
  const row = await batch.engine.kysely.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
  return row && tokenFromRow(row)
}
