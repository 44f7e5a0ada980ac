import { policySight } from '../../decisions/policy-sight.ts'
import type { Handlers } from '../call.ts'
import { pageOf } from '../page-of.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { json } from '../reply.ts'

type PolicyHandlers = Pick<Handlers, 'listPolicies' | 'getPolicy'>

/** The policies that bindings can name, and their versions. */
export function policyRoutes({ policies }: Pick<HttpDependencies, 'policies'>): PolicyHandlers {
  return {
    listPolicies: async ({ access, query, path }) =>
      pageReply(
        { path, query },
        pageOf(await policies.list(policySight(access.confinement)), ({ name }) => name, pageRequest({ path, query })),
      ),

    getPolicy: async ({ access, parameters }) => json(200, found(await policies.find(policySight(access.confinement), parameters.name))),
  }
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw notFound('policy', 'path.name')
  return value
}
