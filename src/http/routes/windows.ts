import { requireUnconfined } from '../../auth/authorize.ts'
import { requireAmong } from '../../decisions/confined-request.ts'
import type { WindowDraft } from '../../governance/calendar/read-item.ts'
import type { Handlers } from '../call.ts'
import { definedOnly } from '../filters.ts'
import { waiting } from '../guarded-changes.ts'
import { pageOf } from '../page-of.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { empty, json } from '../reply.ts'

type WindowHandlers = Pick<Handlers, 'listWindows' | 'getNextOpening' | 'getWindow' | 'putWindow' | 'deleteWindow'>

/** When changes may pass. That concerns everybody, so a confined token may read but not change it. */
export function windowRoutes({ calendars, changes, clock }: Pick<HttpDependencies, 'calendars' | 'changes' | 'clock'>): WindowHandlers {
  return {
    listWindows: async ({ access, query, path }) =>
      pageReply(
        { path, query },
        pageOf(await calendars.windows(access), ({ name }) => name, pageRequest({ path, query })),
      ),

    getNextOpening: async ({ access, query }) => {
      const { environment } = query
      requireAmong(access.confinement.environments, environment, 'query.environment', `environment "${environment}"`)
      return json(200, await calendars.opening(environment, query.at === undefined ? clock.now() : Date.parse(query.at)))
    },

    getWindow: async ({ access, parameters }) => json(200, await calendars.window(access, parameters.name)),

    putWindow: async ({ access, parameters, body, requestId }) => {
      requireUnconfined(access)
      const draft = definedOnly(body) as WindowDraft
      const outcome = await changes.request(access, 'window.put', { name: parameters.name, draft }, requestId)
      if ('pending' in outcome) return waiting(outcome.pending)
      const { item, created } = outcome.applied
      return created ? json(201, item, { location: `/v1/windows/${item.name}` }) : json(200, item)
    },

    deleteWindow: async ({ access, parameters, requestId }) => {
      requireUnconfined(access)
      const outcome = await changes.request(access, 'window.delete', { name: parameters.name }, requestId)
      return 'pending' in outcome ? waiting(outcome.pending) : empty(204)
    },
  }
}
