import { AppError } from '../../core/app-error.ts'

export type IssuerErrorCode =
  'issuer_not_found' | 'issuer_url_taken' | 'issuers_too_many' | 'issuer_invalid' | 'rule_invalid' | 'rule_too_wide'

/** An issuer that can't be taken in as it stands. @param field below the body; `name` is that of the path */
export function issuerInvalid(field: string, message: string, remedy: string): AppError<IssuerErrorCode> {
  return new AppError('issuer_invalid', message, { field: `body.${field}`, remedy })
}

export function issuerNotFound(name: string): AppError<IssuerErrorCode> {
  return new AppError('issuer_not_found', `There is no issuer "${name.slice(0, 80)}".`, {
    field: 'path.name',
    remedy: 'GET /v1/issuers lists them.',
  })
}
