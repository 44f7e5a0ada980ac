import fc from 'fast-check'

import { isTimeZone } from '../../../../src/core/wall-clock.ts'
import { parseInstant } from '../../../../src/core/time.ts'
import type { PackManifest } from '../../../../src/policy/model.ts'
import { place, wordThat } from './words.ts'

interface Schema {
  $ref?: string
  type?: string | readonly string[]
  enum?: readonly unknown[]
  const?: unknown
  default?: unknown
  properties?: Readonly<Record<string, Schema>>
  required?: readonly string[]
  additionalProperties?: Schema | boolean
  propertyNames?: Schema
  items?: Schema
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  minLength?: number
  pattern?: string
  format?: string
  minimum?: number
  exclusiveMinimum?: number
  maximum?: number
}

/** What the service applies before a pack runs: packs never read it. */
const APPLIED_BEFORE = new Set(['from', 'minTrust', 'allowMismatch', 'linkProof', 'sources', 'vexPackagesFrom', 'baseline'])

/** Parameters as an administrator could write them: each with every value that its schema allows, or left out. */
export function parametersFor({ parameters }: PackManifest): fc.Arbitrary<Record<string, unknown>> {
  const schema = parameters as Schema & { $defs?: Readonly<Record<string, Schema>> }
  const own = Object.entries(schema.properties ?? {}).filter(([key]) => !APPLIED_BEFORE.has(key))
  return objectOf({ ...schema, properties: Object.fromEntries(own) }, schema.$defs ?? {})
}

type Definitions = Readonly<Record<string, Schema>>

function valueOf(given: Schema, defs: Definitions): fc.Arbitrary<unknown> {
  const schema = given.$ref === undefined ? given : (defs[given.$ref.replace('#/$defs/', '')] ?? {})
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  return fc.oneof(...[schema.type ?? 'null'].flat().map((type) => valueOfType(type, schema, defs)))
}

function valueOfType(type: string, schema: Schema, defs: Definitions): fc.Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 5, (schema.minimum ?? 0) + 5) })
    case 'number':
      return numberOf(schema)
    case 'string':
      return stringOf(schema)
    case 'array':
      return arrayOf(schema, defs)
    default:
      return objectOf(schema, defs)
  }
}

/** Mostly small ones, and the greatest; halves, since decimals of a binary fraction prove nothing. */
function numberOf({ minimum, exclusiveMinimum, maximum }: Schema): fc.Arbitrary<number> {
  const least = minimum ?? (exclusiveMinimum === undefined ? 0 : exclusiveMinimum + 0.5)
  const most = maximum ?? 100
  return fc.oneof(
    fc.integer({ min: 0, max: 6 }).map((halves) => Math.min(most, least + halves / 2)),
    fc.integer({ min: Math.ceil(least), max: Math.floor(Math.min(most, least + 100)) }),
    fc.constant(most),
  )
}

/** Of the names of stages and environments. */
const PLACE = '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'

function stringOf({ pattern, format, minLength = 0 }: Schema): fc.Arbitrary<string> {
  if (pattern === PLACE) return place
  const shape = pattern === undefined ? undefined : new RegExp(pattern, 'u')
  return wordThat(
    (word) =>
      word.length >= minLength &&
      (shape?.test(word) ?? true) &&
      (format !== 'time-zone' || isTimeZone(word)) &&
      (format !== 'date-time' || parseInstant(word) !== undefined),
    pattern ?? format ?? 'any text',
  )
}

function arrayOf({ items = {}, minItems = 0, maxItems = 3, uniqueItems = false }: Schema, defs: Definitions): fc.Arbitrary<unknown[]> {
  const limits = { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 3)) }
  const item = valueOf(items, defs)
  return uniqueItems ? fc.uniqueArray(item, { ...limits, selector: (value) => JSON.stringify(value) }) : fc.array(item, limits)
}

function objectOf(schema: Schema, defs: Definitions): fc.Arbitrary<Record<string, unknown>> {
  const { properties = {}, required = [], additionalProperties, propertyNames } = schema
  const known = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, valueOf(value, defs)]))
  if (typeof additionalProperties !== 'object') return fc.record(known, { requiredKeys: [...required] })
  return fc.dictionary(stringOf(propertyNames ?? {}), valueOf(additionalProperties, defs), { maxKeys: 3, noNullPrototype: true })
}
