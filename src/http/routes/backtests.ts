import type { Digest } from '../../core/digest.ts'
import type { Handlers } from '../call.ts'
import { definedOnly } from '../filters.ts'
import { replayHeader } from '../idempotency.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { json } from '../reply.ts'

type BacktestHandlers = Pick<Handlers, 'backtestPolicy' | 'listOperations' | 'getOperation' | 'cancelOperation' | 'listFlips'>

/** Trying policies on what was decided, and the work in the background that this is. */
export function backtestRoutes({ backtests, operations }: Pick<HttpDependencies, 'backtests' | 'operations'>): BacktestHandlers {
  return {
    backtestPolicy: async ({ access, parameters: { name, digest }, body, requestId, idempotency }) => {
      const begun = await backtests.start(access, { pack: name, version: digest as Digest }, definedOnly(body), { requestId, idempotency })
      const { operation, repeated } = found(begun, 'version of this policy', 'path.digest')
      return json(202, operation, { location: `/v1/operations/${operation.id}`, ...replayHeader(repeated) })
    },

    listOperations: async ({ access, query, path }) => {
      const { kind, state } = query
      return pageReply({ path, query }, await operations.list(access, definedOnly({ kind, state }), pageRequest({ path, query })))
    },

    getOperation: async ({ access, parameters }) => json(200, found(await operations.find(access, parameters.id), 'operation')),

    cancelOperation: async ({ access, parameters, requestId }) =>
      json(200, found(await operations.cancel(access, parameters.id, requestId), 'operation')),

    listFlips: async ({ access, parameters, query, path }) => {
      const { limit: _limit, cursor: _cursor, ...filter } = query
      const page = await backtests.flips(access, parameters.id, definedOnly(filter), pageRequest({ path, query }))
      return pageReply({ path, query }, found(page, 'backtest'))
    },
  }
}

function found<Value>(value: Value | undefined, what: string, field = 'path.id'): Value {
  if (value === undefined) throw notFound(what, field)
  return value
}
