import type { Handlers } from '../call.ts'
import { replayHeader } from '../idempotency.ts'
import type { HttpDependencies } from '../ports.ts'
import { json } from '../reply.ts'

/** POST /v1/evidence: the body is the report itself. */
export function submitEvidence({ intake }: Pick<HttpDependencies, 'intake'>): Pick<Handlers, 'submitEvidence'> {
  return {
    submitEvidence: async ({ access, body, query, requestId, idempotency }) => {
      const { subject, format = 'auto', name, run, source } = query
      const { evidence, created, repeated } = await intake.submit(access, {
        bytes: body,
        subject,
        format,
        name,
        run,
        source,
        requestId,
        idempotency,
      })
      return json(created ? 201 : 200, evidence, { location: `/v1/evidence/${evidence.id}`, ...replayHeader(repeated) })
    },
  }
}
