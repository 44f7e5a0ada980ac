import type { Handlers } from '../call.ts'
import { definedOnly, subjectFilter, utc } from '../filters.ts'
import { replayHeader } from '../idempotency.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { json } from '../reply.ts'

type WaiverHandlers = Pick<
  Handlers,
  'requestWaiver' | 'listWaivers' | 'getWaiver' | 'approveWaiver' | 'rejectWaiver' | 'withdrawWaiver' | 'revokeWaiver'
>

/** Exceptions from rules, for a while. */
export function waiverRoutes({ waivers }: Pick<HttpDependencies, 'waivers'>): WaiverHandlers {
  return {
    requestWaiver: async ({ access, body, requestId, idempotency }) => {
      const draft = { ...body, scope: definedOnly(body.scope) }
      const { waiver, repeated } = await waivers.request(access, draft, { requestId, idempotency })
      return json(repeated ? 200 : 201, waiver, { location: `/v1/waivers/${waiver.id}`, ...replayHeader(repeated) })
    },

    listWaivers: async ({ access, query, path }) => {
      const { limit: _limit, cursor: _cursor, expiresBefore, ...filter } = query
      const until = expiresBefore === undefined ? {} : { expiresBefore: utc(expiresBefore, 'query.expiresBefore') }
      const wanted = { ...definedOnly(filter), ...subjectFilter(query), ...until }
      return pageReply({ path, query }, await waivers.list(access, wanted, pageRequest({ path, query })))
    },

    getWaiver: async ({ access, parameters }) => json(200, found(await waivers.find(access, parameters.id))),

    approveWaiver: async ({ access, parameters, body, requestId }) =>
      json(200, found(await waivers.approve(access, parameters.id, body?.comment, requestId))),

    rejectWaiver: async ({ access, parameters, body, requestId }) =>
      json(200, found(await waivers.reject(access, parameters.id, body.reason, requestId))),

    withdrawWaiver: async ({ access, parameters, body, requestId }) =>
      json(200, found(await waivers.withdraw(access, parameters.id, body.reason, requestId))),

    revokeWaiver: async ({ access, parameters, body, requestId }) =>
      json(200, found(await waivers.revoke(access, parameters.id, body.reason, requestId))),
  }
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw notFound('waiver', 'path.id')
  return value
}
