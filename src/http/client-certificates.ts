import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket, type DetailedPeerCertificate } from 'node:tls'

import type { PresentedCertificate } from '../auth/certificates/verify-chain.ts'

const LONGEST_CHAIN = 10

/**
 * The certificates that clients showed when they connected. What a header such as X-Forwarded-Client-Cert says is never looked at: anybody
 * can write one.
 */
export class ClientCertificates {
  readonly #isProxy: (address: string) => boolean
  /** A connection has one client, with one certificate: each request on it gets the same object. */
  readonly #known = new WeakMap<TLSSocket, PresentedCertificate>()

  /** @param isProxy true for the addresses of trusted proxies, whose certificates speak for them and not for those on whose behalf they ask */
  constructor(isProxy: (address: string) => boolean) {
    this.#isProxy = isProxy
  }

  /** What the client of a request showed; undefined if nothing, or if it isn't known who the client is. */
  of({ socket }: Pick<IncomingMessage, 'socket'>): PresentedCertificate | undefined {
    if (!(socket instanceof TLSSocket)) return undefined
    const known = this.#known.get(socket)
    if (known) return known
    if (this.#isProxy(socket.remoteAddress ?? '')) return undefined
    const chain = chainOf(socket)
    if (chain.length === 0) return undefined
    const presented = { chain, authorized: socket.authorized }
    this.#known.set(socket, presented)
    return presented
  }
}

function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = []
  let next: Partial<DetailedPeerCertificate> | undefined = socket.getPeerCertificate(true)
  while (next?.raw && chain.length < LONGEST_CHAIN) {
    chain.push(new X509Certificate(next.raw))
    // A certificate that signs itself is its own issuer.
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate
  }
  return chain
}
