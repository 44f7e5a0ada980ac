import type { WorkloadIdentity } from '../../core/workload-identity.ts'
import type { DecisionContext } from '../decision.ts'

/** How a deployment can end. */
export type Outcome = 'succeeded' | 'failed' | 'rolled-back'

export type DeploymentState = 'started' | Outcome

/** What is reported of a start. */
export interface StartReport {
  subject: string
  environment: string
  target?: string
  decisionId?: string
  /** RFC 3339. */
  startedAt: string
  context?: DecisionContext
}

/** What is reported of an end. */
export interface FinishReport {
  outcome: Outcome
  reason?: string
}

/** What a deployment rests on, worked out as its start was received. */
export interface Ground {
  /** The decision that it follows from: as named by the reporter, else the allow that was found. */
  decisionId: string | null
  groundedBy: string | null
  /** Only such a deployment is relied on later: as a baseline, for instance. */
  grounded: boolean
  /** No allow held, not even one for a rollback. */
  bypass: boolean
}

/** A deployment as it started. Its log entry speaks for exactly this. */
export interface StartedDeployment extends Ground {
  id: string
  subject: string
  subjectName: string | null
  environment: string
  /** Which of several places of the environment. */
  target: string | null
  repository: string | null
  /** Which of `repository` and the keys of `context` were proven. */
  verified: string[]
  /** The keys of `context` that were only declared. */
  declared: string[]
  /** The keys of `context` for which the report gave another value than the proven one, which counts. */
  contradicted: string[]
  /** Who reported, by the word of an issuer of workload tokens; null for everybody else. */
  identity: WorkloadIdentity | null
  /** RFC 3339 UTC, as declared: nothing is decided by it. */
  startedAt: string
  /** RFC 3339 UTC. */
  receivedAt: string
  reportedBy: string
  context: DecisionContext
}

/** How a deployment ended. Its log entry speaks for exactly this. */
export interface DeploymentEnd {
  /** Id of the deployment. */
  deployment: string
  outcome: Outcome
  reason: string | null
  /** RFC 3339 UTC: the receipt. */
  finishedAt: string
  finishedBy: string
}

/** A deployment as it stands, as the API shows it. */
export interface Deployment extends StartedDeployment {
  state: DeploymentState
  reason: string | null
  finishedAt: string | null
  finishedBy: string | null
  logIndex: number
  finishLogIndex: number | null
}

/** @param end how it ended, if it did, with the place of that in the log */
export function deploymentOf(started: StartedDeployment, logIndex: number, end?: DeploymentEnd & { logIndex: number }): Deployment {
  return {
    ...started,
    state: end?.outcome ?? 'started',
    reason: end?.reason ?? null,
    finishedAt: end?.finishedAt ?? null,
    finishedBy: end?.finishedBy ?? null,
    logIndex,
    finishLogIndex: end?.logIndex ?? null,
  }
}
