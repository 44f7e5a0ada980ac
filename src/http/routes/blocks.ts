import { requireUnconfined } from '../../auth/authorize.ts'
import type { Handlers } from '../call.ts'
import { definedOnly, subjectFilter } from '../filters.ts'
import { waiting } from '../guarded-changes.ts'
import { replayHeader } from '../idempotency.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { empty, json } from '../reply.ts'

type BlockHandlers = Pick<Handlers, 'createBlock' | 'listBlocks' | 'getBlock' | 'deleteBlock'>

/** What passes nowhere. A block is about everybody, and its reason may tell of anybody's: who is confined learns of it by being denied. */
export function blockRoutes({ blocks, changes }: Pick<HttpDependencies, 'blocks' | 'changes'>): BlockHandlers {
  return {
    createBlock: async ({ access, body, requestId, idempotency }) => {
      requireUnconfined(access)
      const { block, repeated } = await blocks.place(access, definedOnly(body), { requestId, idempotency })
      return json(repeated ? 200 : 201, block, { location: `/v1/blocks/${block.id}`, ...replayHeader(repeated) })
    },

    listBlocks: async ({ access, query, path }) => {
      requireUnconfined(access)
      const filter = { ...definedOnly({ state: query.state }), ...subjectFilter(query) }
      return pageReply({ path, query }, await blocks.list(filter, pageRequest({ path, query })))
    },

    getBlock: async ({ access, parameters }) => {
      requireUnconfined(access)
      return json(200, await blocks.find(parameters.id))
    },

    deleteBlock: async ({ access, parameters, requestId }) => {
      requireUnconfined(access)
      const outcome = await changes.request(access, 'block.lift', { id: parameters.id }, requestId)
      return 'pending' in outcome ? waiting(outcome.pending) : empty(204)
    },
  }
}
