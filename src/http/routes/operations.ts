import type { Handlers } from '../call.ts'
import type { HttpDependencies } from '../ports.ts'
import { cachedReadiness } from '../readiness.ts'
import { json } from '../reply.ts'

/** Health and metrics. */
export function operationsRoutes({
  readiness,
  clock,
  registry,
}: Pick<HttpDependencies, 'readiness' | 'clock' | 'registry'>): Pick<Handlers, 'getHealth' | 'getReadiness' | 'getMetrics'> {
  const ready = cachedReadiness(readiness, clock)
  return {
    getHealth: () => json(200, { status: 'ok' }),

    getReadiness: async () => {
      const { ok, checks } = await ready()
      return ok ? json(200, { ok, checks }) : json(503, { ok, checks }, { 'retry-after': '1' })
    },

    getMetrics: async () => ({ status: 200, contentType: registry.contentType, body: await registry.metrics(), headers: {} }),
  }
}
