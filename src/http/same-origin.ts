import type { Request } from 'express'

import { AppError } from '../core/app-error.ts'
import type { OwnAddress } from './own-address.ts'
import type { HttpErrorCode } from './problem.ts'

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Certificates come with whatever any page makes a browser send, as cookies do; but programs send them too, and say nothing about a site.
 * @param own undefined if the request doesn't tell what it takes this service for
 * @throws {AppError} `cross_site`
 */
export function requireNoOtherSite(request: Request, own: OwnAddress | undefined): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  if (site === undefined && origin === undefined) return
  requireSameOrigin(request, { origin: own?.origin ?? '' })
}

/**
 * Cookies come with whatever any page makes a browser send: what changes something must come from a page of ours, by the word of the
 * browser itself (Fetch Metadata; RFC 6454, section 7 for older ones).
 * @throws {AppError} `cross_site`
 */
export function requireSameOrigin(request: Request, { origin }: Pick<OwnAddress, 'origin'>): void {
  if (SAFE.has(request.method)) return
  const site = request.headers['sec-fetch-site']
  if (site === undefined ? request.headers.origin === origin : site === 'same-origin' || site === 'none') return
  throw new AppError<HttpErrorCode>(
    'cross_site',
    'The request was sent by another site, with the session or certificate of this browser.',
    {
      field: site === undefined ? 'header.Origin' : 'header.Sec-Fetch-Site',
      remedy: 'Send it from a page of this service; programs use a token: Authorization: Bearer TOKEN.',
    },
  )
}
