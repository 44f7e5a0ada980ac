import { AppError } from '../../core/app-error.ts'
import { scopesOf } from '../authorize.ts'
import { ADMISSION_SCOPES } from '../certificates/client-authorities.ts'
import type { IssuerErrorCode } from './errors.ts'
import type { ReadRule } from './read-rule.ts'

/**
 * The holder of a cluster's certificate gets nothing but what admission needs, so that no rule may say otherwise: its author would believe it.
 * @throws {AppError} `rule_invalid`
 */
export function requireAdmissionOnly(rules: readonly ReadRule[]): void {
  for (const [at, rule] of rules.entries()) {
    const surplus = [...scopesOf(rule)].filter((scope) => !ADMISSION_SCOPES.has(scope))
    if (surplus.length === 0) continue
    throw new AppError<IssuerErrorCode>('rule_invalid', `Certificates of clusters can't be for: ${surplus.slice(0, 5).join(', ')}.`, {
      field: `body.rules.${at}.roles`,
      remedy: 'Name the role admission, or single scopes of it; for anything else make an issuer of certificate:api.',
    })
  }
}
