import { FINDINGS_SCHEMA } from '../../evidence/index.ts'
import type { Handlers } from '../call.ts'
import { text } from '../reply.ts'

/** The schemas of the documents that users write themselves. */
export function schemaRoutes(): Pick<Handlers, 'getFindingsSchema'> {
  const findings = JSON.stringify(FINDINGS_SCHEMA, null, 2)
  return {
    getFindingsSchema: () => text(200, 'application/schema+json', findings),
  }
}
