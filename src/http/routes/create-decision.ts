import type { AnsweredDecision } from '../../decisions/decision.ts'
import type { Handlers } from '../call.ts'
import { replayHeader } from '../idempotency.ts'
import { DECISION_TYPES, negotiate } from '../negotiate.ts'
import type { HttpDependencies } from '../ports.ts'
import { decisionPath, decisionUrl, renderDecision } from './render-decision.ts'

/** POST /v1/decisions: the answer leaves after the verdict is committed. */
export function createDecision({ gate, settings }: Pick<HttpDependencies, 'gate' | 'settings'>): Pick<Handlers, 'createDecision'> {
  return {
    createDecision: async ({ access, body, query, requestId, idempotency, request }) => {
      const type = negotiate(request, DECISION_TYPES)
      const { decision, repeated } = await gate.decide(access, body, { requestId, idempotency })
      const status = decision.verdict === 'deny' ? (query.denyStatus ?? 200) : 200
      const retry = status === 200 ? {} : retryHeader(decision)
      const location = 'logIndex' in decision ? { location: decisionPath(decision.id) } : {}
      const url = decisionUrl(decision, settings.publicUrl, request)
      return renderDecision(status, decision, type, url, { ...location, ...retry, ...replayHeader(repeated) })
    },
  }
}

/** When asking again makes sense, for clients that wait by themselves (RFC 9110, section 10.2.3). */
function retryHeader({ at, nextOpen }: AnsweredDecision): { 'retry-after'?: string } {
  return nextOpen === null ? {} : { 'retry-after': String(Math.max(1, Math.ceil((Date.parse(nextOpen) - Date.parse(at)) / 1000))) }
}
