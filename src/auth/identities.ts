import { AppError } from '../core/app-error.ts'
import type { Clock } from '../core/clock.ts'
import { parseIdentity, type LinkedIdentity } from '../core/linked-identity.ts'
import type { Access, Principal } from '../core/principal.ts'
import { formatInstant } from '../core/time.ts'
import { mayDoEverything } from './authorize.ts'
import type { AuthErrorCode } from './errors.ts'
import type { IdentityStore, TokenStore } from './ports.ts'

export interface IdentitiesParts {
  store: Pick<IdentityStore, 'link' | 'unlink'>
  principals: Pick<TokenStore, 'principal'>
  clock: Clock
}

/** Manages the logins and addresses that are known to be a principal's: by them it is told who wrote a change. */
export class Identities {
  readonly #parts: IdentitiesParts

  constructor(parts: IdentitiesParts) {
    this.#parts = parts
  }

  /**
   * Links a login or an address to a principal by the word of the asker.
   * @returns undefined if there is no such principal
   * @throws {AppError} `identity_malformed`, `identity_taken`, `identities_too_many`, or `principal_foreign` for who may not do everything
   */
  async link(access: Access, owner: string, kind: string, value: string, requestId: string): Promise<LinkedOutcome | undefined> {
    requireEverything(access)
    const name = parseIdentity(kind, value)
    const principal = await this.#parts.principals.principal(owner)
    if (!principal) return undefined
    const at = formatInstant(this.#parts.clock.now())
    const identity: LinkedIdentity = { ...name, verifiedBy: 'admin', at, by: access.principal.id }
    const { created } = await this.#parts.store.link(principal.id, identity, { actor: access.principal.id, at, requestId })
    return { principal, identity, created }
  }

  /**
   * @returns false if there is no such principal, or it has no such identity
   * @throws {AppError} `identity_malformed`, or `principal_foreign` for who may not do everything
   */
  async unlink(access: Access, owner: string, kind: string, value: string, requestId: string): Promise<boolean> {
    requireEverything(access)
    const name = parseIdentity(kind, value)
    const principal = await this.#parts.principals.principal(owner)
    if (!principal) return false
    const at = formatInstant(this.#parts.clock.now())
    return this.#parts.store.unlink(principal.id, name, { actor: access.principal.id, at, requestId })
  }
}

/** An identity that was linked, or linked again. */
export interface LinkedOutcome {
  principal: Principal
  identity: LinkedIdentity
  created: boolean
}

/** Who is whom decides what everybody may approve. */
function requireEverything(access: Access): void {
  if (mayDoEverything(access)) return
  throw new AppError<AuthErrorCode>('principal_foreign', 'This token may not say which identities are whose.', {
    field: 'header.Authorization',
    remedy: 'Use a token with the role admin that is not confined.',
  })
}
