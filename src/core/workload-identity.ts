// Types rather than interfaces, so that they are JSON values to the log.

/** Facts about a pipeline run that an issuer's claims prove, under the names that the context of a decision has for them. */
export type WorkloadFacts = {
  /** `HOST/OWNER/REPO`. */
  repository?: string
  /** The full commit. */
  commit?: string
  ref?: string
  baseRef?: string
  /** Login of whoever set off the run. */
  actor?: string
  /** What set off the run. */
  trigger?: string
  /** The workflow or pipeline definition. */
  pipeline?: string
  /** Id of the run. */
  execution?: string
  executionUrl?: string
  /** The environment that the CI system runs the job in. */
  environment?: string
  /** What the job runs on, such as `github-hosted`. */
  runner?: string
}

/** Who a workload is by the word of an issuer, with its claims normalised. */
export type WorkloadIdentity = {
  /** Name of the issuer, as configured. */
  issuer: string
  /** Kind of the issuer. */
  kind: string
  /** The `sub` claim, or the subject of a certificate. */
  subject: string
  facts: WorkloadFacts
}
