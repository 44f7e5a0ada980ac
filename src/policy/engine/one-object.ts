import { DEFAULT_JSON_LIMITS } from '../../core/bounded-json.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/**
 * Asserts what the engine doesn't look at: that the text is one JSON object from its first byte to its last, and not nested so deep that
 * reading it would exhaust the engine's stack. Its syntax is the engine's to check.
 * @throws {TypeError}
 */
export function assertOneObject(bytes: Uint8Array): void {
  if (bytes[0] !== OPEN_BRACE) throw new TypeError('the input is not a JSON object')
  if (endOfValue(bytes) !== bytes.length) throw new TypeError('the input is not one JSON object')
}

/** Index behind the object that starts the text; beyond the text if it isn't closed. */
function endOfValue(bytes: Uint8Array): number {
  let depth = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfString(bytes, at)
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > DEFAULT_JSON_LIMITS.maxDepth) throw new TypeError('the input is nested too deep')
    } else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return at + 1
  }
  return bytes.length + 1
}

/** Index of the quote that closes the string opened at `start`, or the length of the text if none does. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) return at
    if (byte === BACKSLASH) at++
  }
  return bytes.length
}
