import { holdsCredential } from '../core/credential-text.ts'
import { AppError } from '../core/app-error.ts'
import type { HttpErrorCode } from './problem.ts'

/** Names under which others take secrets in a query, in lower case and without separators. No operation has a parameter that is called so. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  'accesstoken',
  'apikey',
  'apitoken',
  'authorization',
  'authtoken',
  'bearer',
  'bearertoken',
  'clientsecret',
  'idtoken',
  'jwt',
  'passwd',
  'password',
  'privatetoken',
  'refreshtoken',
  'secret',
  'sessiontoken',
  'token',
  'xapikey',
])

/** What a login provider sends back is its own affair, and may be encrypted as a JWT; it is good for one use. */
const OPAQUE_NAMES: ReadonlySet<string> = new Set(['code', 'state'])

/**
 * Refuses credentials in a query (RFC 6750, section 2.3), and in a path: both end up in logs, histories and Referer headers.
 * @param url path and query as they were sent; attacker-controlled
 * @throws {AppError} `token_in_query`
 */
export function refuseTokensInUrl(url: string): void {
  const mark = url.indexOf('?')
  if (holdsCredential(leniently(mark === -1 ? url : url.slice(0, mark)))) throw tokenIn('path')
  if (mark === -1) return
  for (const part of url.slice(mark + 1).split('&')) {
    const equals = part.indexOf('=')
    const name = leniently(equals === -1 ? part : part.slice(0, equals))
    if (SECRET_NAMES.has(name.toLowerCase().replaceAll(/[^a-z]/g, ''))) throw tokenIn(`query.${name.slice(0, 40)}`)
    const value = equals === -1 ? '' : leniently(part.slice(equals + 1))
    if (holdsCredential(name) || (!OPAQUE_NAMES.has(name) && holdsCredential(value))) throw tokenIn('query')
  }
}

/** What can't be decoded is looked at as it is; it is refused for that later. */
function leniently(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function tokenIn(field: string): AppError<HttpErrorCode> {
  const what = field === 'path' ? 'The path holds a token' : 'The query holds a token, or a parameter that is named like one'
  return new AppError('token_in_query', `${what}. Addresses end up in logs.`, {
    field,
    remedy: 'Revoke the token, since proxies may have logged it; send its successor in the header "Authorization: Bearer TOKEN".',
  })
}
