import type { LogReader } from '../audit/ports.ts'
import type { LoginStore } from '../auth/login/ports.ts'
import type { ReplayGuard } from '../auth/jwt/ports.ts'
import type { IssuerStore } from '../auth/issuers/ports.ts'
import type { AdministratorReader, EntryAppender, IdentityStore, TokenStore } from '../auth/ports.ts'
import { systemClock, type Clock } from '../core/clock.ts'
import type { IdempotencyReader } from '../core/idempotency.ts'
import type { EntryDraft } from '../core/log-entry.ts'
import type { DeploymentStore } from '../decisions/deployments/ports.ts'
import type { BaselineStore } from '../decisions/baselines/ports.ts'
import type { DecisionStore, FactsReader } from '../decisions/ports.ts'
import type { ReviewStore } from '../decisions/reviews/ports.ts'
import type { DeploymentHistory } from '../decisions/rollback/history.ts'
import type { BlobStore, EvidenceStore } from '../evidence/ports.ts'
import type { OwnershipStore } from '../ownership/ports.ts'
import type { WaiverStore } from '../governance/waivers/ports.ts'
import type { ApprovalStore } from '../governance/approvals/ports.ts'
import type { AppliedStore } from '../governance/resources/ports.ts'
import type { CalendarStore } from '../governance/calendar/ports.ts'
import type { BlockStore } from '../governance/blocks/ports.ts'
import type { ChangeStore } from '../governance/changes/ports.ts'
import type { BindingStore } from '../policy/ports.ts'
import type { PolicyStore } from '../policy/versions/ports.ts'
import type { OperationStore } from '../operations/ports.ts'
import { openEmbedded } from './sqlite/open.ts'
import { openPostgres } from './postgres/open.ts'
import { Health, type Room } from './health.ts'
import { keepHouse } from './housekeeping.ts'
import { administratorReader } from './readers/administrator-reader.ts'
import { approvalStore } from './readers/approval-store.ts'
import { baselineStore } from './readers/baseline-store.ts'
import { appliedStore } from './readers/applied-store.ts'
import { calendarStore } from './readers/calendar-store.ts'
import { bindingStore } from './readers/binding-store.ts'
import { blockStore } from './readers/block-store.ts'
import { changeStore } from './readers/change-store.ts'
import { decisionStore } from './readers/decision-store.ts'
import { deploymentHistory } from './readers/deployment-history.ts'
import { deploymentStore } from './readers/deployment-store.ts'
import { evidenceStore } from './readers/evidence-store.ts'
import { factsReader } from './readers/facts-reader.ts'
import { identityStore } from './readers/identity-store.ts'
import { idempotencyReader } from './readers/idempotency-reader.ts'
import { issuerStore } from './readers/issuer-store.ts'
import { loginStore } from './readers/login-store.ts'
import { logReader } from './readers/log-reader.ts'
import { operationStore } from './readers/operation-store.ts'
import { ownershipStore } from './readers/ownership-store.ts'
import { policyStore } from './readers/policy-store.ts'
import { reviewStore } from './readers/review-store.ts'
import type { RevisionReader } from './readers/revisions.ts'
import type { ReadSession } from './readers/session.ts'
import { tokenStore } from './readers/token-store.ts'
import { waiverStore } from './readers/waiver-store.ts'
import type { WriterClient, WriterHooks, WriterLimits } from './writer/client.ts'

export interface StorageOptions {
  /** `postgres://…`; without it an embedded database in `dataDir` is used. */
  databaseUrl?: string
  /** Holds the embedded database, its lock and the blobs; on PostgreSQL nothing is kept there. */
  dataDir: string
  /** Leaf 0, appended if the log is empty: names origin and key of the log. */
  log: { created: EntryDraft }
  hooks?: WriterHooks
  limits?: WriterLimits
  clock?: Clock
}

