import type { Handlers } from '../call.ts'
import { replayHeader } from '../idempotency.ts'
import type { HttpDependencies } from '../ports.ts'
import { isTarType } from '../media-type.ts'
import { json } from '../reply.ts'

/** POST /v1/evidence: the body is the report itself, or a tar archive of several. */
export function submitEvidence({ intake }: Pick<HttpDependencies, 'intake'>): Pick<Handlers, 'submitEvidence'> {
  return {
    submitEvidence: async ({ access, body, query, requestId, idempotency, request }) => {
      const { subject, format = 'auto', name, run, source } = query
      const stated = { bytes: body, subject, name, run, source, requestId, idempotency }
      if (format === 'tar' || (format === 'auto' && isTarType(request.headers['content-type']))) {
        const { items, created, repeated } = await intake.deliver(access, stated)
        const location = `/v1/evidence?subject=${encodeURIComponent(items[0]?.subject ?? '')}`
        return json(created ? 201 : 200, { items }, { location, ...replayHeader(repeated) })
      }
      const { evidence, created, repeated } = await intake.submit(access, { ...stated, format })
      return json(created ? 201 : 200, evidence, { location: `/v1/evidence/${evidence.id}`, ...replayHeader(repeated) })
    },
  }
}
