import type { Clock } from '../../core/clock.ts'
import type { IdempotencyReader } from '../../core/idempotency.ts'
import type { ReadSession } from './session.ts'

/** Finds claims that have not expired. */
export function idempotencyReader(session: ReadSession, clock: Clock): IdempotencyReader {
  return {
    claimed: async ({ principalId, method, path, key }) => {
      const [row] = await session.all(
        `select resource_id, fingerprint, sealed from idempotency
          where principal_id = ? and key = ? and path = ? and method = ? and expires_at > ?`,
        [principalId, key, path, method, clock.now()],
      )
      if (!row) return undefined
      const { resource_id: resourceId, fingerprint, sealed } = row
      return { resourceId: String(resourceId), fingerprint: String(fingerprint), sealed: typeof sealed === 'string' ? sealed : undefined }
    },
  }
}
