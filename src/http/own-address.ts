import type { Request } from 'express'

import { isLoopback } from '../core/outbound-url.ts'

/** What browsers reach the service under, where they may be trusted with a session. */
export interface OwnAddress {
  /** Without a trailing slash. */
  base: string
  origin: string
  /** False on this machine only. */
  secure: boolean
}

/**
 * The configured address if it is https; else, for a first look, the one that a browser on this machine took. Anything else is not known to
 * be ours, or not safe for a cookie: nobody logs in there.
 */
export function ownAddress(request: Request, publicUrl: string | undefined): OwnAddress | undefined {
  const url = URL.parse(publicUrl ?? `${request.protocol}://${request.headers.host ?? ''}`)
  if (!url) return undefined
  const { origin, protocol, hostname } = url
  const secure = protocol === 'https:'
  // Without a setting the name is the caller's own, and proves nothing but that the browser is on this machine.
  const trusted = publicUrl === undefined ? isLoopback(hostname) : secure || isLoopback(hostname)
  return trusted ? { base: publicUrl ?? origin, origin, secure } : undefined
}
