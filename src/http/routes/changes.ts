import { requireUnconfined } from '../../auth/authorize.ts'
import type { Handlers } from '../call.ts'
import { definedOnly } from '../filters.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { json } from '../reply.ts'

type ChangeHandlers = Pick<Handlers, 'listChanges' | 'getChange' | 'approveChange' | 'rejectChange'>

/** What waits for a second person. It concerns everybody, so a confined token has no say in it. */
export function changeRoutes({ changes }: Pick<HttpDependencies, 'changes'>): ChangeHandlers {
  return {
    listChanges: async ({ access, query, path }) => {
      requireUnconfined(access)
      const { limit: _limit, cursor: _cursor, ...filter } = query
      return pageReply({ path, query }, await changes.list(definedOnly(filter), pageRequest({ path, query })))
    },

    getChange: async ({ access, parameters }) => {
      requireUnconfined(access)
      return json(200, found(await changes.find(parameters.id)))
    },

    approveChange: async ({ access, parameters, body, requestId }) => {
      requireUnconfined(access)
      return json(200, found(await changes.approve(access, parameters.id, body.comment, requestId)))
    },

    rejectChange: async ({ access, parameters, body, requestId }) => {
      requireUnconfined(access)
      return json(200, found(await changes.reject(access, parameters.id, body.reason, requestId)))
    },
  }
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw notFound('change', 'path.id')
  return value
}
