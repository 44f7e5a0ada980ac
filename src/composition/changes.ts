import { identityLink, identityUnlink } from '../auth/identity-changes.ts'
import { issuerPut, issuerRemoval } from '../auth/issuers/issuer-changes.ts'
import type { Issuers } from '../auth/issuers/issuers.ts'
import { principalPut } from '../auth/principal-put.ts'
import type { SecondPerson } from '../core/change-kind.ts'
import type { Clock } from '../core/clock.ts'
import { blockLift } from '../governance/blocks/block-lift.ts'
import type { Blocks } from '../governance/blocks/blocks.ts'
import { Changes } from '../governance/changes/changes.ts'
import type { PlanParts } from '../governance/resources/plan.ts'
import { resourcesApply } from '../governance/resources/resources-apply.ts'
import { Resources } from '../governance/resources/resources.ts'
import { calendarRemoval, freezePut, windowPut, type CalendarChangeParts } from '../governance/calendar/calendar-changes.ts'
import type { GuardedKinds } from '../http/guarded-changes.ts'
import { bindingPut, bindingRemoval } from '../policy/binding-changes.ts'
import type { Bindings } from '../policy/bindings.ts'
import { policyActivation, policyRemoval } from '../policy/versions/policy-changes.ts'
import type { RunnableVersions } from '../policy/versions/runnable-versions.ts'
import type { Storage } from '../storage/storage.ts'
import { resourceParts } from './resources.ts'

/** What kinds of change are made of. */
export interface ChangeParts {
  issuers: Issuers
  bindings: Bindings
  blocks: Blocks
  versions: RunnableVersions
  calendar: Omit<CalendarChangeParts, 'clock'>
  storage: Storage
  clock: Clock
}

/** Every kind of change that can wait for a second person, and what applies documents by them. */
export function changeKinds({ issuers, bindings, blocks, versions, calendar, storage, clock }: ChangeParts): {
  kinds: GuardedKinds
  resources: PlanParts
} {
  const calendars = { ...calendar, clock }
  const identities = { principals: storage.tokens, identities: storage.identities }
  const policies = { store: storage.policies, bindings: storage.bindings, versions }
  const single = {
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
  const resources = resourceParts(single, { issuers, bindings, calendars, storage })
  return { kinds: { ...single, 'resources.apply': resourcesApply(resources) }, resources }
}

/** Changes, and what applies many of them at once; both wait for a second person where one is wanted. */
export function createChanges(
  { kinds, resources }: { kinds: GuardedKinds; resources: PlanParts },
  { storage, clock, secondPerson }: { storage: Storage; clock: Clock; secondPerson: SecondPerson },
): { changes: Changes<GuardedKinds>; resources: Resources } {
  const changes = new Changes({ store: storage.changes, kinds, clock, secondPerson })
  return {
    changes,
    resources: new Resources({
      ...resources,
      clock,
      submit: (access, request, requestId) => changes.request(access, 'resources.apply', request, requestId),
    }),
  }
}
