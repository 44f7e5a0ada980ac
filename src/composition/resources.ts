import type { Issuers } from '../auth/issuers/issuers.ts'
import { areJointlyLoosening, type CalendarChangeParts, type CalendarDraft } from '../governance/calendar/calendar-changes.ts'
import type { JointChange, PlanParts } from '../governance/resources/plan.ts'
import type { KnownResource, ResourceKind } from '../governance/resources/resource.ts'
import type { GuardedKinds } from '../http/guarded-changes.ts'
import type { Bindings } from '../policy/bindings.ts'
import type { Storage } from '../storage/storage.ts'

/** What documents can say, read and changed as by the operations of their own. */
export function resourceParts(
  kinds: Omit<GuardedKinds, 'resources.apply'>,
  { issuers, bindings, calendars, storage }: { issuers: Issuers; bindings: Bindings; calendars: CalendarChangeParts; storage: Storage },
): PlanParts {
  const items = async () => (await calendars.calendar.read()).items
  return {
    kinds: {
      Issuer: kindOf(kinds['issuer.put'], kinds['issuer.delete'], async () => (await issuers.list()).map(issuerDocument)),
      Window: kindOf(kinds['window.put'], kinds['window.delete'], async () => (await items()).windows.map(documentOf)),
      Freeze: kindOf(kinds['freeze.put'], kinds['freeze.delete'], async () => (await items()).freezes.map(documentOf)),
      Binding: kindOf(kinds['binding.put'], kinds['binding.delete'], async () => (await bindings.list()).map(documentOf)),
    },
    applied: storage.applied,
    jointlyLoosening: (changes) => areJointlyLoosening(changes.flatMap(calendarDraft), calendars),
  }
}

function kindOf(put: ResourceKind['put'], remove: ResourceKind['remove'], all: () => Promise<KnownResource[]>): ResourceKind {
  return { scope: put.scope, put, remove, all }
}

interface Kept {
  name: string
  revision: number
  updatedAt: string
  updatedBy: string
}

/** What is null is what holds where nothing is said. */
function documentOf({ name, revision: _, updatedAt, updatedBy, ...settings }: Kept): KnownResource {
  return { name, spec: Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null)), updatedAt, updatedBy }
}

/** Whom a rule stands for is named; its id follows from that. */
function issuerDocument({ rules, ...issuer }: Awaited<ReturnType<Issuers['list']>>[number]): KnownResource {
  return documentOf({ ...issuer, ...{ rules: rules.map(({ principalId: _, ...rule }) => rule) } })
}

function calendarDraft({ kind, name, draft }: JointChange): CalendarDraft[] {
  if (kind === 'Window') return [{ kind: 'window', name, draft }]
  return kind === 'Freeze' ? [{ kind: 'freeze', name, draft }] : []
}
