import type { Handlers } from '../call.ts'
import { definedOnly } from '../filters.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'

/** How far old debt is paid. */
export function baselineRoutes({ baselines }: Pick<HttpDependencies, 'baselines'>): Pick<Handlers, 'listBaselines'> {
  return {
    listBaselines: async ({ access, query, path }) => {
      const { binding, repository, owner } = query
      const filter = definedOnly({ binding, repository, owner })
      return pageReply({ path, query }, await baselines.list(access, filter, pageRequest({ path, query })))
    },
  }
}
