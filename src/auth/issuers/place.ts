import { AppError } from '../../core/app-error.ts'
import type { IssuerErrorCode } from './errors.ts'
import type { Issuer } from './model.ts'

/** Most issuers: all of them are read after each change of one. */
const MAX_ISSUERS = 200

/**
 * Two issuers of one address would leave open whose rules count.
 * @param others may hold the one that is replaced
 * @throws {AppError} `issuer_url_taken` or `issuers_too_many`
 */
export function requirePlaceFor(issuer: Pick<Issuer, 'name' | 'issuer'>, others: readonly Pick<Issuer, 'name' | 'issuer'>[]): void {
  const namesake = others.find((other) => other.name !== issuer.name && other.issuer === issuer.issuer)
  if (namesake) {
    throw new AppError<IssuerErrorCode>('issuer_url_taken', `Issuer "${namesake.name}" has this address.`, {
      field: 'body.issuer',
      remedy: `Change that one, or remove it first: DELETE /v1/issuers/${namesake.name}.`,
    })
  }
  if (others.length < MAX_ISSUERS || others.some(({ name }) => name === issuer.name)) return
  throw new AppError<IssuerErrorCode>('issuers_too_many', `There are ${MAX_ISSUERS} issuers already.`, {
    field: 'path.name',
    remedy: 'Remove one that is not used any more.',
  })
}
