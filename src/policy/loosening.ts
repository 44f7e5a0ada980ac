import { durationMs } from '../core/duration.ts'
import { breakGlassMs } from './break-glass.ts'
import type { Binding, BindingSelector } from './model.ts'

/** In which direction a parameter is stricter: the keyword `stricter` of its schema. The last two are for enumerations. */
export const STRICTER = ['lower', 'higher', 'true', 'false', 'longer', 'shorter', 'earlier', 'later'] as const

type Draft = Omit<Binding, 'revision'>
type Schema = Readonly<Record<string, unknown>>

/** From what only lists to what denies. */
const STRICTNESS = { shadow: 0, warn: 1, enforce: 2 } as const

const SELECTORS = ['stage', 'environment', 'repository', 'source', 'team', 'labels'] as const satisfies readonly (keyof BindingSelector)[]

/**
 * Whether a change of a binding may let pass, or pass over in silence, what it had something against before. What can't be told counts as
 * loosening: another pack or version, a selector that isn't simply dropped, a parameter of which the schema doesn't say in which direction it is stricter.
 * @param after undefined if it is removed
 * @param schema of the parameters as they would be; its keyword `stricter` names the direction
 */
export function loosens(before: Draft, after: Draft | undefined, schema: Schema): boolean {
  if (before.mode === 'shadow') return false
  if (!after || after.pack !== before.pack || after.version !== before.version) return true
  if (STRICTNESS[after.mode] < STRICTNESS[before.mode]) return true
  if (SELECTORS.some((name) => after[name] !== undefined && !isSame(before[name], after[name]))) return true
  // Both were read before; what can't be read holds for ever.
  if ((durationMs(after.validFor) ?? Infinity) > (durationMs(before.validFor) ?? 0)) return true
  if (longestBreak(after) > longestBreak(before)) return true
  return !isTighter(before.parameters, after.parameters, schema, schema)
}

/** For how long anything may pass against it, in milliseconds. */
function longestBreak({ breakGlass }: Draft): number {
  return breakGlass ? breakGlassMs(breakGlass) : 0
}

/** Whether a value is the same as before or stricter, by its schema. @param root holds what the schema refers to */
function isTighter(before: unknown, after: unknown, schema: Schema, root: Schema): boolean {
  const full = resolved(schema, root)
  // Null is a value of its own: no limit.
  const [old, fresh] = [before, after].map((value) => (value === undefined ? full['default'] : value))
  if (isSame(old, fresh)) return true
  const direction = full['stricter']
  if (typeof direction === 'string') return isStricter(old, fresh, direction, full['enum'])
  const properties = full['properties']
  if (!isObject(properties)) return false
  const [olds, freshs] = [old ?? {}, fresh ?? {}]
  if (!isObject(olds) || !isObject(freshs)) return false
  return [...new Set([...Object.keys(olds), ...Object.keys(freshs)])].every((name) => {
    const part = properties[name]
    return isObject(part) ? isTighter(olds[name], freshs[name], part, root) : isSame(olds[name], freshs[name])
  })
}

/** What a schema says, with what it refers to within the document. */
function resolved(schema: Schema, root: Schema): Schema {
  const name = /^#\/\$defs\/([A-Za-z]+)$/.exec(String(schema['$ref']))?.[1]
  const defs = root['$defs']
  const target = name !== undefined && isObject(defs) ? defs[name] : undefined
  return isObject(target) ? { ...target, ...schema } : schema
}

/** Null stands for no limit. @param order the values of an enumeration */
function isStricter(before: unknown, after: unknown, direction: string, order: unknown): boolean {
  switch (direction) {
    case 'lower':
    case 'higher':
      if (before === null) return typeof after === 'number'
      if (typeof before !== 'number' || typeof after !== 'number') return false
      return direction === 'lower' ? after < before : after > before
    case 'true':
    case 'false':
      return after === (direction === 'true')
    case 'longer':
      return isWithin(before, after)
    case 'shorter':
      return isWithin(after, before)
    case 'earlier':
      return placeIn(order, after) < placeIn(order, before)
    case 'later':
      return placeIn(order, after) > placeIn(order, before)
    default:
      return false
  }
}

function isWithin(part: unknown, whole: unknown): boolean {
  return Array.isArray(part) && Array.isArray(whole) && part.every((item) => whole.some((other) => isSame(item, other)))
}

/** Not a number, which compares with nothing, for what isn't there. */
function placeIn(order: unknown, value: unknown): number {
  const at = Array.isArray(order) ? order.indexOf(value) : -1
  return at < 0 ? Number.NaN : at
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
