import type { DeploymentState } from '../deployments/deployment.ts'

/** Where deployments follow one another. Each target of an environment has a line of its own. */
export interface Place {
  environment: string
  repository: string | null
  target: string | null
}

/** A deployment in the line of its place. */
export interface PlacedDeployment {
  id: string
  subject: string
  target: string | null
  /** What it rests on: an allow that grounds it, one that doesn't (a rollback), or none. */
  basis: 'decision' | 'rollback' | 'none'
  state: DeploymentState
  /** Log index of its start: the order of starts, which no reporter's clock can change. */
  order: number
  /** RFC 3339 UTC: the receipt of the start. */
  receivedAt: string
  /** RFC 3339 UTC: the receipt of its success, if it succeeded. */
  succeededAt: string | null
  /** Id of the decision that it follows from. */
  decisionId: string | null
  groundedBy: string | null
}

/** For how long a deployment ran by itself in its target. */
export interface Run {
  deployment: string
  target: string | null
  /** RFC 3339 UTC: the receipt of its success. */
  since: string
  /** The same of what took its place; null while nothing did. */
  until: string | null
}

/** A deployment that started and hasn't ended, as far as anybody reported. */
export interface InFlight {
  deployment: string
  subject: string
  target: string | null
  /** RFC 3339 UTC: the receipt of its start. */
  since: string
}

/** Reads in which order what was deployed. All reads see every committed write. */
export interface DeploymentHistory {
  /** Grounded deployments of the subjects that succeeded in the environment, whatever the target; the newest start first. */
  groundedOf(subjects: readonly string[], place: Omit<Place, 'target'>, limit: number): Promise<PlacedDeployment[]>
  /** Grounded deployments that succeeded in the place and started no later than `upTo`; the newest start first. */
  groundedIn(place: Place, upTo: number, limit: number): Promise<PlacedDeployment[]>
  /** The newest start in the place of one of these kinds, before the start of that order if one is given. */
  newestStart(place: Place, bases: readonly PlacedDeployment['basis'][], before?: number): Promise<PlacedDeployment | undefined>
  /** The target of the newest start in the environment; undefined if there is none. */
  newestTarget(place: Omit<Place, 'target'>): Promise<string | null | undefined>
  /** What succeeded last in the place. */
  current(place: Place): Promise<PlacedDeployment | undefined>
  /** How long grounded deployments of the subjects ran in the environment, the newest start first. */
  runs(subjects: readonly string[], place: Omit<Place, 'target'>, limit: number): Promise<Run[]>
  /** What hasn't ended in the environment and started after `since` (RFC 3339 UTC), the newest first. */
  inFlight(place: Omit<Place, 'target'>, since: string, limit: number): Promise<InFlight[]>
  /** Log index of the start of a deployment. */
  orderOf(id: string): Promise<number | undefined>
}
