import { FORMAT_SCHEMAS } from '../../evidence/index.ts'
import type { Handlers } from '../call.ts'
import { notFound } from '../problem.ts'
import { text } from '../reply.ts'

/** The schemas of the documents that users write themselves. */
export function schemaRoutes(): Pick<Handlers, 'getFormatSchema'> {
  const schemas = new Map([...FORMAT_SCHEMAS].map(([format, schema]) => [format, JSON.stringify(schema, null, 2)]))
  return {
    getFormatSchema: ({ parameters }) => {
      const schema = schemas.get(parameters.format)
      if (schema === undefined) throw notFound('schema', 'path.format')
      return text(200, 'application/schema+json', schema)
    },
  }
}
