import type { Access, Principal } from '../../core/principal.ts'
import { scopesOf } from '../authorize.ts'
import type { Issuer } from '../issuers/model.ts'
import type { IssuerStore } from '../issuers/ports.ts'
import type { VerifiedJwt } from '../jwt/model.ts'
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
  /** A verified token is the same object for as long as it is kept. */
  accesses: WeakMap<VerifiedJwt, Access>
}

/** What the holder of a verified token may do. */
export class WorkloadAccess {
  readonly #parts: WorkloadAccessParts
  #revisions: readonly [issuers: number, principals: number] = [Number.NaN, Number.NaN]
  #known: Known | undefined

  constructor(parts: WorkloadAccessParts) {
    this.#parts = parts
  }

  /**
   * Principal and rights by the rules of the token's issuer, as they are now.
   * @throws {WorkloadError} `identity_unknown` or `identity_refused`
   */
  async accessOf(jwt: VerifiedJwt): Promise<Access> {
    const known = await this.#current()
    const earlier = known.accesses.get(jwt)
    if (earlier) return earlier
    const issuer = (await known.issuers).get(jwt.issuer.name)
    // It may have been replaced since the token was verified: then the rules are not for this token.
    if (issuer?.issuer !== jwt.issuer.issuer) throw gone(jwt)
    const { rule, facts, confinement } = identify(issuer, jwt)
    const access: Access = {
      principal: await this.#usablePrincipal(known, issuer, rule, jwt.subject),
      credential: { kind: 'workload', id: `${issuer.name}/${rule.name}` },
      issuerIds: [],
      person: null,
      identity: { issuer: issuer.name, kind: issuer.kind, subject: jwt.subject, facts },
      scopes: scopesOf(rule),
      confinement,
    }
    known.accesses.set(jwt, access)
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
    const reading = issuers.all().then((all) => new Map(all.map((issuer) => [issuer.name, issuer])))
    const known: Known = { issuers: reading, principals: new Map(), accesses: new WeakMap() }
    this.#known = known
    this.#revisions = revisions
    reading.catch(() => {
      if (this.#known === known) this.#known = undefined
    })
    return known
  }
}

function gone({ issuer, subject }: VerifiedJwt): WorkloadError {
  return new WorkloadError('identity_unknown', `Issuer "${issuer.name}" was changed or removed just now.`, 'Send the request once more.', {
    issuer: issuer.name,
    subject,
  })
}
