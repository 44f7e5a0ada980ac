import { requireUnconfined } from '../../auth/authorize.ts'
import type { Handlers } from '../call.ts'
import { definedOnly, instantFilter, subjectFilter } from '../filters.ts'
import { ownedFilter } from '../owned.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { text } from '../reply.ts'

type AuditHandlers = Pick<Handlers, 'listAuditEntries' | 'getAuditReceipt' | 'getAuditCheckpoint' | 'getTlogCheckpoint'>

/** The log, and proofs from it. It tells of everything, so a confined token may not read it. */
export function auditRoutes({ audit, owners }: Pick<HttpDependencies, 'audit' | 'owners'>): AuditHandlers {
  return {
    listAuditEntries: async ({ access, query, path }) => {
      requireUnconfined(access)
      const { limit: _limit, cursor: _cursor, from, to, project, team, ...filter } = query
      const owned = await ownedFilter(owners, access, { project, team })
      const wanted = { ...definedOnly(filter), ...subjectFilter(query), ...instantFilter({ from, to }), ...owned }
      const page = await audit.entries(wanted, pageRequest({ path, query }))
      return pageReply({ path, query }, page)
    },

    getAuditReceipt: async ({ access, parameters }) => {
      requireUnconfined(access)
      return text(200, 'text/plain', await audit.receipt(parameters.index))
    },

    getAuditCheckpoint: async () => text(200, 'text/plain', await audit.checkpoint()),

    getTlogCheckpoint: async () => text(200, 'text/plain', await audit.checkpoint()),
  }
}
