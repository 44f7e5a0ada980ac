import type { ReadFact } from './explanation.ts'

type Path = readonly (string | number)[]

/** A place of a JSON document, and values to be tried in its stead. */
export interface Place extends ReadFact {
  keys: Path
  others: readonly unknown[]
}

/** Lists longer than this are tried as a whole. */
const MOST_ELEMENTS = 25
/** Readers want to know which finding it was, not all of it. */
const SHOWN = ['id', 'severity', 'purl', 'fixed_version', 'first_seen', 'verdict', 'stage', 'environment', 'by'] as const

/** The places of a document whose values could be others. */
export function placesOf(document: unknown, keys: Path = []): Place[] {
  if (Array.isArray(document)) return [...(document.length === 0 ? [] : [place(keys, document, [[]])]), ...elementsOf(document, keys)]
  if (!isRecord(document)) return [place(keys, document, othersOf(document))]
  return Object.entries(document).flatMap(([key, value]) => placesOf(value, [...keys, key]))
}

/** Findings are left out one by one; of everything else each part is a place of its own. */
function elementsOf(list: readonly unknown[], keys: Path): Place[] {
  if (list.length > MOST_ELEMENTS) return []
  return list.flatMap((value, at) => {
    const gone = { keys: [...keys, at], path: pointer([...keys, at]), value: digestOf(value), others: [ABSENT] }
    return keys.at(-1) === 'findings' || !isRecord(value) ? [gone] : placesOf(value, [...keys, at])
  })
}

/** In the place of an element: the list without it. */
const ABSENT = Symbol('absent')

function place(keys: Path, value: unknown, others: readonly unknown[]): Place {
  return { keys, path: pointer(keys), value: Array.isArray(value) ? { items: value.length } : value, others }
}

function othersOf(value: unknown): unknown[] {
  if (typeof value === 'boolean') return [!value]
  if (typeof value === 'number') return [0, 1, 1e12].filter((other) => other !== value)
  const words = value === null ? [0, true, ...WORDS] : WORDS
  return words.filter((other) => other !== value)
}

/** Of these, what can stand in a place is tried there: names, and members of the lists that the input has. */
const WORDS = [
  ...['', 'another', 'partial', 'empty', 'allow', 'deny', 'asker', 'signer', 'declared', 'provenance', 'artifact', 'source'],
  ...[`sha256:${'0'.repeat(64)}`, '2000-01-01T00:00:00.000Z', '2100-01-01T00:00:00.000Z'],
] as const

function digestOf(value: unknown): unknown {
  if (!isRecord(value)) return value
  const shown = SHOWN.filter((key) => key in value)
  return shown.length === 0 ? value : Object.fromEntries(shown.map((key) => [key, value[key]]))
}

/** The document with another value in a place; the rest is shared. */
export function withValue(document: unknown, [first, ...rest]: Path, value: unknown): unknown {
  if (first === undefined) return value
  if (Array.isArray(document)) {
    if (rest.length === 0 && value === ABSENT) return document.filter((_, at) => at !== first)
    return document.map((each: unknown, at) => (at === first ? withValue(each, rest, value) : each))
  }
  return isRecord(document) ? { ...document, [first]: withValue(document[first], rest, value) } : document
}

/** RFC 6901. */
export function pointer(keys: Path): string {
  return keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
