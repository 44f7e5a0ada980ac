import type { Request } from 'express'

import { readCookie } from './cookies.ts'
import { ownAddress, type OwnAddress } from './own-address.ts'

/** As long as a header can be: who has a longer token than is looked at is told so. */
const BEARER = /^bearer +([\x21-\x7e]{1,24576})$/i
/** The same with a user, in base64. */
const BASIC = /^basic +([A-Za-z0-9+/]{1,24576}={0,2})$/i

/**
 * The token of a request: a bearer token (RFC 6750, section 2.1), or the password of Basic authentication (RFC 7617), which is all that many
 * webhooks can do. Undefined if none was sent in one of these forms.
 */
export function tokenOf(request: Request): string | undefined {
  const header = request.headers.authorization ?? ''
  const basic = BASIC.exec(header)?.[1]
  if (basic === undefined) return BEARER.exec(header)?.[1]
  const pair = Buffer.from(basic, 'base64').toString('latin1')
  return /^[^:]*:([\x21-\x7e]{1,24576})$/.exec(pair)?.[1]
}

/** A session that came in the cookie of a browser. */
export interface SentSession {
  text: string
  own: OwnAddress
}

/** The session of a request that carries no other credential: whatever is in Authorization, right or wrong, alone counts then. */
export function sessionOf(request: Request, publicUrl: string | undefined): SentSession | undefined {
  if (request.headers.cookie === undefined || request.headers.authorization !== undefined) return undefined
  const own = ownAddress(request, publicUrl)
  const text = own && readCookie(request, 'session', own)
  return own && text !== undefined ? { text, own } : undefined
}
