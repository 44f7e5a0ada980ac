/** JSON text, looked at without parsing it. Everything in it is attacker-controlled. */

const SPACE = 0x20
const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const COLON = 0x3a
const COMMA = 0x2c

/** What a text holds. */
export interface JsonExtent {
  /** Deepest nesting of objects and arrays. */
  depth: number
  /** Length of the longest string, in UTF-16 code units. */
  longestString: number
  /** Members and items, counted by commas and opening brackets. */
  values: number
  /** Members of objects, each with a colon of its own: the parser keeps only the last of those with one name. */
  members: number
}

/** Measures a text in one pass, which ends early once a limit is exceeded. */
export function extentOf(text: string, limits: Omit<JsonExtent, 'members'>): JsonExtent {
  // With 64 MiB to read, local variables and the order of the branches tell: white space is the most, then strings.
  const { depth: maxDepth, longestString: maxLength, values: maxValues } = limits
  let depth = 0
  let deepest = 0
  let longestString = 0
  let values = 0
  let members = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit <= SPACE) continue
    if (unit === QUOTE) {
      const end = endOfString(text, at)
      longestString = Math.max(longestString, end - at - 1)
      if (longestString > maxLength) break
      at = end
    } else if (unit === COLON) members++
    else if (unit === COMMA) {
      if (++values > maxValues) break
    } else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) {
      deepest = Math.max(deepest, ++depth)
      if (deepest > maxDepth || ++values > maxValues) break
    } else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) depth--
  }
  return { depth: deepest, longestString, values, members }
}

/** The first member that an object of a well-formed text names twice, however it is escaped; undefined if none does. */
export function memberNamedTwice(text: string): string | undefined {
  const open: Set<string>[] = []
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === OPEN_BRACE || unit === OPEN_BRACKET) open.push(new Set())
    else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) open.pop()
    if (unit !== QUOTE) continue
    const end = endOfString(text, at)
    if (isKey(text, end)) {
      const key = JSON.parse(text.slice(at, end + 1)) as string
      const keys = open.at(-1)
      if (keys?.has(key)) return key
      keys?.add(key)
    }
    at = end
  }
  return undefined
}

const COLON_NEXT = /[ \t\r\n]*:/y

function isKey(text: string, end: number): boolean {
  COLON_NEXT.lastIndex = end + 1
  return COLON_NEXT.test(text)
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
