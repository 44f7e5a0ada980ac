import { AppError } from '../../core/app-error.ts'
import type { IdempotencyClaim, IdempotencyErrorCode } from '../../core/idempotency.ts'
import { parseInstant } from '../../core/time.ts'
import { BULK } from './bulk-table.ts'
import type { WriteBatch } from './write-batch.ts'

const FIND = `select fingerprint, resource_id, expires_at from idempotency
  where principal_id = ? and key = ? and path = ? and method = ?`
const FORGET = 'delete from idempotency where principal_id = ? and key = ? and path = ? and method = ?'
const FORGET_EXPIRED = 'delete from idempotency where expires_at <= ?'

/**
 * Id of what an earlier request with this key made, if there was one. Writes nothing that matters.
 * @param at RFC 3339: the time of the write, against which claims expire
 * @throws {AppError} `idempotency_key_reused` if the key was used with another fingerprint
 */
export async function earlierResource(batch: WriteBatch, claim: IdempotencyClaim | undefined, at: string): Promise<string | undefined> {
  if (!claim) return undefined
  const earlier = await findClaim(batch, claim)
  if (!earlier) return undefined
  if (earlier.expiresAt <= (parseInstant(at) ?? 0)) {
    await batch.engine.run(FORGET, identity(claim))
    return undefined
  }
  if (earlier.fingerprint !== claim.fingerprint) {
    throw new AppError<IdempotencyErrorCode>('idempotency_key_reused', 'This Idempotency-Key was used for another request.', {
      field: 'header.Idempotency-Key',
      remedy: 'Use a new key for a new request; keep the key only for repeats of the same one.',
    })
  }
  return earlier.resourceId
}

/** Keeps the claim together with what the request makes. */
export function keepClaim(batch: WriteBatch, claim: IdempotencyClaim | undefined, resourceId: string): void {
  if (!claim) return
  const { principalId, method, path, key, fingerprint, sealed = null, expiresAt } = claim
  batch.put(BULK.idempotency, JSON.stringify(identity(claim)), [principalId, method, path, key, fingerprint, resourceId, sealed, expiresAt])
}

/** Deletes claims that no request can meet any more. @param now milliseconds since the epoch */
export async function forgetExpiredClaims(batch: WriteBatch, now: number): Promise<void> {
  await batch.engine.run(FORGET_EXPIRED, [now])
}

async function findClaim(batch: WriteBatch, claim: IdempotencyClaim) {
  const pending = batch.pending(BULK.idempotency, JSON.stringify(identity(claim)))
  if (pending) return { fingerprint: pending[4], resourceId: String(pending[5]), expiresAt: Number(pending[7]) }
  const row = await batch.engine.get(FIND, identity(claim))
  return row && { fingerprint: row['fingerprint'], resourceId: String(row['resource_id']), expiresAt: Number(row['expires_at']) }
}

function identity({ principalId, key, path, method }: IdempotencyClaim): string[] {
  return [principalId, key, path, method]
}
