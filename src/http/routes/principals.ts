import { requireUnconfined } from '../../auth/authorize.ts'
import type { Handlers } from '../call.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { json } from '../reply.ts'

type PrincipalHandlers = Pick<Handlers, 'listPrincipals' | 'getPrincipal' | 'putPrincipal'>

/** The humans and workloads that tokens speak for. They act everywhere, so a confined token has no say over them. */
export function principalRoutes({ principals }: Pick<HttpDependencies, 'principals'>): PrincipalHandlers {
  return {
    listPrincipals: async ({ access, query, path }) => {
      requireUnconfined(access)
      return pageReply({ path, query }, await principals.list(pageRequest({ path, query })))
    },

    getPrincipal: async ({ access, parameters }) => {
      requireUnconfined(access)
      const principal = await principals.find(parameters.name)
      if (!principal) throw notFound('principal', 'path.name')
      return json(200, principal)
    },

    putPrincipal: async ({ access, parameters, body, requestId }) => {
      requireUnconfined(access)
      const { kind, disabled = false, groups = [], logins = [] } = body
      const { principal, created } = await principals.put(access, { name: parameters.name, kind, disabled, groups, logins }, requestId)
      return created ? json(201, principal, { location: `/v1/principals/${encodeURIComponent(principal.name)}` }) : json(200, principal)
    },
  }
}
