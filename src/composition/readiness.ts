import type { Logger } from 'pino'

import type { Readiness } from '../http/ports.ts'
import type { PolicyEvaluator } from '../policy/evaluator.ts'
import type { Storage } from '../storage/storage.ts'

/** Whether a verdict can be made and recorded now. */
export async function checkReadiness(storage: Storage, evaluator: PolicyEvaluator, logger: Logger): Promise<Readiness> {
  const written = await storage.health().then(
    () => 'ok',
    (error: unknown) => {
      logger.warn({ err: error }, 'not ready, since storage takes no writes')
      return 'no write is possible'
    },
  )
  const policies = evaluator.ready() ? 'ok' : 'the policy engine is not running'
  return { ok: written === 'ok' && policies === 'ok', checks: { storage: written, policies } }
}
