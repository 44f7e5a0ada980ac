import { runInNewContext } from 'node:vm'

import { DEFAULT_JSON_LIMITS, parseBoundedJson } from '../../core/bounded-json.ts'
import { checkParameterSchema } from '../parameters.ts'
import type { PolicyFinding } from './finding.ts'
import type { PolicySource } from './policy-compiler.ts'

export type ParameterSchema = Readonly<Record<string, unknown>> & { properties?: object; $defs?: object; required?: readonly string[] }

/** A policy's own parameters and the common ones; where both define one, the policy's wins. */
export function withCommonParameters(common: ParameterSchema, own: ParameterSchema): ParameterSchema {
  const defs = { ...common.$defs, ...own.$defs }
  const required = [...new Set([...(common.required ?? []), ...(own.required ?? [])])]
  return {
    ...common,
    ...own,
    properties: { ...common.properties, ...own.properties },
    ...(Object.keys(defs).length > 0 && { $defs: defs }),
    ...(required.length > 0 && { required }),
  }
}

/** Of a policy about documents: what it means that none counts. */
const MISSING: ParameterSchema = {
  properties: {
    missing: {
      description: 'What it means that no usable document counts for the subject.',
      enum: ['violation', 'warning', 'ignore'],
      default: 'violation',
      stricter: 'earlier',
    },
  },
}

/** The schema of a policy's parameters: what it says in `params.schema.json`, if it does, and what every pack has. */
export function readParameterSchema(
  source: PolicySource | null,
  common: ParameterSchema,
  aboutDocuments: boolean,
): { schema: ParameterSchema } | { finding: PolicyFinding } {
  const shared = aboutDocuments ? withCommonParameters(common, MISSING) : common
  if (!source) return { schema: shared }
  try {
    const own = parseBoundedJson(source.text, LIMITS)
    if (!isObject(own) || (own['type'] ?? 'object') !== 'object') return { finding: invalid(source, 'It does not describe an object.') }
    const schema = withCommonParameters(shared, own)
    within(CHECK_MS, () => checkParameterSchema(schema))
    return { schema }
  } catch (error) {
    return { finding: invalid(source, error instanceof Error ? error.message : 'It is no JSON Schema.') }
  }
}

/** Patterns of a stranger may take for ever on defaults of a stranger; the limits of a script hold for regular expressions, too. */
const CHECK_MS = 1000

function within(ms: number, task: () => void): void {
  try {
    runInNewContext('task()', { task }, { timeout: ms })
  } catch (error) {
    // It comes from another realm, so that it is no Error of this one.
    const isTimeout = isObject(error) && error['code'] === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
    throw isTimeout ? new Error('Its defaults take too long to check.') : error
  }
}

const LIMITS = { ...DEFAULT_JSON_LIMITS, maxDepth: 32, maxValues: 10_000 }

function invalid({ path }: PolicySource, said: string): PolicyFinding {
  const message = `The parameters can't be described so. ${said.slice(0, 300).toWellFormed()}`
  const fix = 'Write JSON Schema (2020-12) of one object, and give each property a default that needs none.'
  return { code: 'parameters_schema_invalid', file: path, line: null, message, fix }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
