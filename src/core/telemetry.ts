/** What the domain tells about its own work; the outside turns it into metrics. Never blocks and never throws. */
export interface Telemetry {
  /** A verdict was reached; `dryRun` ones are not recorded. */
  decided(verdict: 'allow' | 'deny', stage: string, dryRun: boolean): void
  /** A deployment got into this state: it started, or ended in some way. */
  deployed(deployment: { environment: string; grounded: boolean; bypass: boolean; state: string }): void
  /** All packs of one decision were run. */
  evaluated(seconds: number): void
  /** One batch of writes was committed. */
  committed(seconds: number): void
}
