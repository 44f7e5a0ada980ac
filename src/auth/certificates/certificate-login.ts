import type { Clock } from '../../core/clock.ts'
import type { Access } from '../../core/principal.ts'
import { certificateClaims, fingerprintOf, type CertificateClaims } from './claims.ts'
import { ADMISSION_SCOPES, type AuthoritySet, type CertificatePurpose, type ClientAuthorities } from './client-authorities.ts'
import { certificateRefused } from './errors.ts'
import { verifyChain, type PresentedCertificate, type VerifiedChain } from './verify-chain.ts'

/** A certificate whose holder is known to be who its authority says. */
export interface VerifiedCertificate {
  purpose: CertificatePurpose
  claims: CertificateClaims
  /** Milliseconds since the epoch: the end of its validity, and of those that lead to its authority. */
  expiresAt: number
}

/** Tells whose a certificate is by the rules of those who may say so. */
export interface CertificateRules {
  /**
   * @param certificate the same object for as long as the client's connection lasts and its authorities stay the same
   * @throws {AppError} `identity_unknown` or `identity_refused` if nobody gave it any rights
   */
  accessOfCertificate(certificate: VerifiedCertificate): Promise<Access>
}

export interface CertificateLoginParts {
  authorities: ClientAuthorities
  rules: CertificateRules
  clock: Clock
}

/** A certificate as it was found under some authorities. */
interface Judged {
  authorities: AuthoritySet
  chain: VerifiedChain
  certificate: VerifiedCertificate
}

/** Tells who the holder of a client's certificate is, and what they may do. */
export class CertificateLogin {
  readonly #parts: CertificateLoginParts
  readonly #judged = new WeakMap<PresentedCertificate, Judged>()

  constructor(parts: CertificateLoginParts) {
    this.#parts = parts
  }

  /** Stands for a certificate where it is counted how often it failed. */
  idOf({ chain: [own] }: PresentedCertificate): string {
    return own ? fingerprintOf(own) : ''
  }

  /** @throws {AppError} `certificate_refused`, or what `CertificateRules` throws */
  async login(presented: PresentedCertificate): Promise<Access> {
    const { chain, certificate } = this.#judge(presented)
    const now = this.#parts.clock.now()
    if (now < chain.validFrom || now >= chain.validTo)
      throw certificateRefused('The certificate, or one that leads to its authority, is not valid now.')
    const access = await this.#parts.rules.accessOfCertificate(certificate)
    return certificate.purpose === 'admission' ? { ...access, scopes: access.scopes.intersection(ADMISSION_SCOPES) } : access
  }

  /** Signatures are checked once for each connection, and again when the authorities have changed. */
  #judge(presented: PresentedCertificate): Judged {
    const authorities = this.#parts.authorities.current
    const known = this.#judged.get(presented)
    if (known?.authorities === authorities) return known
    const chain = verifyChain(presented, authorities)
    const [own] = presented.chain
    if (!own) throw certificateRefused('There is no certificate.')
    const judged = { authorities, chain, certificate: { purpose: chain.purpose, claims: certificateClaims(own), expiresAt: chain.validTo } }
    this.#judged.set(presented, judged)
    return judged
  }
}
