import type { Handlers } from '../call.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { json } from '../reply.ts'

/** The packs that bindings can name. */
export function policyRoutes({ policies }: Pick<HttpDependencies, 'policies'>): Pick<Handlers, 'listPolicies' | 'getPolicy'> {
  return {
    listPolicies: async () => json(200, { items: (await policies.current()).list(), next: null }),

    getPolicy: async ({ parameters }) => {
      const pack = (await policies.current()).find(parameters.name)
      if (!pack) throw notFound('policy pack', 'path.name')
      return json(200, pack)
    },
  }
}