/** Everything that is kept, behind the interfaces of the domain folders. */
export interface Storage extends AsyncDisposable {
  readonly engine: 'sqlite' | 'postgres'
  readonly evidence: EvidenceStore
  readonly facts: FactsReader
  readonly decisions: DecisionStore
  readonly reviews: ReviewStore
  readonly approvals: ApprovalStore
  readonly deployments: DeploymentStore
  readonly history: DeploymentHistory
  readonly baselines: BaselineStore
  readonly bindings: BindingStore
  readonly policies: PolicyStore
  readonly ownership: OwnershipStore
  readonly calendar: CalendarStore
  readonly applied: AppliedStore
  readonly tokens: TokenStore
  readonly logins: LoginStore
  readonly identities: IdentityStore
  readonly replay: ReplayGuard
  readonly issuers: IssuerStore
  readonly administrators: AdministratorReader
  readonly changes: ChangeStore
  readonly waivers: WaiverStore
  readonly operations: OperationStore
  readonly blocks: BlockStore
  readonly entries: EntryAppender
  readonly log: LogReader
  readonly idempotency: IdempotencyReader
  readonly blobs: BlobStore
  /**
   * Sees that there is room, writes a row and reads it back. After a write failed, one of 1 MiB has to succeed first.
   * @throws {AppError} `storage_unavailable`
   */
  health(): Promise<void>
}

/** What an engine gives: how to read and write, and where blobs go. */
export interface OpenEngine {
  session: ReadSession
  writer: WriterClient
  revisions: RevisionReader
  blobs: BlobStore
  room: Room
  /** Frees what is left once reader and writer are closed. */
  release(): void
}

/**
 * Opens the storage: takes the data directory or checks the server, brings the schema up to date and starts the writer.
 * @throws {AppError} `data_dir_locked`, `data_dir_unusable`, `database_unusable`, `database_unreachable`, `database_not_durable`,
 *   `database_url_invalid` or `schema_newer`
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { databaseUrl, log, clock = systemClock } = options
  const health = new Health()
  const noting = { ...options, hooks: notingFailures(options.hooks, health) }
  const opened = databaseUrl === undefined ? await openEmbedded(noting) : await openPostgres(databaseUrl, noting)
  try {
    await opened.writer.submit('createLog', log.created)
  } catch (error) {
    await close(opened)
    throw error
  }
  const { session, writer, revisions, blobs, room } = opened
  const stopKeepingHouse = keepHouse({ session, writer, clock })
  return {
    engine: session.engine,
    evidence: evidenceStore(session, writer, clock),
    facts: factsReader(session, revisions),
    decisions: decisionStore(session, writer),
    reviews: reviewStore(session, writer),
    approvals: approvalStore(session, writer),
    deployments: deploymentStore(session, writer),
    history: deploymentHistory(session),
    baselines: baselineStore(session),
    bindings: bindingStore(session, writer, revisions),
    policies: policyStore(session, writer, revisions),
    ownership: ownershipStore(session, writer, revisions),
    calendar: calendarStore(session, revisions),
    applied: appliedStore(session),
    tokens: tokenStore(session, writer, revisions),
    logins: loginStore(session, writer),
    identities: identityStore(session, writer),
    replay: { claimJti: (issuer, tokenId, until) => writer.submit('claimJti', { issuer, tokenId, until }) },
    issuers: issuerStore(session, revisions),
    administrators: administratorReader(session),
    changes: changeStore(session, writer),
    waivers: waiverStore(session, writer, revisions),
    operations: operationStore(session, writer),
    blocks: blockStore(session, writer, revisions),
    entries: { append: (entries) => writer.submit('appendEntries', entries) },
    log: logReader(session),
    idempotency: idempotencyReader(session, clock),
    blobs: {
      get: (digest) => blobs.get(digest),
      put: (digest, bytes) =>
        blobs.put(digest, bytes).catch((error: unknown) => {
          health.noteFailure()
          throw error
        }),
    },
    health: () => health.check({ session, writer, room }),
    [Symbol.asyncDispose]: async () => {
      stopKeepingHouse()
      await close(opened)
    },
  }
}

async function close(opened: OpenEngine): Promise<void> {
  try {
    await opened.writer[Symbol.asyncDispose]()
    await opened.session.close()
  } finally {
    opened.release()
  }
}

function notingFailures(hooks: WriterHooks | undefined, health: Health): WriterHooks {
  return {
    ...hooks,
    failed: (failure) => {
      health.noteFailure()
      hooks?.failed?.(failure)
    },
  }
}
