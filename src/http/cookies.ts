import type { Request } from 'express'

import type { OwnAddress } from './own-address.ts'

/** The cookies that we set. */
export type CookieName = 'session' | 'login'

const LONGEST = 4096
const VALUE = /^[\w-]+$/

/**
 * The value of a cookie of ours. Under https its name begins with `__Host-`, so that no other host can have set it.
 * @returns undefined if there is none; or two, of which one must be somebody else's
 */
export function readCookie(request: Request, name: CookieName, own: OwnAddress): string | undefined {
  const wanted = nameOf(name, own)
  const values = (request.headers.cookie ?? '').split(';').flatMap((pair) => {
    const equals = pair.indexOf('=')
    return pair.slice(0, equals).trim() === wanted ? [pair.slice(equals + 1).trim()] : []
  })
  const [value, ...others] = values
  return value !== undefined && others.length === 0 && value.length <= LONGEST && VALUE.test(value) ? value : undefined
}

/**
 * For browsers that come from the provider too, since that is how they come back from a login (RFC 6265bis, section 5.6.7.1).
 * @param seconds how long the browser keeps it; 0 removes it
 */
export function setCookie(name: CookieName, value: string, seconds: number, own: OwnAddress): string {
  return `${nameOf(name, own)}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${own.secure ? '; Secure' : ''}`
}

/** Tells a browser to forget a cookie. */
export function dropCookie(name: CookieName, own: OwnAddress): string {
  return setCookie(name, '', 0, own)
}

function nameOf(name: CookieName, { secure }: OwnAddress): string {
  return `${secure ? '__Host-' : ''}portcullis_${name}`
}
