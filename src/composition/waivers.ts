import type { Config } from '../config/config.ts'
import type { Clock } from '../core/clock.ts'
import type { Confinement } from '../core/principal.ts'
import { policySight } from '../decisions/policy-sight.ts'
import { COMMON_RULES } from '../decisions/violations.ts'
import { Waivers } from '../governance/waivers/waivers.ts'
import type { Policies } from '../policy/versions/policies.ts'
import type { Storage } from '../storage/storage.ts'

/** Who requests and approves waivers, and which rules are known to be reported. */
export function createWaivers(
  config: Pick<Config, 'waiverMaxDays' | 'waiverApprovals'>,
  { storage, policies, clock }: { storage: Storage; policies: Policies; clock: Clock },
): Waivers {
  const isKnownRule = (rule: string, confinement: Confinement): Promise<boolean> => {
    const [sight, dot] = [policySight(confinement), rule.lastIndexOf('.')]
    const [pack, name] = [rule.slice(0, dot), rule.slice(dot + 1)]
    return COMMON_RULES.has(name) ? policies.has(sight, pack) : policies.reports(sight, pack, name)
  }
  return new Waivers({ store: storage.waivers, isKnownRule, clock, maxDays: config.waiverMaxDays, approvals: config.waiverApprovals })
}
