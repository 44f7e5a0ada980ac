import { FACT_NAMES } from '../facts.ts'
import type { PackManifest } from '../model.ts'
import { POLICY_INPUT_SCHEMA } from '../input-schema.ts'

/** An input that a policy is tried out with. */
export interface ProbeInput {
  /** Follows "with". */
  what: string
  text: string
}

const NOW = 1_800_000_000
const PLATFORM = 'sha256:0000000000000000000000000000000000000000000000000000000000000000'
const MANY = 500

/**
 * What a policy may meet: nothing but the question, something of everything that it asks for, and a large report.
 * @param parameters as a binding has them that sets none
 */
export function probeInputs({ classes, facts }: Pick<PackManifest, 'classes' | 'facts'>, parameters: unknown): ProbeInput[] {
  const schemas = POLICY_INPUT_SCHEMA['properties'] as Readonly<Record<string, JsonSchema>> & { evidence: { items: JsonSchema } }
  const input = (isFull: boolean, findings: number): string => {
    const isTold = (name: string): boolean => isFull && !FACT_NAMES.some((fact) => fact === name && !facts.includes(fact))
    const sampled = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, sample(schema, isTold(name))]))
    const evidence = isFull ? classes.map((name) => evidenceOf(schemas.evidence.items, name, findings)) : []
    const platforms = [{ id: PLATFORM, platform: null }]
    return JSON.stringify({ ...sampled, now: NOW, stage: 'production', environment: 'production', platforms, evidence, parameters })
  }
  return [
    { what: 'nothing but a question', text: input(false, 0) },
    { what: 'a piece of evidence of each class', text: input(true, 1) },
    { what: `${MANY} findings in a report`, text: input(true, MANY) },
  ]
}

function evidenceOf(schema: JsonSchema, name: string, findings: number): object {
  const sampled = sample(schema, true) as { findings: object[] }
  const found = Array.from({ length: findings }, (_, at) => ({
    ...sampled.findings[0],
    class: name,
    id: `EXAMPLE-${at}`,
    package: `package-${at}`,
  }))
  return { ...sampled, class: name, time: NOW, database_time: NOW, covers: [PLATFORM], findings: found }
}

type JsonSchema = Readonly<Record<string, unknown>>

/** A value that fits a schema: with everything that may be absent, or with nothing of it. */
function sample(schema: JsonSchema, isFull: boolean): unknown {
  if ('const' in schema) return schema['const']
  const { anyOf, enum: values, type, format } = schema
  if (Array.isArray(anyOf)) return isFull ? sample(anyOf[0] as JsonSchema, isFull) : null
  if (Array.isArray(values)) return values[0]
  switch (type) {
    case 'string':
      return format === 'date-time' ? '2027-01-15T08:00:00Z' : 'example'
    case 'number':
    case 'integer':
      return 1
    case 'boolean':
      return false
    case 'array':
      return isFull ? [sample(schema['items'] as JsonSchema, isFull)] : []
    case 'object':
      return Object.fromEntries(
        Object.entries((schema['properties'] as Readonly<Record<string, JsonSchema>> | undefined) ?? {}).map(([name, under]) => [
          name,
          sample(under, isFull),
        ]),
      )
    default:
      return null
  }
}
