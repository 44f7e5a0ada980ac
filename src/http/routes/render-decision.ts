import type { Request } from 'express'

import type { AnsweredDecision } from '../../decisions/decision.ts'
import type { Explanation } from '../../decisions/explain/explanation.ts'
import { explanationJunit, explanationText, renderJunit, renderMarkdown, renderText } from '../../decisions/render/index.ts'
import type { DECISION_TYPES } from '../negotiate.ts'
import { json, text, type Reply } from '../reply.ts'

/** Where a recorded decision can be read. */
export function decisionPath(id: string): string {
  return `/v1/decisions/${id}`
}

/**
 * Where a person can read the decision, in full; null for a dry run, which was not recorded.
 * @param publicUrl as it was set; without it, what the caller took us for: the Host header is the caller's own and ends up in its own log only
 */
export function decisionUrl(decision: AnsweredDecision, publicUrl: string | undefined, request: Request): string | null {
  return 'logIndex' in decision ? (publicUrl ?? origin(request)) + decisionPath(decision.id) : null
}

/** A decision in the form that the caller chose. */
export function renderDecision(
  status: number,
  decision: AnsweredDecision,
  type: (typeof DECISION_TYPES)[number],
  url: string | null,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  if (type === 'application/json') return json(status, decision, headers)
  const render = { 'text/plain': renderText, 'text/markdown': renderMarkdown, 'application/junit+xml': renderJunit }[type]
  return text(status, type, render(decision, url), { vary: 'accept', ...headers })
}

/** An explanation as JSON, as text behind the decision itself, or as JUnit XML with a test case for each rule. */
export function explanationReply(
  explanation: Explanation,
  type: 'application/json' | 'text/plain' | 'application/junit+xml',
  url: string | null,
): Reply {
  const headers = { vary: 'accept' }
  if (type === 'application/json') {
    const { decision, ...rest } = explanation
    return json(200, { decision: decision.id, verdict: decision.verdict, inputDigest: decision.inputDigest, ...rest }, headers)
  }
  const { decision } = explanation
  if (type === 'application/junit+xml')
    return text(200, type, explanation.obstacle ? renderJunit(decision, url) : explanationJunit(explanation, url), headers)
  // The address stands last, where logs are looked at first.
  return text(200, type, `${renderText(decision, null)}\n${explanationText(explanation)}${url === null ? '' : `\n${url}\n`}`, headers)
}

const HOST = /^[A-Za-z0-9.:[\]-]{1,255}$/

function origin(request: Request): string {
  const host = request.headers.host ?? ''
  return HOST.test(host) ? `${request.protocol}://${host}` : ''
}
