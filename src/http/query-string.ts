import { AppError } from '../core/app-error.ts'
import type { ContractErrorCode } from './contract/validation.ts'

const MOST_PARAMETERS = 64

/**
 * Reads an attacker-controlled query string. Percent-decoded only: `+` stays `+`, as subjects and times need it.
 * @returns an object without prototype, so that no name means more than a name
 * @throws {AppError} `invalid_parameter` for broken percent-encoding, a parameter given twice, or too many of them
 */
export function parseQuery(text: string | null | undefined): Record<string, unknown> {
  const query = Object.create(null) as Record<string, unknown>
  if (!text) return query
  const parts = text.split('&', MOST_PARAMETERS + 1)
  if (parts.length > MOST_PARAMETERS) throw invalid('query', `The query holds more than ${MOST_PARAMETERS} parameters.`)
  for (const part of parts) {
    if (part === '') continue
    const equals = part.indexOf('=')
    if (part.includes('%00')) throw invalid('query', 'The query holds the character U+0000.')
    const name = decode(equals === -1 ? part : part.slice(0, equals))
    if (name in query) throw invalid(`query.${name.slice(0, 100)}`, 'The parameter is given twice.')
    query[name] = equals === -1 ? '' : decode(part.slice(equals + 1))
  }
  return query
}

function decode(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw invalid('query', 'The query holds broken percent-encoding or bytes that are not UTF-8.', cause)
  }
}

function invalid(field: string, message: string, cause?: unknown): AppError<ContractErrorCode> {
  return new AppError('invalid_parameter', message, {
    field,
    remedy: 'Percent-encode each value once, and give each parameter once.',
    cause,
  })
}
