import type { PackManifest } from '../../policy/model.ts'
import type { Domain } from './nearest-flip.ts'

type Schema = Readonly<Record<string, unknown>>

/** Beyond it no limit means anything. */
const MOST = 1_000_000

/** What a parameter's schema lets it be. */
export interface ParameterRange {
  domain: Domain | null
  /** Listed values; none where the schema lists none. */
  values: readonly unknown[]
}

/** Finds the schema of a parameter by its path; what `environments` lays over it has the same one. */
export function rangeOf({ parameters }: Pick<PackManifest, 'parameters'>, keys: readonly (string | number)[]): ParameterRange {
  const [first, , ...rest] = keys
  const path = first === 'environments' ? rest : keys
  let schema: Schema | undefined = parameters
  for (const key of path) schema = partOf(resolved(schema, parameters), key)
  const choices = choicesOf(resolved(schema, parameters), parameters)
  const number = choices.find(({ type }) => hasType(type, 'integer') || hasType(type, 'number'))
  return {
    values: choices.flatMap((choice) => (Array.isArray(choice['enum']) ? (choice['enum'] as unknown[]) : [])),
    domain: number
      ? {
          least: asNumber(number['minimum']) ?? 0,
          most: Math.min(asNumber(number['maximum']) ?? MOST, MOST),
          step: hasType(number['type'], 'integer') ? 1 : 0.01,
        }
      : null,
  }
}

function partOf(schema: Schema | undefined, key: string | number): Schema | undefined {
  const properties = schema?.['properties'] as Readonly<Record<string, Schema | undefined>> | undefined
  if (typeof key === 'string' && properties && Object.hasOwn(properties, key)) return properties[key]
  const any = schema?.[typeof key === 'number' ? 'items' : 'additionalProperties']
  return typeof any === 'object' && any !== null ? (any as Schema) : undefined
}

/** Siblings of a reference, such as a default, say nothing about what is taken. */
function resolved(schema: Schema | undefined, root: Schema): Schema | undefined {
  const reference = schema?.['$ref']
  if (typeof reference !== 'string' || !reference.startsWith('#/$defs/')) return schema
  return (root['$defs'] as Readonly<Record<string, Schema>> | undefined)?.[reference.slice('#/$defs/'.length)]
}

function choicesOf(schema: Schema | undefined, root: Schema): Schema[] {
  if (!schema) return []
  const choices = [schema['oneOf'], schema['anyOf']].flatMap((list) => (Array.isArray(list) ? (list as Schema[]) : []))
  return [schema, ...choices.map((choice) => resolved(choice, root)).filter((choice) => choice !== undefined)]
}

function hasType(type: unknown, wanted: string): boolean {
  return type === wanted || (Array.isArray(type) && type.includes(wanted))
}

function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
