import { AppError, isAppError } from '../../core/app-error.ts'
import type { Cause, EntryDraft } from '../../core/log-entry.ts'
import type { Access } from '../../core/principal.ts'
import { mayDoEverything, requireMayActFor, requireRightsWithin } from '../authorize.ts'
import type { AuthErrorCode } from '../errors.ts'
import type { TokenStore } from '../ports.ts'
import type { Rule } from '../workload/rule.ts'
import { issuerChangedEntry } from './entries.ts'
import { issuerNotFound, type IssuerErrorCode } from './errors.ts'
import type { Issuer, IssuerSettings } from './model.ts'
import type { IssuerStore } from './ports.ts'
import { readIssuer, type IssuerDraft } from './read-issuer.ts'
import type { ReadRule } from './read-rule.ts'

export interface IssuersParts {
  store: Pick<IssuerStore, 'all' | 'find'>
  principals: Pick<TokenStore, 'principal'>
}

/** Who is trusted to say who somebody is, and what has to hold for changes of it, which may take a second person (see `issuer-changes.ts`). */
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
    const issuer = await this.known(name)
    if (!issuer) throw issuerNotFound(name)
    return issuer
  }

  known(name: string): Promise<Issuer | undefined> {
    return this.#parts.store.find(name)
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
    const known = await this.known(name)
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
