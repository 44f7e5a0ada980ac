import { onlyRepository } from '../../core/repository.ts'
import { ownersIn } from '../../evidence/index.ts'
import type { Decision } from '../decision.ts'
import type { DecisionStore, FactsReader, GroundedDeployment } from '../ports.ts'
import { baselineSet, narrowed, type BaselineContent, type BaselineSet } from './content.ts'
import type { LaneDebt } from './held-debt.ts'
import { foundAbout, type HistoryParts } from './history.ts'
import type { BaselineLane } from './lanes.ts'

/** More deployments than this between two decisions about a repository are not looked at: the newest count. */
const MOST_DEPLOYMENTS = 20

/** Where a lane's head stands before the deployments since are looked at. */
export interface EarlierDebt {
  /** Null if it has had no history so far. */
  set: BaselineSet | null
  /** RFC 3339 UTC: the receipt of the newest deployment that is in it; `''` for none. */
  historyAt: string
  /** Milliseconds since the epoch: receipt of the newest report that it was compared with. */
  comparedAt: number
}

export interface DeployedParts extends HistoryParts {
  decisions: Pick<DecisionStore, 'find'>
  /** Name of the binding whose baseline it is. */
  binding: string
}

/** The deployments on which others may rely, in the environment and of the lane's repository, the newest first. */
export async function deploymentsOf(
  reader: FactsReader,
  environment: string,
  lane: BaselineLane,
  at: number,
): Promise<GroundedDeployment[]> {
  const owners = ownersIn(lane.repository)
  const repository = owners ? onlyRepository(owners) : null
  // A deployment is one repository's: it says nothing of reports that are known to be one of several.
  return repository === undefined ? [] : reader.groundedDeployments(environment, repository, at, MOST_DEPLOYMENTS)
}

/**
 * The debt after the deployments that have succeeded since. One that passed without the baseline renews it; any other only takes
 * out what it doesn't show. A repository begins with what was deployed before anything was judged under the baseline.
 * @param deployments newest first
 * @param begunAt RFC 3339 UTC: when that was, if it was
 */
export async function debtAfter(
  parts: DeployedParts,
  lane: BaselineLane,
  earlier: EarlierDebt,
  deployments: readonly GroundedDeployment[],
  begunAt: string | undefined,
): Promise<LaneDebt> {
  const later: BaselineContent[] = []
  let base: { set: BaselineSet; since: number; replaces: boolean } | undefined
  for (const deployment of deployments) {
    if (base || deployment.finishedAt <= earlier.historyAt) break
    const decision = await parts.decisions.find(deployment.groundedBy)
    const at = decision && Date.parse(decision.at)
    const found = at === undefined ? undefined : await foundAbout(parts, lane, deployment.subject, at)
    if (!decision || at === undefined || !found) continue
    const isFirst = earlier.historyAt === '' && (begunAt === undefined || deployment.finishedAt <= begunAt)
    // What was compared with newer reports would grow again by what they no longer showed.
    const isNewer = at >= earlier.comparedAt
    if ((isFirst || passedWithout(decision, parts.binding)) && isNewer) base = { set: baselineSet(found), since: at, replaces: true }
    else later.push(found)
  }
  base ??= earlier.set ? { set: earlier.set, since: earlier.comparedAt, replaces: false } : undefined
  if (!base) return NO_HISTORY
  const { set, since, replaces } = base
  const at = deployments[0]?.finishedAt ?? earlier.historyAt
  return { set: later.reduceRight((left, shown) => narrowed(left, shown), set), history: { at, since, replaces } }
}

const NO_HISTORY: LaneDebt = { set: null, history: { at: '', since: 0, replaces: false } }

/**
 * Whether a decision, which allowed, judged under the binding and would have allowed without its baseline. What was let pass as an exception
 * for a while is no debt for good.
 */
function passedWithout({ policies, baselines, restsOn }: Decision, binding: string): boolean {
  if (restsOn.some(({ kind }) => kind === 'waiver' || kind === 'break-glass')) return false
  const judged = policies.some((policy) => policy.binding === binding && policy.mode === 'enforce')
  return judged && !baselines.some((use) => use.binding === binding && use.needed)
}
