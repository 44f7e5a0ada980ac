import { AppError } from './app-error.ts'
import { extentOf, memberNamedTwice } from './json-text.ts'

/** What a JSON document may hold at most. */
export interface JsonLimits {
  /** Deepest nesting of objects and arrays. */
  maxDepth: number
  /** Longest string, in UTF-16 code units. */
  maxStringLength: number
  /** Most values (members and items, counted by commas and opening brackets): bounds the memory that parsing takes. */
  maxValues: number
}

/** The limits that hold wherever nothing else is said. */
export const DEFAULT_JSON_LIMITS: JsonLimits = { maxDepth: 128, maxStringLength: 16 * 1024 * 1024, maxValues: 4_000_000 }

export type JsonErrorCode =
  | 'json_malformed'
  | 'json_not_utf8'
  | 'json_too_deep'
  | 'json_string_too_long'
  | 'json_too_many_values'
  | 'json_duplicate_member'
  | 'json_number_too_large'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Decodes UTF-8 strictly; a byte order mark is dropped. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new AppError<JsonErrorCode>('json_not_utf8', 'The text is not valid UTF-8.', {
      remedy: 'Send UTF-8 without stray bytes; UTF-16 output of some shells must be converted first.',
      cause,
    })
  }
}

/**
 * Parses attacker-controlled JSON text. Depth is checked on the text, before the parser recurses into it.
 * What the parser would change without a word is refused: an object that names a member twice, since readers disagree about which of the two
 * counts (RFC 8259, section 4), and a number that becomes infinite (section 6).
 * @throws {AppError} a `JsonErrorCode`
 */
export function parseBoundedJson(text: string, limits: JsonLimits = DEFAULT_JSON_LIMITS): unknown {
  const { members } = checkBounds(text, limits)
  const value = parse(text)
  if (membersIn([value]) !== members) throw changedByParsing(text, value)
  if (ESCAPED_SURROGATE.test(text) && !isWellFormed(value)) {
    throw new AppError<JsonErrorCode>('json_malformed', 'A string holds half of a surrogate pair, which is no character.', {
      remedy: 'Send the text as UTF-8, or escape both halves.',
    })
  }
  return value
}

/** V8's messages quote the text, which may hold a secret: only the place is told. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const place = /at position (\d+)/.exec((cause as Error).message)?.[1]
    throw new AppError<JsonErrorCode>(
      'json_malformed',
      `The text is not valid JSON${place === undefined ? '' : ` at character ${place}`}.`,
      {
        remedy: 'Check that it is complete and was not mixed with log lines.',
      },
    )
  }
}

function checkBounds(text: string, { maxDepth, maxStringLength, maxValues }: JsonLimits): { members: number } {
  const extent = extentOf(text, { depth: maxDepth, longestString: maxStringLength, values: maxValues })
  if (extent.longestString > maxStringLength) {
    throw new AppError<JsonErrorCode>('json_string_too_long', `A string is longer than ${maxStringLength} characters.`, {
      remedy: 'Leave out embedded files and logs.',
    })
  }
  if (extent.depth > maxDepth) {
    throw new AppError<JsonErrorCode>('json_too_deep', `Objects and arrays are nested deeper than ${maxDepth} levels.`, {
      remedy: 'Flatten the document.',
    })
  }
  if (extent.values > maxValues) {
    throw new AppError<JsonErrorCode>('json_too_many_values', `The document holds more than ${maxValues} values.`, {
      remedy: 'Split it, or leave out what is not needed.',
    })
  }
  return extent
}

/**
 * How many members all objects in a value have: fewer than the text writes if one was named twice. The depth was bounded before.
 * @returns NaN if a number is infinite
 */
function membersIn(value: object): number {
  const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  let members = items === value ? 0 : items.length
  for (const item of items) {
    if (typeof item === 'object' && item !== null) members += membersIn(item)
    else if (item === Infinity || item === -Infinity) return NaN
  }
  return members
}

function changedByParsing(text: string, value: unknown): AppError<JsonErrorCode> {
  const path = pathToInfinite(value)
  if (path) {
    return new AppError(
      'json_number_too_large',
      `The number${path.length > 0 ? ` at ${shown(path.join('.'))}` : ''} is too large for JSON.`,
      {
        field: shown(['body', ...path].join('.')),
        remedy: 'Send it as a string, or leave it out: readers of JSON hold numbers in 64 bits.',
      },
    )
  }
  const name = JSON.stringify(shown(memberNamedTwice(text) ?? ''))
  return new AppError('json_duplicate_member', `An object names its member ${name} twice.`, {
    field: 'body',
    remedy: 'Name each member of an object once.',
  })
}

/** The keys that lead to an infinite number; undefined if there is none. */
function pathToInfinite(value: unknown): string[] | undefined {
  if (value === Infinity || value === -Infinity) return []
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, item] of Object.entries(value)) {
    const path = pathToInfinite(item)
    if (path) return [key, ...path]
  }
  return undefined
}

/** Keys are attacker-controlled: they are cut short. */
function shown(key: string): string {
  return key.slice(0, 200).toWellFormed()
}

const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/

/** Canonical JSON has no form for half a surrogate pair (RFC 8785, section 3.2.2.2). */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, item]) => key.isWellFormed() && isWellFormed(item))
}
