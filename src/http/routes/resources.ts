import { requireUnconfined } from '../../auth/authorize.ts'
import { resourceKey, type ResourceDocument } from '../../governance/resources/resource.ts'
import type { Handlers } from '../call.ts'
import { waiting } from '../guarded-changes.ts'
import { pageOf } from '../page-of.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { json } from '../reply.ts'

type ResourceHandlers = Pick<Handlers, 'listResources' | 'putResources'>

/** Policy as code. What it changes concerns everybody, so a confined token has no part in it. */
export function resourceRoutes({ resources }: Pick<HttpDependencies, 'resources'>): ResourceHandlers {
  return {
    listResources: async ({ access, query, path }) => {
      requireUnconfined(access)
      return pageReply({ path, query }, pageOf(await resources.list(access, query.kind), resourceKey, pageRequest({ path, query })))
    },

    putResources: async ({ access, parameters: { set }, body, requestId }) => {
      requireUnconfined(access)
      const { commit = null, dryRun = false, prune = false } = body
      const request = { set, commit, prune, resources: body.resources as ResourceDocument[] }
      if (dryRun) return json(200, await resources.preview(access, request, requestId))
      const outcome = await resources.apply(access, request, requestId)
      return 'pending' in outcome ? waiting(outcome.pending) : json(200, outcome.report)
    },
  }
}
