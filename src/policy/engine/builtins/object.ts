import type { Builtin } from './builtin.ts'
import { compareRego, isRegoArray, RegoObject, RegoSet, type RegoArray, type RegoValue } from './rego-value.ts'

export const objectBuiltins: Readonly<Record<string, Builtin>> = {
  'object.subset': (whole, part) => (whole === undefined || part === undefined ? undefined : subset(whole, part)),
}

function subset(whole: RegoValue, part: RegoValue): boolean | undefined {
  return isRegoArray(whole) && part instanceof RegoSet ? arrayHoldsSet(whole, part) : sameKindSubset(whole, part)
}

function sameKindSubset(whole: RegoValue, part: RegoValue): boolean | undefined {
  if (whole instanceof RegoObject && part instanceof RegoObject) return objectSubset(whole, part)
  if (whole instanceof RegoSet && part instanceof RegoSet) return part.items.every((item) => whole.has(item))
  if (isRegoArray(whole) && isRegoArray(part)) return arraySubset(whole, part)
  return undefined
}

/** Objects are compared in depth; arrays and sets in them by the rules for those; everything else must be equal. */
function objectSubset(whole: RegoObject, part: RegoObject): boolean {
  return part.entries.every(([key, value]) => {
    const other = whole.get(key)
    return other !== undefined && (sameKindSubset(other, value) ?? compareRego(other, value) === 0)
  })
}

/** The part must stand in the whole without a gap. An empty part is contained. */
function arraySubset(whole: RegoArray, part: RegoArray): boolean {
  for (let start = 0; start + part.length <= whole.length; start++) {
    if (part.every((item, index) => compareRego(whole[start + index] ?? null, item) === 0)) return true
  }
  return false
}

/** OPA counts matches, so that it is never true for an array without items, and repeats of one item count for several. */
function arrayHoldsSet(whole: RegoArray, part: RegoSet): boolean {
  let unmatched = part.items.length
  for (const item of whole) {
    if (part.has(item)) unmatched--
    if (unmatched === 0) return true
  }
  return false
}
