import type { Access, Credential, Principal } from '../../core/principal.ts'
import { scopesOf } from '../authorize.ts'
import type { Issuer } from '../issuers/model.ts'
import type { IssuerStore } from '../issuers/ports.ts'
import type { JwtClaims, VerifiedJwt } from '../jwt/model.ts'
import type { TokenStore } from '../ports.ts'
import { WorkloadError } from './errors.ts'
import { identify, refused } from './identify.ts'
import type { Rule } from './rule.ts'

export interface WorkloadAccessParts {
  issuers: Pick<IssuerStore, 'revision' | 'all'>
  principals: Pick<TokenStore, 'revision' | 'principal'>
}

/** What was read since the last change of an issuer or a principal. */
interface Known {
  issuers: Promise<ReadonlyMap<string, Issuer>>
  principals: Map<string, Promise<Principal | undefined>>
  /** By the verified token or certificate, which is the same object for as long as it is kept. */
  accesses: WeakMap<object, Access>
}

/** A certificate that leads to an authority for this purpose. */
export interface ProvenCertificate {
  purpose: string
  /** Its names, as rules call them. */
  claims: object
  /** Milliseconds since the epoch: the end of its validity. */
  expiresAt: number
}

/** What was proved, and by which issuer. */
interface Proof {
  issuer: Issuer | undefined
  /** Name of the issuer, for the refusal. */
  issuerName: string
  subject: string
  claims: JwtClaims
  kind: Credential['kind']
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** What the holder of a verified token or certificate may do. */
export class WorkloadAccess {
  readonly #parts: WorkloadAccessParts
  #revisions: readonly [issuers: number, principals: number] = [Number.NaN, Number.NaN]
  #known: Known | undefined

  constructor(parts: WorkloadAccessParts) {
    this.#parts = parts
  }

  /**
   * Principal and rights by the rules of the token's issuer, as they are now.
   * @param jwt the same object for as long as the token is kept
   * @throws {WorkloadError} `identity_unknown` or `identity_refused`
   */
  async accessOf(jwt: VerifiedJwt): Promise<Access> {
    const { subject, claims, expiresAt } = jwt
    return this.#accessOf(jwt, (issuers) => {
      const issuer = issuers.get(jwt.issuer.issuer)
      // It may have been replaced since the token was verified: then the rules are not for this token.
      const same = issuer?.name === jwt.issuer.name ? issuer : undefined
      return { issuer: same, issuerName: jwt.issuer.name, subject, claims, kind: 'workload', expiresAt }
    })
  }

  /**
   * The same of a certificate, by the rules for its purpose.
   * @param certificate the same object for as long as the connection lasts
   * @throws {WorkloadError} `identity_unknown` or `identity_refused`
   */
  async accessOfCertificate(certificate: ProvenCertificate): Promise<Access> {
    const issuerName = `certificate:${certificate.purpose}`
    const claims: JwtClaims = { ...certificate.claims }
    const { expiresAt } = certificate
    return this.#accessOf(certificate, (issuers) => {
      return { issuer: issuers.get(issuerName), issuerName, subject: subjectOf(claims), claims, kind: 'certificate', expiresAt }
    })
  }

  async #accessOf(key: object, proofBy: (issuersByAddress: ReadonlyMap<string, Issuer>) => Proof): Promise<Access> {
    const known = await this.#current()
    const earlier = known.accesses.get(key)
    if (earlier) return earlier
    const { issuer, issuerName, subject, claims, kind, expiresAt } = proofBy(await known.issuers)
    if (!issuer) throw gone(issuerName, subject)
    const { rule, facts, confinement } = identify(issuer, { claims, subject })
    const access: Access = {
      principal: await this.#usablePrincipal(known, issuer, rule, subject),
      credential: { kind, id: `${issuer.name}/${rule.name}` },
      issuerIds: [],
      person: null,
      identity: { issuer: issuer.name, kind: issuer.kind, subject, facts },
      scopes: scopesOf(rule),
      confinement,
      expiresAt,
    }
    known.accesses.set(key, access)
    return access
  }

  /** Checked at every use: what was a workload may have become a person since, or been disabled. */
  async #usablePrincipal(known: Known, issuer: Issuer, rule: Rule, subject: string): Promise<Principal> {
    const principal = await this.#principal(known, rule.principalId)
    if (principal?.kind === 'workload' && !principal.disabled) return principal
    const what = principal?.disabled === true ? 'is disabled' : 'is no workload'
    throw refused(issuer, rule, subject, `Its principal ${what}.`, 'Let whoever has issuers:manage name another workload in the rule.')
  }

  #principal({ principals }: Known, id: string): Promise<Principal | undefined> {
    const known = principals.get(id)
    if (known) return known
    const reading = this.#parts.principals.principal(id)
    principals.set(id, reading)
    reading.catch(() => principals.delete(id))
    return reading
  }

  /** A change makes all that was read before it worthless; what still reads then fills what nobody looks at any more. */
  async #current(): Promise<Known> {
    const { issuers, principals } = this.#parts
    const revisions = await Promise.all([issuers.revision(), principals.revision()])
    if (this.#known && revisions[0] === this.#revisions[0] && revisions[1] === this.#revisions[1]) return this.#known
    const reading = issuers.all().then((all) => new Map(all.map((issuer) => [issuer.issuer, issuer])))
    const known: Known = { issuers: reading, principals: new Map(), accesses: new WeakMap() }
    this.#known = known
    this.#revisions = revisions
    reading.catch(() => {
      if (this.#known === known) this.#known = undefined
    })
    return known
  }
}

/** How a certificate is called where a token has its `sub`. */
function subjectOf(claims: JwtClaims): string {
  const names = ['san_uri', 'subject_cn', 'san_dns', 'san_email', 'fingerprint'].flatMap((name) => claims[name] ?? [])
  return names.find((name): name is string => typeof name === 'string') ?? ''
}

function gone(issuer: string, subject: string): WorkloadError {
  const message = `There is no issuer "${issuer}", or it was changed or removed just now.`
  return new WorkloadError('identity_unknown', message, 'Send the request once more; whoever has issuers:manage can make one.', {
    issuer,
    subject,
  })
}
