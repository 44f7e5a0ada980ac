import { identityLink, identityUnlink } from '../auth/identity-changes.ts'
import { issuerPut, issuerRemoval } from '../auth/issuers/issuer-changes.ts'
import type { Issuers } from '../auth/issuers/issuers.ts'
import { principalPut } from '../auth/principal-put.ts'
import type { SecondPerson } from '../core/change-kind.ts'
import type { Clock } from '../core/clock.ts'
import { blockLift } from '../governance/blocks/block-lift.ts'
import type { Blocks } from '../governance/blocks/blocks.ts'
import { Changes } from '../governance/changes/changes.ts'
import { calendarRemoval, freezePut, windowPut, type CalendarChangeParts } from '../governance/calendar/calendar-changes.ts'
import type { GuardedKinds } from '../http/guarded-changes.ts'
import { bindingPut, bindingRemoval } from '../policy/binding-changes.ts'
import type { Bindings } from '../policy/bindings.ts'
import { policyActivation, policyRemoval } from '../policy/versions/policy-changes.ts'
import type { RunnableVersions } from '../policy/versions/runnable-versions.ts'
import type { Storage } from '../storage/storage.ts'

/** What can be changed so. */
interface ChangeSubjects {
  issuers: Issuers
  bindings: Bindings
  blocks: Blocks
  versions: RunnableVersions
  calendar: Omit<CalendarChangeParts, 'clock'>
}

/** Every kind of change that can wait for a second person. */
export function createChanges(
  { issuers, bindings, blocks, versions, calendar }: ChangeSubjects,
  parts: { storage: Storage; clock: Clock; secondPerson: SecondPerson },
): Changes<GuardedKinds> {
  const { storage, clock, secondPerson } = parts
  const calendars = { ...calendar, clock }
  const identities = { principals: storage.tokens, identities: storage.identities }
  const policies = { store: storage.policies, bindings: storage.bindings, versions }
  const kinds: GuardedKinds = {
    'issuer.put': issuerPut(issuers),
    'issuer.delete': issuerRemoval(issuers),
    'principal.put': principalPut({ store: storage.tokens, administrators: storage.administrators }),
    'identity.link': identityLink(identities),
    'identity.unlink': identityUnlink(identities),
    'binding.put': bindingPut(bindings),
    'binding.delete': bindingRemoval(bindings),
    'window.put': windowPut(calendars),
    'window.delete': calendarRemoval('window', calendars),
    'freeze.put': freezePut(calendars),
    'freeze.delete': calendarRemoval('freeze', calendars),
    'policy.activate': policyActivation(policies),
    'policy.delete': policyRemoval(policies),
    'block.lift': blockLift(blocks),
  }
  return new Changes({ store: storage.changes, kinds, clock, secondPerson })
}
