import { AppError } from '../core/app-error.ts'
import { decodeUtf8, parseBoundedJson } from '../core/bounded-json.ts'
import type { ContractErrorCode } from './contract/validation.ts'

/**
 * Parses an attacker-controlled JSON request.
 * @throws {AppError} `json_…`, or `invalid_body` for a key `__proto__`: copying such an object would change what it inherits
 */
export function parseJsonBody(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes)
  const value = parseBoundedJson(text)
  // The key can only hide behind an escape if the text holds one.
  if ((text.includes('__proto__') || text.includes('\\u')) && holdsProtoKey(value)) {
    throw new AppError<ContractErrorCode>('invalid_body', 'The body holds a key "__proto__".', { field: 'body', remedy: 'Leave it out.' })
  }
  return value
}

/** Recursion is safe: the depth was bounded as the text was parsed. */
function holdsProtoKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(holdsProtoKey)
}
