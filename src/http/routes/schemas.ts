import { FORMAT_SCHEMAS } from '../../evidence/index.ts'
import { POLICY_INPUT_SCHEMA } from '../../policy/input-schema.ts'
import type { Handlers } from '../call.ts'
import type { ContractDocument } from '../contract/document.ts'
import { standaloneSchema } from '../contract/standalone-schema.ts'
import { notFound } from '../problem.ts'
import { text } from '../reply.ts'

/** The schemas of the documents that users write themselves, and of what their policies read. */
export function schemaRoutes(contract: ContractDocument): Pick<Handlers, 'getFormatSchema' | 'getPolicyInputSchema' | 'getResourceSchema'> {
  const policyInput = JSON.stringify(POLICY_INPUT_SCHEMA, null, 2)
  const resource = JSON.stringify(standaloneSchema(contract, 'ResourceDocument'), null, 2)
  const schemas = new Map([...FORMAT_SCHEMAS].map(([format, schema]) => [format, JSON.stringify(schema, null, 2)]))
  return {
    getPolicyInputSchema: () => text(200, 'application/schema+json', policyInput),

    getResourceSchema: () => text(200, 'application/schema+json', resource),

    getFormatSchema: ({ parameters }) => {
      const schema = schemas.get(parameters.format)
      if (schema === undefined) throw notFound('schema', 'path.format')
      return text(200, 'application/schema+json', schema)
    },
  }
}
