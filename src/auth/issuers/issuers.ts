import { AppError, isAppError } from '../../core/app-error.ts'
import type { Clock } from '../../core/clock.ts'
import type { Cause, EntryDraft } from '../../core/log-entry.ts'
import type { Access } from '../../core/principal.ts'
import { formatInstant } from '../../core/time.ts'
import { mayDoEverything, requireMayActFor, requireRightsWithin } from '../authorize.ts'
import type { AuthErrorCode } from '../errors.ts'
import type { TokenStore } from '../ports.ts'
import type { Rule } from '../workload/rule.ts'
import { issuerChangedEntry, issuerRemovedEntry } from './entries.ts'
import { issuerNotFound, type IssuerErrorCode } from './errors.ts'
import type { Issuer, IssuerSettings } from './model.ts'
import type { IssuerStore } from './ports.ts'
import { readIssuer, type IssuerDraft } from './read-issuer.ts'
import type { ReadRule } from './read-rule.ts'

export interface IssuersParts {
  store: Pick<IssuerStore, 'all' | 'find' | 'put' | 'remove'>
  principals: Pick<TokenStore, 'principal'>
  clock: Clock
}

/**
 * Manages who is trusted to say who somebody is. Checking a change and carrying it out are apart, so that something may come between: a
 * change that waits is checked by `check` or `checkRemoval`, and later carried out with what `issuerChange` or `issuerRemovedEntry` make of it.
 */
export class Issuers {
  readonly #parts: IssuersParts

  constructor(parts: IssuersParts) {
    this.#parts = parts
  }

  /** All issuers, by name. */
  list(): Promise<Issuer[]> {
    return this.#parts.store.all()
  }

  /** @throws {AppError} `issuer_not_found` */
  async find(name: string): Promise<Issuer> {
    const issuer = await this.#parts.store.find(name)
    if (!issuer) throw issuerNotFound(name)
    return issuer
  }

  /**
   * Creates or replaces an issuer.
   * @throws {AppError} what `check` throws, or `issuer_url_taken`
   */
  async put(access: Access, name: string, draft: IssuerDraft, requestId: string): Promise<{ issuer: Issuer; created: boolean }> {
    const { issuer, entry } = issuerChange(await this.check(access, name, draft), access.principal.name, this.#cause(access, requestId))
    return this.#parts.store.put(issuer, entry)
  }

  /** @throws {AppError} what `checkRemoval` throws */
  async remove(access: Access, name: string, requestId: string): Promise<void> {
    await this.checkRemoval(access, name)
    const entry = issuerRemovedEntry(name, access.principal.name, this.#cause(access, requestId))
    if (!(await this.#parts.store.remove(name, entry))) throw issuerNotFound(name)
  }

  /**
   * What an issuer would be. Nobody gives more than they have: neither by the new rules nor by those that it replaces, whose tokens new keys
   * would sign.
   * @throws {AppError} `issuer_invalid`, `rule_invalid`, `rule_too_wide`, `login_invalid`, `principal_unknown`, `principal_foreign`,
   *   `scope_missing` or `outside_confinement`
   */
  async check(access: Access, name: string, draft: IssuerDraft): Promise<IssuerSettings> {
    const read = await readIssuer(access, name, draft)
    const rules: Rule[] = []
    for (const [at, rule] of read.rules.entries()) rules.push(await this.#withPrincipal(access, rule, at))
    const known = await this.#parts.store.find(name)
    if (known) requireOver(access, known)
    return { ...read, rules }
  }

  /** @throws {AppError} `issuer_not_found`, `scope_missing` or `outside_confinement` */
  async checkRemoval(access: Access, name: string): Promise<void> {
    requireOver(access, await this.find(name))
  }

  async #withPrincipal(access: Access, rule: ReadRule, at: number): Promise<Rule> {
    const field = `body.rules.${at}.principal`
    const principal = await this.#parts.principals.principal(rule.principal)
    if (!principal) {
      throw new AppError<AuthErrorCode>('principal_unknown', `There is no principal "${rule.principal.slice(0, 80)}".`, {
        field,
        remedy: 'Create it first: PUT /v1/principals/NAME with {"kind": "workload"}.',
      })
    }
    if (principal.kind !== 'workload' || principal.disabled) {
      const message = `The principal "${principal.name}" is ${principal.disabled ? 'disabled' : 'no workload, and no token of a job proves a person'}.`
      throw new AppError<IssuerErrorCode>('rule_invalid', message, { field, remedy: 'Name a workload that is not disabled.' })
    }
    atField(field, () => requireMayActFor(access, principal))
    atField(`body.rules.${at}.roles`, () => requireRightsWithin(access, rule))
    return { ...rule, principal: principal.name, principalId: principal.id }
  }

  #cause({ principal }: Access, requestId: string): Cause {
    return { actor: principal.id, at: formatInstant(this.#parts.clock.now()), requestId }
  }
}

/**
 * The issuer as it is to be stored, and the log entry that goes with it in one transaction.
 * @param updatedBy name of a principal
 */
export function issuerChange(
  settings: IssuerSettings,
  updatedBy: string,
  cause: Cause,
): { issuer: Omit<Issuer, 'revision'>; entry: EntryDraft } {
  const issuer = { ...settings, updatedAt: cause.at, updatedBy }
  return { issuer, entry: issuerChangedEntry(issuer, cause) }
}

/** Whoever takes away or replaces what an issuer gives has as much themselves. */
function requireOver(access: Access, { rules, login }: Issuer): void {
  for (const rule of rules) requireRightsWithin(access, rule)
  if (!login || mayDoEverything(access)) return
  throw new AppError<AuthErrorCode>('scope_missing', 'Only the role admin, not confined, may change an issuer at which people log in.', {
    remedy: 'Use such a token.',
  })
}

/** Names the part of the body that the check is about. */
function atField(field: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!isAppError(error)) throw error
    throw new AppError(error.code, error.message, {
      field,
      ...(error.remedy !== undefined && { remedy: error.remedy }),
      cause: error.cause,
    })
  }
}
