import type { Handlers } from '../call.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { json } from '../reply.ts'

/** The packs that bindings can name. */
export function policyRoutes({ policies }: Pick<HttpDependencies, 'policies'>): Pick<Handlers, 'listPolicies' | 'getPolicy'> {
  return {
    listPolicies: () => json(200, { items: policies.list(), next: null }),

    getPolicy: ({ parameters }) => {
      const pack = policies.find(parameters.name)
      if (!pack) throw notFound('policy pack', 'path.name')
      return json(200, pack)
    },
  }
}
