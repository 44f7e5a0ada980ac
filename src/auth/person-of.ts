import type { Access, Principal } from '../core/principal.ts'
import type { TokenRecord } from './ports.ts'

type Person = TokenRecord['person']

/**
 * What a token that is issued now tells of a person. Only who proved to be one can make a token that proves the same, and only for itself. What
 * a workload issues tells nothing: whoever can run the workload could have it.
 */
export function personOf(access: Pick<Access, 'principal' | 'person'>, owner: Pick<Principal, 'id' | 'kind'>): Person {
  if (owner.kind !== 'human' || access.person === null) return null
  return access.person === 'proven' && access.principal.id === owner.id ? 'proven' : 'declared'
}

/** What the successor of a token tells of a person: never more than the token, nor than whoever replaced it could have issued. */
export function personAfter(old: Pick<TokenRecord, 'person' | 'principalId'>, access: Pick<Access, 'principal' | 'person'>): Person {
  if (old.person === null) return null
  const issued = personOf(access, { id: old.principalId, kind: 'human' })
  return old.person === 'declared' && issued === 'proven' ? 'declared' : issued
}
