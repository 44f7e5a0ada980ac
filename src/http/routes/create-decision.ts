import type { Handlers } from '../call.ts'
import { DECISION_TYPES, negotiate } from '../negotiate.ts'
import type { HttpDependencies } from '../ports.ts'
import { decisionPath, renderDecision } from './render-decision.ts'

/** POST /v1/decisions: the answer leaves after the verdict is committed. */
export function createDecision({ gate }: Pick<HttpDependencies, 'gate'>): Pick<Handlers, 'createDecision'> {
  return {
    createDecision: async ({ access, body, query, requestId, idempotency, request }) => {
      const type = negotiate(request, DECISION_TYPES)
      const { decision } = await gate.decide(access, body, { requestId, idempotency })
      const status = decision.verdict === 'deny' ? (query.denyStatus ?? 200) : 200
      const headers = 'logIndex' in decision ? { location: decisionPath(decision.id) } : {}
      return renderDecision(status, decision, type, request, headers)
    },
  }
}
