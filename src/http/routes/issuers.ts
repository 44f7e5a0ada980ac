import { requireUnconfined } from '../../auth/authorize.ts'
import type { Handlers } from '../call.ts'
import { waiting } from '../guarded-changes.ts'
import { pageOf } from '../page-of.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { empty, json } from '../reply.ts'

type IssuerHandlers = Pick<Handlers, 'listIssuers' | 'getIssuer' | 'putIssuer' | 'deleteIssuer'>

/** Who is trusted to say who somebody is. That concerns everybody, so a confined token has no say over them. */
export function issuerRoutes({ issuers, changes }: Pick<HttpDependencies, 'issuers' | 'changes'>): IssuerHandlers {
  return {
    listIssuers: async ({ access, query, path }) => {
      requireUnconfined(access)
      return pageReply(
        { path, query },
        pageOf(await issuers.list(), ({ name }) => name, pageRequest({ path, query })),
      )
    },

    getIssuer: async ({ access, parameters }) => {
      requireUnconfined(access)
      return json(200, await issuers.find(parameters.name))
    },

    putIssuer: async ({ access, parameters, body, requestId }) => {
      requireUnconfined(access)
      const outcome = await changes.request(access, 'issuer.put', { name: parameters.name, draft: body }, requestId)
      if ('pending' in outcome) return waiting(outcome.pending)
      const { issuer, created } = outcome.applied
      return created ? json(201, issuer, { location: `/v1/issuers/${issuer.name}` }) : json(200, issuer)
    },

    deleteIssuer: async ({ access, parameters, requestId }) => {
      requireUnconfined(access)
      const outcome = await changes.request(access, 'issuer.delete', { name: parameters.name }, requestId)
      return 'pending' in outcome ? waiting(outcome.pending) : empty(204)
    },
  }
}
