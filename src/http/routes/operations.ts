import { requireUnconfined } from '../../auth/authorize.ts'
import type { Handlers } from '../call.ts'
import type { HttpDependencies } from '../ports.ts'
import { json } from '../reply.ts'

/** Health and metrics. */
export function operationsRoutes({
  readiness,
  registry,
}: Pick<HttpDependencies, 'readiness' | 'registry'>): Pick<Handlers, 'getHealth' | 'getReadiness' | 'getMetrics'> {
  return {
    getHealth: () => json(200, { status: 'ok' }),

    getReadiness: async () => {
      const { ok, checks } = await readiness()
      return ok ? json(200, { ok, checks }) : json(503, { ok, checks }, { 'retry-after': '1' })
    },

    // They count what everybody does, and name projects, bindings and environments.
    getMetrics: async ({ access }) => {
      requireUnconfined(access)
      return { status: 200, contentType: registry.contentType, body: await registry.metrics(), headers: {} }
    },
  }
}
