import { requireUnconfined } from '../../auth/authorize.ts'
import type { TokenRecord } from '../../auth/ports.ts'
import type { Handlers } from '../call.ts'
import { definedOnly } from '../filters.ts'
import { replayHeader } from '../idempotency.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { empty, json } from '../reply.ts'

type TokenHandlers = Pick<Handlers, 'createToken' | 'listTokens' | 'getToken' | 'revokeToken' | 'rotateToken'>

/** Credentials. Their text is shown once, as they are made; nothing here ever shows a hash. */
export function tokenRoutes({ tokens }: Pick<HttpDependencies, 'tokens'>): TokenHandlers {
  return {
    createToken: async ({ access, body, requestId, idempotency, credential }) => {
      const { principal, description, roles = [], scopes = [], confinement = {}, expiresAt = null } = body
      const draft = { principal, description, roles, scopes, confinement: definedOnly(confinement), expiresAt }
      const { record, token, created } = await tokens.issue(access, draft, { requestId, idempotency, credential })
      return json(created ? 201 : 200, { ...shown(record), token }, { location: tokenPath(record.id), ...replayHeader(!created) })
    },

    listTokens: async ({ access, query, path }) => {
      requireUnconfined(access)
      const filter = query.principal === undefined ? {} : { principal: query.principal }
      const page = await tokens.list(filter, pageRequest({ path, query }))
      return pageReply({ path, query }, { items: page.items.map(shown), next: page.next })
    },

    getToken: async ({ access, parameters }) => {
      requireUnconfined(access)
      const record = await tokens.find(parameters.id)
      if (!record) throw notFound('token', 'path.id')
      return json(200, shown(record))
    },

    revokeToken: async ({ access, parameters, requestId }) => {
      if (!(await tokens.revoke(access, parameters.id, requestId))) throw notFound('token', 'path.id')
      return empty(204)
    },

    rotateToken: async ({ access, parameters, requestId }) => {
      const issued = await tokens.rotate(access, parameters.id, requestId)
      if (!issued) throw notFound('token that could be replaced', 'path.id')
      return json(201, { ...shown(issued.record), token: issued.token }, { location: tokenPath(issued.record.id) })
    },
  }
}

function tokenPath(id: string): string {
  return `/v1/tokens/${id}`
}

function shown(record: TokenRecord): Omit<TokenRecord, 'hash'> {
  const { hash: _secret, ...rest } = record
  return rest
}
