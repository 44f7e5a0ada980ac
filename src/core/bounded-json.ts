import { AppError } from './app-error.ts'

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
  'json_malformed' | 'json_duplicate_member' | 'json_not_utf8' | 'json_too_deep' | 'json_string_too_long' | 'json_too_many_values'

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
 * An object that names a member twice is refused: readers disagree about which of the two counts (RFC 8259, section 4).
 * @throws {AppError} `json_malformed`, `json_duplicate_member`, `json_too_deep`, `json_string_too_long` or `json_too_many_values`.
 */
export function parseBoundedJson(text: string, limits: JsonLimits = DEFAULT_JSON_LIMITS): unknown {
  const members = checkBounds(text, limits)
  const value = parse(text)
  if (membersIn(value) !== members) {
    throw new AppError<JsonErrorCode>('json_duplicate_member', 'An object names one of its members twice.', {
      remedy: 'Name each member of an object once.',
    })
  }
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

const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/

/** Canonical JSON has no form for half a surrogate pair (RFC 8785, section 3.2.2.2). */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, item]) => key.isWellFormed() && isWellFormed(item))
}

/** How many members all its objects have; the depth was bounded before. */
function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const items: unknown[] = Array.isArray(value) ? value : Object.values(value)
  let members = Array.isArray(value) ? 0 : items.length
  for (const item of items) members += membersIn(item)
  return members
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const COMMA = 0x2c
const COLON = 0x3a

/** @returns how many members the text writes, each with a colon of its own: the parser keeps only the last of those with one name */
function checkBounds(text: string, { maxDepth, maxStringLength, maxValues }: JsonLimits): number {
  let depth = 0
  let values = 0
  let members = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) {
      const end = endOfString(text, at)
      if (end - at - 1 > maxStringLength) {
        throw new AppError<JsonErrorCode>('json_string_too_long', `A string is longer than ${maxStringLength} characters.`, {
          remedy: 'Leave out embedded files and logs.',
        })
      }
      at = end
    } else if (unit === COMMA) values++
    else if (unit === COLON) members++
    else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) {
      values++
      if (++depth > maxDepth) {
        throw new AppError<JsonErrorCode>('json_too_deep', `Objects and arrays are nested deeper than ${maxDepth} levels.`, {
          remedy: 'Flatten the document.',
        })
      }
    } else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) depth--
    if (values > maxValues) {
      throw new AppError<JsonErrorCode>('json_too_many_values', `The document holds more than ${maxValues} values.`, {
        remedy: 'Split it, or leave out what is not needed.',
      })
    }
  }
  return members
}

/** Index of the quote that closes the string opened at `start`, or the text's length if none does. */
function endOfString(text: string, start: number): number {
  let at = start
  for (;;) {
    at = text.indexOf('"', at + 1)
    if (at === -1) return text.length
    let slashes = 0
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return at
  }
}
