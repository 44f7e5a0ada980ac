import type { LoginProviders } from '../auth/login/ports.ts'
import type { ApprovalStore } from '../governance/approvals/ports.ts'
import { requireReachable } from '../governance/approvals/reachable.ts'
import type { BindingParts } from '../policy/bindings.ts'

/** Refuses bindings whose demand for approvals nobody could meet. */
export function reachability(
  store: Pick<ApprovalStore, 'peopleIn'>,
  providers: Pick<LoginProviders, 'all'>,
): BindingParts['requireReachable'] {
  const groupsOfLogins = async (): Promise<Set<string>> =>
    new Set((await providers.all()).flatMap(({ login }) => Object.keys(login.groups)))
  return async (manifest, parameters) => {
    if (!manifest.facts.includes('approvals')) return
    await requireReachable(parameters, { peopleIn: (groups) => store.peopleIn(groups), groupsOfLogins })
  }
}
