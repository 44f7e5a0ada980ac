/** What deployments are searched by; the records of start and end are in `log_records`. The log index of the start is the key. */
export interface DeploymentTable {
  log_index: number
  id: string
  subject: string
  environment: string
  /** `''` for none. */
  target: string
  /** `''` for none. */
  repository: string
  basis: DeploymentBasis
  standing: DeploymentStanding
  /** RFC 3339 UTC: the receipt of the start. */
  received_at: string
  /** Log index of the end. */
  finish_index: number | null
  /** RFC 3339 UTC: the receipt of its success. */
  succeeded_at: string | null
}

/** What it rests on: a decision that grounds it, one that lets a rollback pass, or none. */
export type DeploymentBasis = 'decision' | 'rollback' | 'none'

/** Its state; of those that succeeded, the last one in its environment × target × repository is the current one. */
export type DeploymentStanding = 'started' | 'current' | 'superseded' | 'failed' | 'rolled-back'

/** Every repository of a deployment: a reader's globs are matched against these few names. */
export interface DeploymentRepositoryTable {
  name: string
}
