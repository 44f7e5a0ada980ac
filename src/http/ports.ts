import type { Logger } from 'pino'
import type { Registry } from 'prom-client'

import type { AuditLog } from '../audit/audit-log.ts'
import type { Issuers } from '../auth/issuers/issuers.ts'
import type { Authenticator } from '../auth/authenticator.ts'
import type { Logins } from '../auth/login/logins.ts'
import type { Refusals } from '../auth/refusals.ts'
import type { Principals } from '../auth/principals.ts'
import type { TokenService } from '../auth/token-service.ts'
import type { Clock } from '../core/clock.ts'
import type { Deployments } from '../decisions/deployments/deployments.ts'
import type { BaselineOverview } from '../decisions/baselines/overview.ts'
import type { BindingOverview } from '../decisions/binding-overview.ts'
import type { Approvals } from '../decisions/approvals/approvals.ts'
import type { Gate } from '../decisions/gate.ts'
import type { Reviews } from '../decisions/reviews/reviews.ts'
import type { Backtests } from '../decisions/backtest/backtests.ts'
import type { Explanations } from '../decisions/explain/explanations.ts'
import type { Replays } from '../decisions/replay/replay.ts'
import type { RollbackTargets } from '../decisions/rollback/rollback-target.ts'
import type { EvidenceIntake } from '../evidence/intake.ts'
import type { EvidenceLibrary } from '../evidence/library.ts'
import type { Calendars } from '../governance/calendar/calendars.ts'
import type { Operations } from '../operations/operations.ts'
import type { Blocks } from '../governance/blocks/blocks.ts'
import type { OwnerFilters } from '../ownership/owner-filters.ts'
import type { Projects } from '../ownership/projects.ts'
import type { Teams } from '../ownership/teams.ts'
import type { Bindings } from '../policy/bindings.ts'
import type { Policies } from '../policy/versions/policies.ts'
import type { PolicyUploads } from '../policy/versions/policy-uploads.ts'
import type { Waivers } from '../governance/waivers/waivers.ts'
import type { Resources } from '../governance/resources/resources.ts'
import type { GuardedChanges } from './guarded-changes.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { RequestMetrics } from './metrics.ts'

/** Whether the service can decide now, and what each check found. */
export interface Readiness {
  ok: boolean
  checks: Readonly<Record<string, string>>
}

export interface HttpSettings {
  /** Longest report in bytes. */
  maxReportBytes: number
  /** Longest upload of a policy in bytes. */
  maxPolicyBytes: number
  /** Longest JSON request in bytes. */
  maxJsonBytes: number
  /** Bytes that the JSON bodies of all requests together may take; reports can't take any of them. One principal may hold half. */
  maxBufferedJsonBytes: number
  /** The same for reports. At least four times the longest one, so that each principal can send one. */
  maxBufferedReportBytes: number
  /** Requests that may be in progress; health checks don't count. A quarter of them may be one principal's JSON, another its reports. */
  maxInFlight: number
  /** Milliseconds within which a JSON body has to arrive. */
  jsonDeadlineMs: number
  /** Milliseconds within which a report has to arrive. */
  reportDeadlineMs: number
  /** Milliseconds in which at least one byte of a body has to arrive. */
  bodyStallMs: number
  /** Milliseconds over which the rate of a body is taken. */
  bodyWindowMs: number
  /** Least bytes per second of a body over that time. */
  minBodyBytesPerSecond: number
  /** Requests per second of one principal, whichever of its credentials it sends; 0 counts none. Twice as many may come at once. */
  ratePerPrincipal: number
  /** The same of one network address, where an IPv6 /64 counts as one. */
  ratePerAddress: number
  /** Addresses and CIDR ranges whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. */
  trustedProxies: readonly string[]
  /** What the service is reached under, without a trailing slash; undefined takes it from each request. */
  publicUrl: string | undefined
  /** The secret of SonarQube's webhook; undefined refuses its deliveries. */
  sonarqubeSecret: string | undefined
}

/** What holds where nothing else is said. */
export const DEFAULT_HTTP_SETTINGS: HttpSettings = {
  maxReportBytes: 64 * 1024 * 1024,
  maxPolicyBytes: 16 * 1024 * 1024,
  maxJsonBytes: 1024 * 1024,
  maxBufferedJsonBytes: 64 * 1024 * 1024,
  maxBufferedReportBytes: 256 * 1024 * 1024,
  maxInFlight: 1024,
  jsonDeadlineMs: 30_000,
  reportDeadlineMs: 300_000,
  bodyStallMs: 15_000,
  bodyWindowMs: 30_000,
  minBodyBytesPerSecond: 32 * 1024,
  ratePerPrincipal: 5000,
  ratePerAddress: 5000,
  trustedProxies: [],
  publicUrl: undefined,
  sonarqubeSecret: undefined,
}

/** Everything that the HTTP layer needs from the rest. */
export interface HttpDependencies {
  overview: Pick<BindingOverview, 'effective' | 'wouldDeny'>
  gate: Pick<Gate, 'decide' | 'wait' | 'find' | 'list'>
  approvals: Pick<Approvals, 'add' | 'answer' | 'revoke' | 'find' | 'list'>
  reviews: Pick<Reviews, 'find' | 'close'>
  replays: Pick<Replays, 'replay'>
  explanations: Pick<Explanations, 'explain'>
  backtests: Pick<Backtests, 'start' | 'flips'>
  operations: Pick<Operations, 'find' | 'list' | 'cancel'>
  deployments: Pick<Deployments, 'start' | 'finish' | 'find' | 'list'>
  rollbackTargets: Pick<RollbackTargets, 'find'>
  intake: Pick<EvidenceIntake, 'submit' | 'deliver'>
  evidence: Pick<EvidenceLibrary, 'find' | 'list' | 'findings' | 'raw'>
  bindings: Pick<Bindings, 'list' | 'find'>
  baselines: Pick<BaselineOverview, 'list'>
  blocks: Pick<Blocks, 'place' | 'find' | 'list'>
  projects: Pick<Projects, 'list' | 'find' | 'put' | 'remove'>
  teams: Pick<Teams, 'list' | 'find' | 'put' | 'remove'>
  calendars: Pick<Calendars, 'windows' | 'window' | 'freezes' | 'freeze' | 'opening'>
  owners: Pick<OwnerFilters, 'repositories' | 'people'>
  policies: Pick<Policies, 'list' | 'find' | 'versions' | 'version' | 'bundle'>
  uploads: Pick<PolicyUploads, 'publish'>
  refusals: Pick<Refusals, 'access'>
  authenticator: Pick<Authenticator, 'authenticate' | 'authenticateSession' | 'authenticateCertificate'>
  logins: Pick<Logins, 'providers' | 'begin' | 'complete' | 'logOut'>
  tokens: Pick<TokenService, 'issue' | 'list' | 'find' | 'revoke' | 'rotate'>
  issuers: Pick<Issuers, 'find' | 'list'>
  principals: Pick<Principals, 'find' | 'list'>
  changes: GuardedChanges
  waivers: Pick<Waivers, 'request' | 'find' | 'list' | 'approve' | 'reject' | 'withdraw' | 'revoke'>
  resources: Pick<Resources, 'list' | 'preview' | 'apply'>
  audit: Pick<AuditLog, 'entries' | 'receipt' | 'checkpoint'>
  /** Public: wrap it in `cachedReadiness`, so that nobody can hammer the store with it. */
  readiness: () => Promise<Readiness>
  metrics: RequestMetrics
  registry: Registry
  logger: Logger
  clock: Clock
  settings: HttpSettings
  lifecycle: Lifecycle
}
