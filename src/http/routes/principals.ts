import type { Handlers } from '../call.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { json } from '../reply.ts'

type PrincipalHandlers = Pick<Handlers, 'listPrincipals' | 'getPrincipal' | 'putPrincipal'>

/** The humans and workloads that tokens speak for. */
export function principalRoutes({ principals }: Pick<HttpDependencies, 'principals'>): PrincipalHandlers {
  return {
    listPrincipals: async ({ query, path }) => pageReply({ path, query }, await principals.list(pageRequest({ path, query }))),

    getPrincipal: async ({ parameters }) => {
      const principal = await principals.find(parameters.name)
      if (!principal) throw notFound('principal', 'path.name')
      return json(200, principal)
    },

    putPrincipal: async ({ access, parameters, body, requestId }) => {
      const { kind, groups = [], logins = [] } = body
      const { principal, created } = await principals.put(access, { name: parameters.name, kind, groups, logins }, requestId)
      return created ? json(201, principal, { location: `/v1/principals/${encodeURIComponent(principal.name)}` }) : json(200, principal)
    },
  }
}
