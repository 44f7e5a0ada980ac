import type { Builtin } from './builtin.ts'
import { isRegoArray, RegoSet, type RegoValue } from './rego-value.ts'

export const stringBuiltins: Readonly<Record<string, Builtin>> = {
  'strings.any_prefix_match': (search, base) => anyMatch(search, base, (text, affix) => text.startsWith(affix)),
  'strings.any_suffix_match': (search, base) => anyMatch(search, base, (text, affix) => text.endsWith(affix)),
  'strings.count': (text, part) => (typeof text === 'string' && typeof part === 'string' ? countOf(text, part) : undefined),
  'glob.quote_meta': (text) => (typeof text === 'string' ? text.replaceAll(/[*?\\[\]{}]/g, String.raw`\$&`) : undefined),
}

function anyMatch(search: RegoValue | undefined, base: RegoValue | undefined, matches: (text: string, affix: string) => boolean) {
  const [texts, affixes] = [stringsOf(search), stringsOf(base)]
  return texts && affixes && texts.some((text) => affixes.some((affix) => matches(text, affix)))
}

/** A string, or an array or set of nothing but strings. */
function stringsOf(operand: RegoValue | undefined): readonly string[] | undefined {
  if (typeof operand === 'string') return [operand]
  const items = operand instanceof RegoSet ? operand.items : operand
  if (items === undefined || items === null || typeof items !== 'object' || !isRegoArray(items)) return undefined
  return items.every((item) => typeof item === 'string') ? items : undefined
}

/** Go's `strings.Count`: of nothing there is one more than there are characters. */
function countOf(text: string, part: string): number {
  return part === '' ? [...text].length + 1 : text.split(part).length - 1
}
