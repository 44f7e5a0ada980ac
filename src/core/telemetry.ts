/** What the domain tells about its own work; the outside turns it into metrics. Never blocks and never throws. */
export interface Telemetry {
  /** A verdict was reached; `dryRun` ones are not recorded. @param project what the subject belongs to */
  decided(verdict: 'allow' | 'deny', stage: string, dryRun: boolean, project: string | null): void
  /** A deployment got into this state: it started, or ended in some way. */
  deployed(deployment: { environment: string; grounded: boolean; bypass: boolean; state: string; project: string | null }): void
  /** A verdict had the approvals that were waited for so long. */
  approved(seconds: number): void
  /** An allow against what policies say was recorded. @param project what the subject belongs to */
  brokeGlass(environment: string, project: string | null): void
  /** All packs of one decision were run. */
  evaluated(seconds: number): void
  /** One batch of writes was committed. */
  committed(seconds: number): void
}

/** What remains to be paid of the old debt under a binding, in one project or outside of all. */
export interface RemainingDebt {
  binding: string
  project: string | null
  count: number
}
