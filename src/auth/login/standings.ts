import type { Principal } from '../../core/principal.ts'
import { parseInstant } from '../../core/time.ts'
import type { TokenRecord } from '../ports.ts'
import { cutRights, type EffectiveRights } from '../rights.ts'
import { rightsOfGroups } from './entitlement.ts'
import type { LoginProviders, LoginStore } from './ports.ts'

/** What a session or personal token may do now. */
export interface Basis {
  /** Undefined if its owner's groups give nothing of it any more. */
  rights: EffectiveRights | undefined
  /** When its owner's last login is too long ago; milliseconds since the epoch. */
  until: number
}

/** Holds sessions and personal tokens against what their owners' groups were at the last login, and mean here today. */
export class Standings {
  readonly #store: Pick<LoginStore, 'standing'>
  readonly #providers: Pick<LoginProviders, 'all'>
  readonly #maxAgeMs: number

  /** @param maxAgeMs how long a login proves that its person is still there */
  constructor(store: Pick<LoginStore, 'standing'>, providers: Pick<LoginProviders, 'all'>, maxAgeMs: number) {
    this.#store = store
    this.#providers = providers
    this.#maxAgeMs = maxAgeMs
  }

  /** What a session or personal token is good for. */
  async basisOf(token: TokenRecord, principal: Principal): Promise<Basis> {
    const standing = token.login === null ? undefined : await this.#store.standing(principal.id, token.login)
    const provider = (await this.#providers.all()).find(({ name }) => name === token.login)
    const identity = `issuer:${token.login}`
    const linked =
      principal.kind === 'human' && principal.identities.some(({ kind, value }) => kind === identity && value === standing?.subject)
    if (!standing || !linked || provider?.issuer !== standing.issuer) return { rights: undefined, until: 0 }
    return {
      rights: cutRights(token, rightsOfGroups(standing.groups, provider.login)),
      until: (parseInstant(standing.at) ?? 0) + this.#maxAgeMs,
    }
  }
}
