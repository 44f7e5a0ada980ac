import { requireUnconfined } from '../../auth/authorize.ts'
import type { IdentityName } from '../../core/linked-identity.ts'
import type { Handlers } from '../call.ts'
import { waiting } from '../guarded-changes.ts'
import { peopleFilter } from '../owned.ts'
import { pageOf } from '../page-of.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { empty, json } from '../reply.ts'

type PrincipalHandlers = Pick<
  Handlers,
  'listPrincipals' | 'getPrincipal' | 'putPrincipal' | 'listIdentities' | 'linkIdentity' | 'unlinkIdentity'
>

/** The humans and workloads that tokens speak for. They act everywhere, so a confined token has no say over them. */
export function principalRoutes({
  principals,
  owners,
  changes,
}: Pick<HttpDependencies, 'principals' | 'owners' | 'changes'>): PrincipalHandlers {
  return {
    listPrincipals: async ({ access, query, path }) => {
      requireUnconfined(access)
      const { people } = await peopleFilter(owners, access, { project: query.project, team: query.team })
      return pageReply({ path, query }, await principals.list(pageRequest({ path, query }), people))
    },

    getPrincipal: async ({ access, parameters }) => {
      requireUnconfined(access)
      const principal = await principals.find(parameters.name)
      if (!principal) throw notFound('principal', 'path.name')
      return json(200, principal)
    },

    putPrincipal: async ({ access, parameters, body, requestId }) => {
      requireUnconfined(access)
      const { kind, disabled = false, groups = [] } = body
      const outcome = await changes.request(access, 'principal.put', { name: parameters.name, kind, disabled, groups }, requestId)
      if ('pending' in outcome) return waiting(outcome.pending)
      const { principal, created } = outcome.applied
      return created ? json(201, principal, { location: `/v1/principals/${encodeURIComponent(principal.name)}` }) : json(200, principal)
    },

    listIdentities: async ({ access, parameters, query, path }) => {
      requireUnconfined(access)
      const principal = await principals.find(parameters.name)
      if (!principal) throw notFound('principal', 'path.name')
      return pageReply({ path, query }, pageOf(principal.identities, identityPath, pageRequest({ path, query })))
    },

    linkIdentity: async ({ access, parameters, requestId }) => {
      requireUnconfined(access)
      const principal = await principals.find(parameters.name)
      if (!principal) throw notFound('principal', 'path.name')
      const { kind, value } = parameters
      const outcome = await changes.request(access, 'identity.link', { principal: principal.name, kind, value }, requestId)
      if ('pending' in outcome) return waiting(outcome.pending)
      const { identity, created } = outcome.applied
      const location = `/v1/principals/${encodeURIComponent(principal.name)}/identities/${identityPath(identity)}`
      return json(created ? 201 : 200, identity, { location })
    },

    unlinkIdentity: async ({ access, parameters, requestId }) => {
      requireUnconfined(access)
      const principal = await principals.find(parameters.name)
      if (!principal) throw notFound('principal', 'path.name')
      const { kind, value } = parameters
      const outcome = await changes.request(access, 'identity.unlink', { principal: principal.name, kind, value }, requestId)
      if ('pending' in outcome) return waiting(outcome.pending)
      if (!outcome.applied) throw notFound('identity of this principal', 'path.value')
      return empty(204)
    },
  }
}

function identityPath({ kind, value }: IdentityName): string {
  return `${encodeURIComponent(kind)}/${encodeURIComponent(value)}`
}
