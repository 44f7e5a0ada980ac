import type { Figures } from './table.ts'

/** The values at a path like jq's: `results[].packages[]`; of an object `[]` gives the values. */
export function find(from: unknown, path: string): unknown[] {
  const steps = path.match(/\[\]|[^.[\]]+/g) ?? []
  return steps.reduce<unknown[]>((found, step) => found.flatMap((value) => stepInto(value, step)), [from])
}

function stepInto(value: unknown, step: string): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  if (step === '[]') return Object.values(value)
  const inner = Array.isArray(value) ? undefined : (value as Record<string, unknown>)[step]
  return inner === undefined || inner === null ? [] : [inner]
}

/** The values at a path of a JSON text. */
export function all(text: string, path: string): unknown[] {
  return find(JSON.parse(text), path)
}

/** The texts and numbers at a path, empty ones left out. */
export function texts(from: unknown, path: string): string[] {
  return find(from, path)
    .map(String)
    .filter((text) => text !== '')
}

/** The first of them; empty if there is none. */
export function word(from: unknown, path: string): string {
  return texts(from, path)[0] ?? ''
}

const WORDS: Readonly<Record<string, string>> = { moderate: 'medium', info: 'negligible', informational: 'negligible' }
const SEVERITIES = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown']

/**
 * How many items there are of each severity.
 * @param severity path of the severity in an item; any word that isn't one is unknown
 * @param fix path of what is there if the item can be fixed, to count that as well
 * @param identity paths whose values tell two items apart; none: each item counts
 */
export function counted(items: readonly unknown[], severity: string, fix?: string, identity?: readonly string[]): Figures {
  const keyOf = (item: unknown, index: number) => (identity ? JSON.stringify(identity.map((path) => texts(item, path))) : String(index))
  const unique = [...new Map(items.map((item, index) => [keyOf(item, index), item])).values()]
  const ladder = unique.map((item) => {
    const lower = word(item, severity).toLowerCase()
    return SEVERITIES.includes(WORDS[lower] ?? lower) ? (WORDS[lower] ?? lower) : 'unknown'
  })
  const counts = Object.fromEntries(SEVERITIES.map((name) => [name, ladder.filter((one) => one === name).length]))
  return fix === undefined ? counts : { ...counts, fixable: unique.filter((item) => word(item, fix) !== '').length }
}
