import type { ApprovalOutcome } from '../../decisions/approvals/approvals.ts'
import type { Handlers } from '../call.ts'
import { definedOnly, subjectFilter } from '../filters.ts'
import { replayHeader } from '../idempotency.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { json, type Reply } from '../reply.ts'

type ApprovalHandlers = Pick<Handlers, 'createApproval' | 'listApprovals' | 'getApproval' | 'answerApproval' | 'revokeApproval'>

/** People's words that a subject may pass somewhere, and requests for them. */
export function approvalRoutes({ approvals }: Pick<HttpDependencies, 'approvals'>): ApprovalHandlers {
  return {
    createApproval: async ({ access, body, requestId, idempotency }) =>
      made(await approvals.add(access, definedOnly(body), { requestId, idempotency })),

    listApprovals: async ({ access, query, path }) => {
      const { limit: _limit, cursor: _cursor, ...filter } = query
      const page = await approvals.list(access, { ...definedOnly(filter), ...subjectFilter(query) }, pageRequest({ path, query }))
      return pageReply({ path, query }, page)
    },

    getApproval: async ({ access, parameters }) => json(200, found(await approvals.find(access, parameters.id))),

    answerApproval: async ({ access, parameters, body, requestId, idempotency }) =>
      made(found(await approvals.answer(access, parameters.id, definedOnly(body), { requestId, idempotency }))),

    revokeApproval: async ({ access, parameters, body, requestId }) =>
      json(200, found(await approvals.revoke(access, parameters.id, body.reason, requestId))),
  }
}

function made({ approval, created, repeated }: ApprovalOutcome): Reply {
  return json(created ? 201 : 200, approval, { location: `/v1/approvals/${approval.id}`, ...replayHeader(repeated) })
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw notFound('approval', 'path.id')
  return value
}
