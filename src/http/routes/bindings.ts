import { requireUnconfined } from '../../auth/authorize.ts'
import { couldApplyTo, maySeeBinding } from '../../decisions/applicable-bindings.ts'
import { bindingNotFound } from '../../policy/bindings.ts'
import type { Handlers } from '../call.ts'
import { definedOnly } from '../filters.ts'
import { waiting } from '../guarded-changes.ts'
import { pageOf } from '../page-of.ts'
import { ownedFilter } from '../owned.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { empty, json } from '../reply.ts'

type BindingHandlers = Pick<Handlers, 'listBindings' | 'getBinding' | 'putBinding' | 'deleteBinding'>

/** Which pack applies where. Bindings judge everybody, so a confined token may read but not change them. */
export function bindingRoutes({ bindings, owners, changes }: Pick<HttpDependencies, 'bindings' | 'owners' | 'changes'>): BindingHandlers {
  return {
    listBindings: async ({ access, query, path }) => {
      const { owned } = await ownedFilter(owners, access, { project: query.project, team: query.team })
      const visible = (await bindings.list()).filter((binding) => maySeeBinding(binding, access.confinement))
      const listed = visible.filter((binding) => !owned || couldApplyTo(binding, owned))
      return pageReply(
        { path, query },
        pageOf(listed, ({ name }) => name, pageRequest({ path, query })),
      )
    },

    getBinding: async ({ access, parameters }) => {
      const binding = await bindings.find(parameters.name)
      if (!maySeeBinding(binding, access.confinement)) throw bindingNotFound(parameters.name)
      return json(200, binding)
    },

    putBinding: async ({ access, parameters, body, requestId }) => {
      requireUnconfined(access)
      const outcome = await changes.request(access, 'binding.put', { name: parameters.name, draft: definedOnly(body) }, requestId)
      if ('pending' in outcome) return waiting(outcome.pending)
      const { binding, created } = outcome.applied
      return created ? json(201, binding, { location: `/v1/bindings/${binding.name}` }) : json(200, binding)
    },

    deleteBinding: async ({ access, parameters, requestId }) => {
      requireUnconfined(access)
      const outcome = await changes.request(access, 'binding.delete', { name: parameters.name }, requestId)
      return 'pending' in outcome ? waiting(outcome.pending) : empty(204)
    },
  }
}
