import { identityLink, identityUnlink } from '../auth/identity-changes.ts'
import { issuerPut, issuerRemoval } from '../auth/issuers/issuer-changes.ts'
import type { Issuers } from '../auth/issuers/issuers.ts'
import { principalPut } from '../auth/principal-put.ts'
import type { Clock } from '../core/clock.ts'
import { Changes } from '../governance/changes/changes.ts'
import type { GuardedKinds } from '../http/guarded-changes.ts'
import type { Storage } from '../storage/storage.ts'

/** Every kind of change that can wait for a second person. */
export function createChanges(storage: Storage, issuers: Issuers, clock: Clock, secondPerson: boolean): Changes<GuardedKinds> {
  const identities = { principals: storage.tokens, identities: storage.identities }
  const kinds: GuardedKinds = {
    'issuer.put': issuerPut(issuers),
    'issuer.delete': issuerRemoval(issuers),
    'principal.put': principalPut({ store: storage.tokens, administrators: storage.administrators }),
    'identity.link': identityLink(identities),
    'identity.unlink': identityUnlink(identities),
  }
  return new Changes({ store: storage.changes, kinds, clock, secondPerson })
}
