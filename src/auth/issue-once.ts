import { AppError } from '../core/app-error.ts'
import type { IdempotencyClaim, IdempotencyErrorCode, IdempotencyReader } from '../core/idempotency.ts'
import type { TokenRecord, TokenStore } from './ports.ts'
import { openSecret, sealSecret } from './sealed-secret.ts'

/** Where an order to issue a token comes from. */
export interface IssueMeta {
  requestId: string
  idempotency: IdempotencyClaim | undefined
  /** The asker's own token: a repeat of the same request opens the first answer with it. Empty if none was sent. */
  credential: string
}

/** A token's record with its text, which is shown once. */
export interface IssuedToken {
  record: TokenRecord
  token: string
}

interface Memory {
  store: Pick<TokenStore, 'find'>
  claims: IdempotencyReader
}

/**
 * Issues a token, unless the same request did so before: then its token is shown again.
 * @param issue writes the token together with its `sealedClaim`
 * @throws {AppError} `idempotency_key_reused`, or what `issue` throws
 */
export async function onceIssued(
  memory: Memory,
  meta: IssueMeta,
  issue: () => Promise<IssuedToken>,
): Promise<IssuedToken & { created: boolean }> {
  const earlier = await issuedEarlier(memory, meta)
  if (earlier) return { ...earlier, created: false }
  try {
    return { ...(await issue()), created: true }
  } catch (error) {
    // The same request may have been faster on another connection or replica; then its token is the answer.
    const winner = await issuedEarlier(memory, meta)
    if (winner) return { ...winner, created: false }
    throw error
  }
}

/** The claim of a request with the token that answers it, which only the asker can open. */
export function sealedClaim(token: string, { idempotency, credential }: IssueMeta): IdempotencyClaim | undefined {
  // Who came with a certificate sent no secret under which the token could be kept: a repeat can't be shown it.
  if (!idempotency || credential === '') return idempotency
  return { ...idempotency, sealed: sealSecret(token, credential, idempotency) }
}

async function issuedEarlier({ store, claims }: Memory, { idempotency, credential }: IssueMeta): Promise<IssuedToken | undefined> {
  const claimed = idempotency && (await claims.claimed(idempotency))
  if (!claimed) return undefined
  if (claimed.fingerprint !== idempotency.fingerprint) throw keyReused('This Idempotency-Key was used for another request.')
  const record = await store.find(claimed.resourceId)
  const token = claimed.sealed === undefined ? undefined : openSecret(claimed.sealed, credential, idempotency)
  if (!record || token === undefined) throw keyReused('The token was issued to another credential, which alone can be shown it again.')
  return { record, token }
}

function keyReused(message: string): AppError<IdempotencyErrorCode> {
  return new AppError('idempotency_key_reused', message, {
    field: 'header.Idempotency-Key',
    remedy: 'Use a new key; revoke the token that the first request made if nobody has it.',
  })
}
