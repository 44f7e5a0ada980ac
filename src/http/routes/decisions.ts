import type { DecisionFilter } from '../../decisions/ports.ts'
import type { Handlers } from '../call.ts'
import { definedOnly, instantFilter, subjectFilter } from '../filters.ts'
import { EXPLANATION_TYPES, negotiate } from '../negotiate.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import { ownedFilter } from '../owned.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { json, text } from '../reply.ts'
import { decisionUrl, explanationReply, renderDecision } from './render-decision.ts'

type DecisionHandlers = Pick<Handlers, 'listDecisions' | 'getDecision' | 'explainDecision' | 'replayDecision' | 'getDecisionReceipt'>

const CONTEXT_PREFIX = 'context.'

/** For those who can't set `Accept`. */
const FORMATS = { text: 'text/plain', markdown: 'text/markdown', junit: 'application/junit+xml', json: 'application/json' } as const

/** Reading what was decided. */
export function decisionRoutes({
  gate,
  replays,
  explanations,
  owners,
  audit,
  settings,
}: Pick<HttpDependencies, 'gate' | 'replays' | 'explanations' | 'owners' | 'audit' | 'settings'>): DecisionHandlers {
  const find = async (...[access, id]: Parameters<typeof gate.find>): Promise<NonNullable<Awaited<ReturnType<typeof gate.find>>>> => {
    const decision = await gate.find(access, id)
    if (!decision) throw notFound('decision', 'path.id')
    return decision
  }
  return {
    listDecisions: async ({ access, query, path }) => {
      const { project, team, ...rest } = query
      const filter = { ...filterOf(rest), ...(await ownedFilter(owners, access, { project, team })) }
      return pageReply({ path, query }, await gate.list(access, filter, pageRequest({ path, query })))
    },

    getDecision: async ({ access, parameters }) => json(200, await find(access, parameters.id)),

    explainDecision: async ({ access, parameters, query, request }) => {
      const type = query.format === undefined ? negotiate(request, EXPLANATION_TYPES) : FORMATS[query.format]
      if (type === 'text/markdown') {
        const decision = await find(access, parameters.id)
        return renderDecision(200, decision, type, decisionUrl(decision, settings.publicUrl, request))
      }
      const explanation = await explanations.explain(access, parameters.id)
      if (!explanation) throw notFound('decision', 'path.id')
      return explanationReply(explanation, type, decisionUrl(explanation.decision, settings.publicUrl, request))
    },

    replayDecision: async ({ access, parameters }) => {
      const report = await replays.replay(access, parameters.id)
      if (!report) throw notFound('decision', 'path.id')
      return json(200, report)
    },

    getDecisionReceipt: async ({ access, parameters }) => {
      const { logIndex } = await find(access, parameters.id)
      return text(200, 'text/plain', await audit.receipt(logIndex))
    },
  }
}

type ListQuery = Omit<Parameters<DecisionHandlers['listDecisions']>[0]['query'], 'project' | 'team'>

function filterOf(query: ListQuery): Omit<DecisionFilter, 'visibleTo'> {
  const { limit: _limit, cursor: _cursor, from, to, ...rest } = query
  const plain = Object.entries(rest).filter(([name]) => !name.startsWith(CONTEXT_PREFIX))
  const context = Object.entries(rest)
    .filter(([name]) => name.startsWith(CONTEXT_PREFIX))
    .map(([name, value]) => [name.slice(CONTEXT_PREFIX.length), value])
  return {
    ...definedOnly(Object.fromEntries(plain) as Omit<DecisionFilter, 'visibleTo'>),
    ...subjectFilter(query),
    ...instantFilter({ from, to }),
    ...(context.length > 0 && { context: Object.fromEntries(context) as Record<string, string> }),
  }
}
