import { X509Certificate } from 'node:crypto'

import type { Scope } from '../../core/principal.ts'

/** What a certificate may be used for: the whole API, or what clusters ask. An authority vouches for one of them. */
export type CertificatePurpose = 'api' | 'admission'

export const CERTIFICATE_PURPOSES: readonly CertificatePurpose[] = ['api', 'admission']

/** All that an authority of clusters can vouch for, whatever a rule gives. */
export const ADMISSION_SCOPES: ReadonlySet<Scope> = new Set(['admission:review', 'inventory:report'])

/** Certificates of authorities, for each purpose. */
export type AuthoritySet = Readonly<Record<CertificatePurpose, readonly X509Certificate[]>>

/**
 * The authorities whose certificates prove who a client is, as they are now: their files may be read again while the service runs, and
 * what was proved by one that isn't there any more is then proved no longer.
 */
export class ClientAuthorities {
  #current: AuthoritySet

  constructor(first: AuthoritySet) {
    this.#current = first
  }

  /** Another object after each change. */
  get current(): AuthoritySet {
    return this.#current
  }

  replace(next: AuthoritySet): void {
    this.#current = next
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----/g
const MOST_AUTHORITIES = 50

/** What a file of authorities holds. */
export interface AuthorityFile {
  /** Those that vouch for clients. */
  authorities: readonly X509Certificate[]
  /** The same with those that only lead from them to a root, which OpenSSL wants to see. */
  all: readonly X509Certificate[]
}

/**
 * Reads a file of authorities. One that issued another of the file is there to complete it, and vouches for nobody by itself: so an
 * organisation's root can stand beside the one part of it that is meant.
 * @param pem one or more certificates; text around them is passed over, as other programs do
 * @throws {Error} saying what is wrong with it
 */
export function readAuthorities(pem: string): AuthorityFile {
  const all = (pem.match(CERTIFICATE) ?? []).map((text) => new X509Certificate(text))
  if (all.length === 0) throw new Error('it holds no certificate in PEM')
  if (all.length > MOST_AUTHORITIES) throw new Error(`it holds more than ${MOST_AUTHORITIES} certificates`)
  if (!all.every(({ ca }) => ca)) throw new Error('it holds a certificate that may not issue others')
  const rootless = all.find((certificate) => !all.some((issuer) => issued(issuer, certificate)))
  if (rootless) throw new Error('it holds a certificate whose issuer is not in it, up to one that signed itself')
  const authorities = all.filter((certificate) => !all.some((other) => keyOf(other) !== keyOf(certificate) && issued(certificate, other)))
  return { authorities, all }
}

/** Name and key identifiers fit, and the signature is good: a name alone can be written by anybody. */
export function issued(issuer: X509Certificate, subject: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey)
}

/** @throws {Error} if an authority would vouch for both purposes, so that nobody could tell which one is meant */
export function requireApart({ api, admission }: AuthoritySet): void {
  const keys = new Set(api.map(keyOf))
  if (admission.some((authority) => keys.has(keyOf(authority)))) throw new Error('the same authority stands in the files of both purposes')
}

function keyOf({ publicKey }: X509Certificate): string {
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
}
