import { identityLink, identityUnlink } from '../auth/identity-changes.ts'
import { issuerPut, issuerRemoval } from '../auth/issuers/issuer-changes.ts'
import type { Issuers } from '../auth/issuers/issuers.ts'
import { principalPut } from '../auth/principal-put.ts'
import type { SecondPerson } from '../core/change-kind.ts'
import type { Clock } from '../core/clock.ts'
import { Changes } from '../governance/changes/changes.ts'
import { calendarRemoval, freezePut, windowPut, type CalendarChangeParts } from '../governance/calendar/calendar-changes.ts'
import type { GuardedKinds } from '../http/guarded-changes.ts'
import { bindingPut, bindingRemoval } from '../policy/binding-changes.ts'
import type { Bindings } from '../policy/bindings.ts'
import type { Storage } from '../storage/storage.ts'

/** Every kind of change that can wait for a second person. */
export function createChanges(
  { issuers, bindings, calendar }: { issuers: Issuers; bindings: Bindings; calendar: Omit<CalendarChangeParts, 'clock'> },
  parts: { storage: Storage; clock: Clock; secondPerson: SecondPerson },
): Changes<GuardedKinds> {
  const { storage, clock, secondPerson } = parts
  const calendars = { ...calendar, clock }
  const identities = { principals: storage.tokens, identities: storage.identities }
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
  }
  return new Changes({ store: storage.changes, kinds, clock, secondPerson })
}
