import type { IssuerPut, IssuerRemoval } from '../auth/issuers/issuer-changes.ts'
import type { IdentityLink, IdentityUnlink } from '../auth/identity-changes.ts'
import type { PrincipalPut } from '../auth/principal-put.ts'
import type { CalendarRemoval, FreezePut, WindowPut } from '../governance/calendar/calendar-changes.ts'
import type { BlockLifting } from '../governance/blocks/block-lift.ts'
import type { ResourcesApply } from '../governance/resources/resources-apply.ts'
import type { Changes } from '../governance/changes/changes.ts'
import type { Change } from '../governance/changes/change.ts'
import type { BindingPut, BindingRemoval } from '../policy/binding-changes.ts'
import type { PolicyActivation, PolicyRemoval } from '../policy/versions/policy-changes.ts'
import { json, type Reply } from './reply.ts'

/** What can wait for a second person. */
export interface GuardedKinds {
  'issuer.put': IssuerPut
  'issuer.delete': IssuerRemoval
  'principal.put': PrincipalPut
  'identity.link': IdentityLink
  'identity.unlink': IdentityUnlink
  'binding.put': BindingPut
  'binding.delete': BindingRemoval
  'window.put': WindowPut
  'window.delete': CalendarRemoval
  'freeze.put': FreezePut
  'freeze.delete': CalendarRemoval
  'policy.activate': PolicyActivation
  'policy.delete': PolicyRemoval
  'block.lift': BlockLifting
  'resources.apply': ResourcesApply
}

export type GuardedChanges = Pick<Changes<GuardedKinds>, 'request' | 'approve' | 'reject' | 'find' | 'list'>

/** The reply to a request that waits for a second person. */
export function waiting(change: Change): Reply {
  return json(202, change, { location: `/v1/changes/${change.id}` })
}
