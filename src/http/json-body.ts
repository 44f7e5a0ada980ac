import { AppError } from '../core/app-error.ts'
import { decodeUtf8, parseBoundedJson } from '../core/bounded-json.ts'
import type { ContractErrorCode } from './contract/validation.ts'

/**
 * Parses an attacker-controlled JSON request.
 * @throws {AppError} `json_…`, or `invalid_body` for what JSON can say and we could not keep or show again
 */
export function parseJsonBody(bytes: Uint8Array): unknown {
  const value = parseBoundedJson(decodeUtf8(bytes))
  refuseUnsafe(value)
  return value
}

/**
 * The JSON document that an iCalendar file stands for. Attacker-controlled.
 * @throws {AppError} `json_not_utf8` or `invalid_body`
 */
export function readCalendarBody(bytes: Uint8Array): { ics: string } {
  const ics = decodeUtf8(bytes)
  refuseNul(ics)
  return { ics }
}

/** Recursion is safe: the depth was bounded as the text was parsed. */
function refuseUnsafe(value: unknown): void {
  if (typeof value === 'string') refuseNul(value)
  else if (Array.isArray(value)) value.forEach(refuseUnsafe)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      // Copying an object with this key would change what the copy inherits.
      if (key === '__proto__') throw unsafe('a key "__proto__"')
      refuseNul(key)
      refuseUnsafe(member)
    }
  }
}

/** PostgreSQL keeps no text that holds one. */
function refuseNul(text: string): void {
  if (text.includes('\0')) throw unsafe('the character U+0000')
}

function unsafe(what: string): AppError<ContractErrorCode> {
  return new AppError('invalid_body', `The body holds ${what}.`, { field: 'body', remedy: 'Leave it out.' })
}
