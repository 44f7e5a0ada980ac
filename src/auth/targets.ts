import { identityKey, type IdentityName } from '../core/linked-identity.ts'
import type { Principal } from '../core/principal.ts'

/** What a change of a principal is a change of. Names never change. */
export function principalTarget({ name }: Pick<Principal, 'name'>): string {
  return `principals/${name}`
}

export function issuerTarget(name: string): string {
  return `issuers/${name}`
}

/** Of an identity, whoever has it: it can't be given to two at once. */
export function identityTarget(identity: IdentityName): string {
  return `identities/${identity.kind}/${identityKey(identity)}`
}
