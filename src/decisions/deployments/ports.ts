import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import type { Deployment, DeploymentEnd, DeploymentState, StartedDeployment } from './deployment.ts'

export interface DeploymentFilter {
  /** Identity of the subject. */
  subject?: string
  environment?: string
  target?: string
  repository?: string
  state?: DeploymentState
  grounded?: boolean
  bypass?: boolean
  /** Only the deployment that succeeded last in each environment × target × repository. */
  current?: true
  /** By receipt of the start. */
  from?: string
  to?: string
  /** Repository globs of the projects that it is about; letter case doesn't count in them. */
  owned?: readonly string[]
  /** What a confined reader may see. */
  visibleTo?: { repositories?: readonly string[]; environments?: readonly string[] }
}

/** Writes deployments with their log entries, and reads them back. */
export interface DeploymentStore {
  /**
   * Appends entry and deployment in one transaction; resolves after the commit.
   * A repeat of a claimed idempotency key writes nothing and gives back the deployment as it was recorded first.
   * @throws {AppError} `idempotency_key_reused` if the key was used with another fingerprint
   */
  start(record: {
    deployment: StartedDeployment
    entry: EntryDraft
    idempotency: IdempotencyClaim | undefined
  }): Promise<{ deployment: Deployment; repeated: boolean }>
  /**
   * Ends a deployment that exists. If it had ended before, nothing is written and `recorded` is false.
   * @returns the deployment as it stands after that
   */
  finish(record: { end: DeploymentEnd; entry: EntryDraft }): Promise<{ deployment: Deployment; recorded: boolean }>
  find(id: string, visibleTo?: DeploymentFilter['visibleTo']): Promise<Deployment | undefined>
  /** Newest start first. */
  list(filter: DeploymentFilter, page: PageRequest): Promise<Page<Deployment>>
}
