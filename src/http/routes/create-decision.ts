import type { Request } from 'express'

import type { AnsweredDecision } from '../../decisions/decision.ts'
import type { Patience } from '../../decisions/waiting/waiting-room.ts'
import type { Handlers } from '../call.ts'
import { replayHeader } from '../idempotency.ts'
import type { Lifecycle } from '../lifecycle.ts'
import { DECISION_TYPES, negotiate } from '../negotiate.ts'
import type { HttpDependencies } from '../ports.ts'
import { preferredWait } from '../prefer.ts'
import { empty } from '../reply.ts'
import { decisionPath, decisionUrl, renderDecision } from './render-decision.ts'

type Dependencies = Pick<HttpDependencies, 'gate' | 'settings' | 'lifecycle'>

/** POST /v1/decisions: the answer leaves after the verdict is committed. */
export function createDecision({ gate, settings, lifecycle }: Dependencies): Pick<Handlers, 'createDecision'> {
  return {
    createDecision: async ({ access, body, query, requestId, idempotency, request }) => {
      const type = negotiate(request, DECISION_TYPES)
      const waited = await waitAsPreferred(request, lifecycle, (patience) => gate.wait(access, body, patience))
      // Nobody is there to be told, so nothing is recorded.
      if (waited === undefined) return empty(204)
      const { decision, repeated } = await gate.decide(access, body, { requestId, idempotency })
      const status = decision.verdict === 'deny' ? (query.denyStatus ?? 200) : 200
      const retry = status === 200 ? {} : retryHeader(decision)
      const location = 'logIndex' in decision ? { location: decisionPath(decision.id) } : {}
      const url = decisionUrl(decision, settings.publicUrl, request)
      return renderDecision(status, decision, type, url, { ...location, ...retry, ...waited, ...replayHeader(repeated) })
    },
  }
}

/**
 * Waits for what is lacking if the client prefers that (RFC 7240), until it goes away or the service stops.
 * @returns the header that says so; undefined if the client went away
 */
async function waitAsPreferred(
  { headers, socket }: Request,
  { stopping }: Pick<Lifecycle, 'stopping'>,
  wait: (patience: Patience) => Promise<boolean>,
): Promise<{ 'preference-applied'?: string } | undefined> {
  const seconds = preferredWait(headers['prefer']?.toString())
  if (seconds === 0) return {}
  const over = new AbortController()
  const end = (): void => over.abort()
  socket.once('close', end)
  stopping.addEventListener('abort', end)
  if (stopping.aborted) end()
  try {
    const applied = await wait({ ms: seconds * 1000, signal: over.signal })
    if (socket.destroyed) return undefined
    return applied ? { 'preference-applied': `wait=${seconds}` } : {}
  } finally {
    socket.off('close', end)
    stopping.removeEventListener('abort', end)
  }
}

/** When asking again makes sense, for clients that wait by themselves (RFC 9110, section 10.2.3). */
function retryHeader({ at, nextOpen }: AnsweredDecision): { 'retry-after'?: string } {
  return nextOpen === null ? {} : { 'retry-after': String(Math.max(1, Math.ceil((Date.parse(nextOpen) - Date.parse(at)) / 1000))) }
}
