import { AppError } from './app-error.ts'
import type { Access } from './principal.ts'

export type PersonErrorCode = 'person_required'

/**
 * Only a person approves, closes a review or lifts a block: a workload's credential may carry the scope, since a role can hold it, but nobody can
 * tell who stands behind it.
 * @param what is to be done, as the sentence goes on after "only a person can"
 * @returns how it is known that a person acts
 * @throws {AppError} `person_required`
 */
export function requirePerson({ principal, person }: Pick<Access, 'principal' | 'person'>, what: string): NonNullable<Access['person']> {
  if (principal.kind === 'human' && person !== null) return person
  throw new AppError<PersonErrorCode>('person_required', `Only a person can ${what}, and "${principal.name}" is a workload.`, {
    field: 'header.Authorization',
    remedy: 'Use a token of a principal of kind human, or log in.',
  })
}
