import type { Handlers } from '../call.ts'
import { definedOnly } from '../filters.ts'
import type { HttpDependencies } from '../ports.ts'
import { json } from '../reply.ts'

/** What environments could go back to. */
export function environmentRoutes({ rollbackTargets }: Pick<HttpDependencies, 'rollbackTargets'>): Pick<Handlers, 'getRollbackTarget'> {
  return {
    getRollbackTarget: async ({ access, parameters, query }) =>
      json(200, await rollbackTargets.find(access, { environment: parameters.name, ...definedOnly(query) })),
  }
}
