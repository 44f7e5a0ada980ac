import type { DeploymentHistory, PlacedDeployment } from './history.ts'
import { standingOf, type Standing, type StandingParts } from './standing.ts'

/** A deployment that one can go back to, and what that would replace. */
export interface Candidate {
  deployment: PlacedDeployment
  replaces: PlacedDeployment
}

/** What going back to a subject would be in each target where it was deployed. */
export interface RollbackOptions {
  /** Where it would be a rollback; the newest start first. */
  candidates: Candidate[]
  /** Targets where it runs. */
  running: (string | null)[]
  /** Targets where what runs is older. */
  newer: (string | null)[]
}

/** What is looked at of one subject in one environment: more deployments, or targets, tell nothing new. */
const MOST_DEPLOYMENTS = 500
const MOST_TARGETS = 50

/**
 * Where the subjects could be gone back to.
 * @param subjects the judged subject, and the indexes whose deployment was its deployment too
 * @param target only this one; undefined for all
 */
export async function rollbackOptions(
  subjects: readonly string[],
  place: { environment: string; repository: string | null; target: string | undefined },
  parts: StandingParts,
): Promise<RollbackOptions> {
  const byTarget = await deploymentsByTarget(subjects, place, parts.history)
  const options: RollbackOptions = { candidates: [], running: [], newer: [] }
  for (const [target, deployments] of byTarget) {
    const standing = await standingOf({ ...place, target }, parts)
    if (standing) sortIn(options, target, deployments, standing)
  }
  options.candidates.sort((a, b) => b.deployment.order - a.deployment.order)
  return options
}

async function deploymentsByTarget(
  subjects: readonly string[],
  { target, ...environment }: { environment: string; repository: string | null; target: string | undefined },
  history: DeploymentHistory,
): Promise<Map<string | null, PlacedDeployment[]>> {
  const deployments = await history.groundedOf(subjects, environment, MOST_DEPLOYMENTS)
  const wanted = target === undefined ? deployments : deployments.filter((deployment) => deployment.target === target)
  return new Map([...Map.groupBy(wanted, (deployment) => deployment.target)].slice(0, MOST_TARGETS))
}

function sortIn(options: RollbackOptions, target: string | null, deployments: readonly PlacedDeployment[], standing: Standing): void {
  const deployment = deployments.find(({ order }) => order <= standing.upTo)
  if (standing.runs !== null && deployments.some(({ subject }) => subject === standing.runs)) options.running.push(target)
  else if (deployment) options.candidates.push({ deployment, replaces: standing.newest })
  else options.newer.push(target)
}
