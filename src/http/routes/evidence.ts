import type { Handlers } from '../call.ts'
import { definedOnly, instantFilter, subjectFilter } from '../filters.ts'
import { ownedFilter } from '../owned.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { json, type Reply } from '../reply.ts'

type EvidenceHandlers = Pick<Handlers, 'listEvidence' | 'getEvidence' | 'getEvidenceRaw' | 'listFindings'>

/** Reading what was submitted. */
export function evidenceRoutes({ evidence, owners }: Pick<HttpDependencies, 'evidence' | 'owners'>): EvidenceHandlers {
  return {
    listEvidence: async ({ access, query, path }) => {
      const { limit: _limit, cursor: _cursor, from, to, project, team, ...filter } = query
      const owned = await ownedFilter(owners, access, { project, team })
      const wanted = { ...definedOnly(filter), ...subjectFilter(query), ...instantFilter({ from, to }), ...owned }
      const page = await evidence.list(access, wanted, pageRequest({ path, query }))
      return pageReply({ path, query }, page)
    },

    getEvidence: async ({ access, parameters }) => json(200, found(await evidence.find(access, parameters.id))),

    getEvidenceRaw: async ({ access, parameters }) => download(found(await evidence.raw(access, parameters.id)), parameters.id),

    listFindings: async ({ access, parameters, query, path }) => {
      const filter = query.severity === undefined ? {} : { severity: query.severity }
      return pageReply({ path, query }, found(await evidence.findings(access, parameters.id, filter, pageRequest({ path, query }))))
    },
  }
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw notFound('evidence', 'path.id')
  return value
}

/** The bytes are a stranger's: a browser may save them, never show or run them. */
function download(bytes: Uint8Array, id: string): Reply {
  return {
    status: 200,
    contentType: 'application/octet-stream',
    body: bytes,
    headers: { 'content-disposition': `attachment; filename="evidence-${id}"`, 'content-security-policy': "default-src 'none'; sandbox" },
  }
}
