import type { TokenRecord, TokenState } from '../../auth/ports.ts'
import { notReplaceable } from '../../auth/token-rotation.ts'
import { stateOf } from '../../auth/token-state.ts'
import type { IssuedToken } from '../../auth/issue-once.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { Access } from '../../core/principal.ts'
import type { Handlers } from '../call.ts'
import { definedOnly, utc } from '../filters.ts'
import { replayHeader } from '../idempotency.ts'
import { peopleFilter } from '../owned.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { empty, json, type Reply } from '../reply.ts'

type TokenHandlers = Pick<
  Handlers,
  'createToken' | 'listTokens' | 'getOwnToken' | 'rotateOwnToken' | 'getToken' | 'revokeToken' | 'rotateToken'
>

/** Credentials. Their text is shown once, as they are made; nothing here ever shows a hash. */
export function tokenRoutes({ tokens, owners, clock }: Pick<HttpDependencies, 'tokens' | 'owners' | 'clock'>): TokenHandlers {
  const shown = (record: TokenRecord): ShownToken => {
    const { hash: _secret, ...rest } = record
    return { ...rest, state: stateOf(record, clock.now()) }
  }
  const issued = ({ record, token, created }: IssuedToken & { created: boolean }): Reply =>
    json(created ? 201 : 200, { ...shown(record), token }, { location: tokenPath(record.id), ...replayHeader(!created) })
  return {
    createToken: async ({ access, body, requestId, idempotency, credential }) => {
      const { principal, description, roles = [], scopes = [], confinement = {}, expiresAt = null } = body
      const draft = {
        principal: principal ?? access.principal.id,
        description,
        roles,
        scopes,
        confinement: definedOnly(confinement),
        expiresAt,
      }
      return issued(await tokens.issue(access, draft, { requestId, idempotency, credential }))
    },

    listTokens: async ({ access, query, path }) => {
      const { principal, family: familyId, kind, state, project, team } = query
      const expiresBefore = query.expiresBefore && utc(query.expiresBefore, 'query.expiresBefore')
      const unusedSince = query.unusedSince && utc(query.unusedSince, 'query.unusedSince')
      const named = definedOnly({ principal, familyId, kind, state, expiresBefore, unusedSince })
      const filter = { ...named, ...(await peopleFilter(owners, access, { project, team })) }
      const page = await tokens.list(access, filter, pageRequest({ path, query }))
      return pageReply({ path, query }, { items: page.items.map(shown), next: page.next })
    },

    getOwnToken: async ({ access }) => {
      const record = isKept(access) ? await tokens.find(access, access.credential.id) : undefined
      if (!record) throw notFound('token', 'header.Authorization')
      return json(200, shown(record))
    },

    rotateOwnToken: async ({ access, body, requestId, idempotency, credential }) => {
      const { id } = access.credential
      const meta = { requestId, idempotency: sameAsById(idempotency, id), credential }
      const successor = isKept(access) ? await tokens.rotate(access, id, body?.overlap, meta) : undefined
      if (!successor) throw notReplaceable(NOT_KEPT, 'It ends by itself; its issuer makes the next one.')
      return issued(successor)
    },

    getToken: async ({ access, parameters }) => {
      const record = await tokens.find(access, parameters.id)
      if (!record) throw notFound('token', 'path.id')
      return json(200, shown(record))
    },

    revokeToken: async ({ access, parameters, query, requestId }) => {
      if (!(await tokens.revoke(access, parameters.id, { issued: query.issued === true }, requestId))) throw notFound('token', 'path.id')
      return empty(204)
    },

    rotateToken: async ({ access, parameters, body, requestId, idempotency, credential }) => {
      const successor = await tokens.rotate(access, parameters.id, body?.overlap, { requestId, idempotency, credential })
      if (!successor) throw notFound('token', 'path.id')
      return issued(successor)
    },
  }
}

type ShownToken = Omit<TokenRecord, 'hash'> & { state: TokenState }

function tokenPath(id: string): string {
  return `/v1/tokens/${id}`
}

const NOT_KEPT = 'The request was not sent with a token that is kept here.'

/** False for what somebody else issued, such as the token of a CI system. */
function isKept({ credential }: Access): boolean {
  return credential.kind === 'token' || credential.kind === 'session'
}

/** Keys belong to principals, which have many tokens: each token that replaces itself has its own, under whichever path. */
function sameAsById(idempotency: IdempotencyClaim | undefined, id: string): IdempotencyClaim | undefined {
  return idempotency && { ...idempotency, path: `${tokenPath(id)}/rotate` }
}
