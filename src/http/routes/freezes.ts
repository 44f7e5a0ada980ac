import { requireUnconfined } from '../../auth/authorize.ts'
import type { StoredFreeze } from '../../governance/calendar/model.ts'
import type { FreezeDraft } from '../../governance/calendar/read-item.ts'
import type { Handlers } from '../call.ts'
import { definedOnly } from '../filters.ts'
import { waiting } from '../guarded-changes.ts'
import { pageOf } from '../page-of.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { empty, json } from '../reply.ts'

type FreezeHandlers = Pick<Handlers, 'listFreezes' | 'getFreeze' | 'putFreeze' | 'deleteFreeze'>

/** When changes may not pass. That concerns everybody, so a confined token may read but not change it. */
export function freezeRoutes({ calendars, changes }: Pick<HttpDependencies, 'calendars' | 'changes'>): FreezeHandlers {
  return {
    listFreezes: async ({ access, query, path }) =>
      pageReply(
        { path, query },
        pageOf((await calendars.freezes(access)).map(withoutFile), ({ name }) => name, pageRequest({ path, query })),
      ),

    getFreeze: async ({ access, parameters }) => json(200, await calendars.freeze(access, parameters.name)),

    putFreeze: async ({ access, parameters, query, body, requestId }) => {
      requireUnconfined(access)
      const { environment, ...more } = definedOnly(query)
      const draft = { ...more, ...(environment !== undefined && { environments: [environment] }), ...definedOnly(body) } as FreezeDraft
      const outcome = await changes.request(access, 'freeze.put', { name: parameters.name, draft }, requestId)
      if ('pending' in outcome) return waiting(outcome.pending)
      const { item, created } = outcome.applied
      return created ? json(201, item, { location: `/v1/freezes/${item.name}` }) : json(200, item)
    },

    deleteFreeze: async ({ access, parameters, requestId }) => {
      requireUnconfined(access)
      const outcome = await changes.request(access, 'freeze.delete', { name: parameters.name }, requestId)
      return 'pending' in outcome ? waiting(outcome.pending) : empty(204)
    },
  }
}

/** Files are long, and a list has many. */
function withoutFile(freeze: StoredFreeze): StoredFreeze {
  return 'ics' in freeze ? { ...freeze, ics: '' } : freeze
}
