import type { X509Certificate } from 'node:crypto'

import type { AppError } from '../../core/app-error.ts'
import { CERTIFICATE_PURPOSES, issued, type AuthoritySet, type CertificatePurpose } from './client-authorities.ts'
import { certificateRefused, type CertificateLoginErrorCode } from './errors.ts'

/** What a client showed, and what TLS made of it. Its holder has proved to have the key. */
export interface PresentedCertificate {
  /** The client's own certificate, then each one's issuer as far as the client sent it. Attacker-controlled. */
  chain: readonly X509Certificate[]
  /** True if OpenSSL led it to one of the authorities of any purpose, with dates, usages, lengths and names of the path in order. */
  authorized: boolean
}

/** What a chain came to. */
export interface VerifiedChain {
  purpose: CertificatePurpose
  /** Milliseconds since the epoch, over the whole chain. */
  validFrom: number
  validTo: number
}

/** id-kp-clientAuth (RFC 5280, section 4.2.1.12). */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
const LONGEST_CHAIN = 8

/**
 * Finds out for which purpose a certificate counts. OpenSSL knows one list of authorities only, so it is walked here once more: a certificate
 * counts if there is a way to the authorities of exactly one purpose.
 * @throws {AppError} `certificate_refused`
 */
export function verifyChain({ chain, authorized }: PresentedCertificate, authorities: AuthoritySet): VerifiedChain {
  const [own, ...intermediates] = chain
  if (!own || !authorized) throw certificateRefused('The certificate leads to no configured authority, is not valid now, or is malformed.')
  if (own.ca) throw certificateRefused('The certificate is one of an authority, not of a client.')
  // Node calls the extended key usage so. An absent one would allow everything, which is more than anybody meant.
  if (!own.keyUsage?.includes(CLIENT_AUTH)) throw certificateRefused('The certificate is not meant for client authentication.')
  const ways = CERTIFICATE_PURPOSES.flatMap((purpose) => {
    const way = wayTo(authorities[purpose], own, intermediates.slice(0, LONGEST_CHAIN))
    return way ? [{ purpose, way }] : []
  })
  const [found] = ways
  if (!found || ways.length > 1) throw ambiguous(ways.length)
  return { purpose: found.purpose, ...validityOf(found.way) }
}

/** The certificates up to an authority of the list, which is the last; undefined if they don't lead there. */
function wayTo(
  authorities: readonly X509Certificate[],
  own: X509Certificate,
  intermediates: readonly X509Certificate[],
): X509Certificate[] | undefined {
  const way = [own]
  let last = own
  for (const next of [...intermediates, undefined]) {
    const authority = authorities.find((candidate) => issued(candidate, last))
    if (authority) return [...way, authority]
    if (!next?.ca || !issued(next, last)) return undefined
    way.push(next)
    last = next
  }
  return undefined
}

function validityOf(way: readonly X509Certificate[]): Pick<VerifiedChain, 'validFrom' | 'validTo'> {
  return {
    validFrom: Math.max(...way.map(({ validFromDate }) => validFromDate.getTime())),
    validTo: Math.min(...way.map(({ validToDate }) => validToDate.getTime())),
  }
}

function ambiguous(ways: number): AppError<CertificateLoginErrorCode> {
  return certificateRefused(
    ways === 0
      ? 'The certificate leads to no configured authority.'
      : 'The certificate leads to authorities of more than one purpose, so that it is not clear what it is for.',
  )
}
