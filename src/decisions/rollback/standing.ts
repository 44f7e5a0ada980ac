import type { DecisionStore } from '../ports.ts'
import type { DeploymentHistory, Place, PlacedDeployment } from './history.ts'

/** How a place stands: what was deployed there last, and how far back one can go from it. */
export interface Standing {
  /** The newest start, however it ended: what may run now. */
  newest: PlacedDeployment
  /** Subject that runs, if the newest start is also what succeeded last. */
  runs: string | null
  /** Order of the newest start that one can go back to. What started later would be a step forward. */
  upTo: number
}

export interface StandingParts {
  history: DeploymentHistory
  decisions: Pick<DecisionStore, 'find'>
}

/** Allows that ground nothing and aren't marked as rollbacks (break-glass) are passed over, this many at most. */
const MOST_UNMARKED = 20

/**
 * How a place stands. A rollback counts as the deployment that it went back to, so that going back to what ran after that isn't a
 * rollback; what went round the gate counts as what it replaced, so that it can be undone but nothing else becomes older by it.
 * @returns undefined where nothing was ever deployed
 */
export async function standingOf(place: Place, parts: StandingParts): Promise<Standing | undefined> {
  const { history } = parts
  const newest = await history.newestStart(place, ['decision', 'rollback', 'none'])
  if (!newest) return undefined
  const current = await history.current(place)
  return { newest, runs: current?.id === newest.id ? current.subject : null, upTo: await reach(place, parts) }
}

async function reach(place: Place, parts: StandingParts): Promise<number> {
  const { history } = parts
  let start = await history.newestStart(place, ['decision', 'rollback'])
  for (let passed = 0; start; passed++) {
    const wentBackTo = await orderGoneBackTo(start, parts)
    if (wentBackTo !== undefined) return wentBackTo
    if (start.basis === 'decision') return start.order
    start = await history.newestStart(place, passed < MOST_UNMARKED ? ['decision', 'rollback'] : ['decision'], start.order)
  }
  return -1
}

/** Also of what another allow grounded all the same. */
async function orderGoneBackTo({ decisionId }: PlacedDeployment, { history, decisions }: StandingParts): Promise<number | undefined> {
  const decision = decisionId === null ? undefined : await decisions.find(decisionId)
  return decision?.rollback ? history.orderOf(decision.rollback.deployment) : undefined
}
