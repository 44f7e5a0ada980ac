import type { Logger } from 'pino'
import type { Registry } from 'prom-client'

import type { AuditLog } from '../audit/audit-log.ts'
import type { Clock } from '../core/clock.ts'
import type { IdempotencyClaim } from '../core/idempotency.ts'
import type { Page, PageRequest } from '../core/page.ts'
import type { Access, Confinement, Principal, Role, Scope } from '../core/principal.ts'
import type { Severity } from '../core/severity.ts'
import type { Gate } from '../decisions/gate.ts'
import type { ListedFinding } from '../evidence/evidence.ts'
import type { EvidenceIntake, ShownEvidence } from '../evidence/intake.ts'
import type { EvidenceFilter } from '../evidence/ports.ts'
import type { TokenRecord } from '../auth/ports.ts'
import type { Bindings } from '../policy/bindings.ts'
import type { PackCatalogue } from '../policy/catalogue.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { RequestMetrics } from './metrics.ts'

/** Reads evidence for people; what the asker may not see does not exist for it. */
export interface EvidenceLibrary {
  find(access: Access, id: string): Promise<ShownEvidence | undefined>
  list(access: Access, filter: Omit<EvidenceFilter, 'visibleTo'>, page: PageRequest): Promise<Page<ShownEvidence>>
  findings(access: Access, id: string, filter: { severity?: Severity }, page: PageRequest): Promise<Page<ListedFinding> | undefined>
  /** The bytes as they are kept. */
  raw(access: Access, id: string): Promise<Uint8Array | undefined>
}

/** Tells who asks. */
export interface Authenticator {
  /**
   * @param bearer the token's text, undefined if none was sent
   * @param address the client's address, for the log of refused logins
   * @throws {AppError} `unauthenticated`
   */
  authenticate(bearer: string | undefined, address: string): Promise<Access>
}

/** What a new token shall be. */
export interface TokenDraft {
  /** Name or id. */
  principal: string
  description: string
  roles: readonly Role[]
  scopes: readonly Scope[]
  confinement: Confinement
  expiresAt: string | null
}

/** What of the transport an issued token keeps. */
export interface IssueMeta {
  requestId: string
  idempotency: IdempotencyClaim | undefined
  /** The asker's own token: a repeat of the same request unseals the first answer with it. */
  credential: string
}

export interface IssuedToken {
  record: TokenRecord
  /** The token's text. */
  token: string
}

/** Manages tokens. */
export interface TokenDesk extends Authenticator {
  issue(access: Access, draft: TokenDraft, meta: IssueMeta): Promise<IssuedToken & { created: boolean }>
  list(filter: { principal?: string }, page: PageRequest): Promise<Page<TokenRecord>>
  find(id: string): Promise<TokenRecord | undefined>
  /** @returns false if there is none */
  revoke(access: Access, id: string, requestId: string): Promise<boolean>
  /** @returns undefined if there is none, or it is revoked already */
  rotate(access: Access, id: string, requestId: string): Promise<IssuedToken | undefined>
}

/** Manages principals. */
export interface PrincipalDesk {
  put(access: Access, draft: Omit<Principal, 'id'>, requestId: string): Promise<{ principal: Principal; created: boolean }>
  find(idOrName: string): Promise<Principal | undefined>
  list(page: PageRequest): Promise<Page<Principal>>
}

/** Whether the service can decide now, and what each check found. */
export interface Readiness {
  ok: boolean
  checks: Readonly<Record<string, string>>
}

export interface HttpSettings {
  /** Longest report in bytes. */
  maxReportBytes: number
  /** Longest JSON request in bytes. */
  maxJsonBytes: number
  /** Bytes that the bodies of all requests together may take. */
  maxBufferedBytes: number
  /** Requests that may be in progress; health checks don't count. */
  maxInFlight: number
  /** Milliseconds within which a JSON body has to arrive. */
  jsonDeadlineMs: number
  /** Milliseconds within which a report has to arrive. */
  reportDeadlineMs: number
  /** Addresses and CIDR ranges whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. */
  trustedProxies: readonly string[]
}

/** What holds where nothing else is said. */
export const DEFAULT_HTTP_SETTINGS: HttpSettings = {
  maxReportBytes: 64 * 1024 * 1024,
  maxJsonBytes: 1024 * 1024,
  maxBufferedBytes: 256 * 1024 * 1024,
  maxInFlight: 1024,
  jsonDeadlineMs: 30_000,
  reportDeadlineMs: 300_000,
  trustedProxies: [],
}

/** Everything that the HTTP layer needs from the rest. */
export interface HttpDependencies {
  gate: Pick<Gate, 'decide' | 'find' | 'list'>
  intake: Pick<EvidenceIntake, 'submit'>
  evidence: EvidenceLibrary
  bindings: Pick<Bindings, 'list' | 'find' | 'put' | 'remove'>
  policies: Pick<PackCatalogue, 'list' | 'find'>
  tokens: TokenDesk
  principals: PrincipalDesk
  audit: Pick<AuditLog, 'entries' | 'receipt' | 'checkpoint'>
  readiness: () => Promise<Readiness>
  metrics: RequestMetrics
  registry: Registry
  logger: Logger
  clock: Clock
  settings: HttpSettings
  lifecycle: Lifecycle
}
