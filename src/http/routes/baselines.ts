import type { Handlers } from '../call.ts'
import { definedOnly } from '../filters.ts'
import { ownedFilter } from '../owned.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'

/** How far old debt is paid. */
export function baselineRoutes({ baselines, owners }: Pick<HttpDependencies, 'baselines' | 'owners'>): Pick<Handlers, 'listBaselines'> {
  return {
    listBaselines: async ({ access, query, path }) => {
      const { binding, repository, owner, project, team } = query
      const filter = { ...definedOnly({ binding, repository, owner }), ...(await ownedFilter(owners, access, { project, team })) }
      return pageReply({ path, query }, await baselines.list(access, filter, pageRequest({ path, query })))
    },
  }
}
