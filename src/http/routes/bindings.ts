import { requireUnconfined } from '../../auth/authorize.ts'
import { couldApplyTo, maySeeBinding } from '../../decisions/applicable-bindings.ts'
import type { Access } from '../../core/principal.ts'
import { bindingNotFound } from '../../policy/bindings.ts'
import type { Binding } from '../../policy/model.ts'
import type { Handlers } from '../call.ts'
import { definedOnly, instantFilter, subjectFilter } from '../filters.ts'
import { waiting } from '../guarded-changes.ts'
import { pageOf } from '../page-of.ts'
import { ownedFilter } from '../owned.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { empty, json } from '../reply.ts'

type BindingHandlers = Pick<
  Handlers,
  'listBindings' | 'getBinding' | 'putBinding' | 'deleteBinding' | 'getWouldDeny' | 'getEffectivePolicy'
>

/** Which pack applies where. Bindings judge everybody, so a confined token may read but not change them. */
export function bindingRoutes({
  bindings,
  overview,
  owners,
  changes,
}: Pick<HttpDependencies, 'bindings' | 'overview' | 'owners' | 'changes'>): BindingHandlers {
  const findVisible = async (access: Access, name: string): Promise<Binding> => {
    const binding = await bindings.find(name)
    if (!maySeeBinding(binding, access.confinement)) throw bindingNotFound(name)
    return binding
  }
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

    getBinding: async ({ access, parameters }) => json(200, await findVisible(access, parameters.name)),

    getWouldDeny: async ({ access, parameters, query, path }) => {
      const binding = await findVisible(access, parameters.name)
      const { from, to, project, team } = query
      const filter = { ...instantFilter({ from, to }), ...(await ownedFilter(owners, access, { project, team })) }
      const { items, ...rest } = await overview.wouldDeny(access, binding, filter)
      const page = pageOf(items, ({ repository }) => repository ?? '(none)', pageRequest({ path, query }))
      return pageReply({ path, query }, page, rest)
    },

    getEffectivePolicy: async ({ access, query }) =>
      json(200, await overview.effective(access, { ...definedOnly(query), ...subjectFilter(query) })),

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
