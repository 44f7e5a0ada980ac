import { join } from 'node:path'

import { pino, type Logger } from 'pino'

import { AuditLog } from './audit/audit-log.ts'
import { Authenticator } from './auth/authenticator.ts'
import { CertificateLogin } from './auth/certificates/certificate-login.ts'
import { ClientAuthorities } from './auth/certificates/client-authorities.ts'
import { makeFirstToken, takeGivenToken } from './auth/bootstrap.ts'
import { LoginDamper } from './auth/login-damper.ts'
import { Issuers } from './auth/issuers/issuers.ts'
import { loginProviders } from './auth/login/providers.ts'
import { Standings } from './auth/login/standings.ts'
import { Principals } from './auth/principals.ts'
import { Refusals } from './auth/refusals.ts'
import { TokenService } from './auth/token-service.ts'
import { TokenStatistics } from './auth/token-statistics.ts'
import { WorkloadAccess } from './auth/workload/workload-access.ts'
import { calendarBindings } from './composition/calendars.ts'
import { applyMounted } from './composition/mounted-resources.ts'
import { changeKinds, createChanges } from './composition/changes.ts'
import { backtestPool } from './composition/backtest/pool.ts'
import { engineLimits, startCompiler, startEvaluator } from './composition/engine.ts'
import { openLog } from './composition/log.ts'
import { createJwtVerifier, createLogins } from './composition/people.ts'
import { reachability } from './composition/approvals.ts'
import { checkReadiness } from './composition/readiness.ts'
import { createWaivers } from './composition/waivers.ts'
import { recordStart, recordStop } from './composition/records.ts'
import type { Config, TlsFiles } from './config/config.ts'
import { systemClock, type Clock } from './core/clock.ts'
import { formatInstant } from './core/time.ts'
import { Approvals } from './decisions/approvals/approvals.ts'
import { Deployments } from './decisions/deployments/deployments.ts'
import { BaselineOverview } from './decisions/baselines/overview.ts'
import { BindingOverview } from './decisions/binding-overview.ts'
import { BindingPlans } from './decisions/binding-plans.ts'
import { BacktestKind } from './decisions/backtest/backtest-kind.ts'
import { Backtests } from './decisions/backtest/backtests.ts'
import { Gate } from './decisions/gate.ts'
import { Reviews } from './decisions/reviews/reviews.ts'
import { Explanations } from './decisions/explain/explanations.ts'
import { Replays } from './decisions/replay/replay.ts'
import { RollbackTargets } from './decisions/rollback/rollback-target.ts'
import { EvidenceIntake, EvidenceLibrary, ReportReader } from './evidence/index.ts'
import { WaiversInForce } from './governance/waivers/waivers-in-force.ts'
import { CalendarCache } from './governance/calendar/calendar-cache.ts'
import { Calendars } from './governance/calendar/calendars.ts'
import { createHttpApp } from './http/app.ts'
import { Lifecycle } from './http/lifecycle.ts'
import { createMetrics } from './http/metrics.ts'
import { DEFAULT_HTTP_SETTINGS } from './http/ports.ts'
import { cachedReadiness } from './http/readiness.ts'
import type { CertificateFiles } from './http/server-certificate.ts'
import { DEFAULT_LISTEN_SETTINGS, HttpServer } from './http/server.ts'
import { IssuerFileDirectory } from './outbound/issuer-files.ts'
import { JsonClient } from './outbound/json-client.ts'
import { Operations } from './operations/operations.ts'
import { OperationRunner } from './operations/runner.ts'
import { OwnerFilters } from './ownership/owner-filters.ts'
import { BlockCache } from './governance/blocks/block-cache.ts'
import { Blocks } from './governance/blocks/blocks.ts'
import { OwnershipCache } from './ownership/ownership-cache.ts'
import { Projects } from './ownership/projects.ts'
import { Teams } from './ownership/teams.ts'
import { Bindings } from './policy/bindings.ts'
import { defaultBindings } from './policy/defaults.ts'
import { loadPacks } from './policy/engine/load-packs.ts'
import { Policies } from './policy/versions/policies.ts'
import { PolicyUploads } from './policy/versions/policy-uploads.ts'
import { RunnableVersions } from './policy/versions/runnable-versions.ts'
import { StoreCatalogue } from './policy/versions/store-catalogue.ts'

/** What tests may put in the place of the real thing. */
export interface ServiceOverrides {
  clock?: Clock
  logger?: Logger
}

/** A service that is ready to listen. */
export interface Service extends AsyncDisposable {
  readonly gate: Gate
  readonly authenticator: Authenticator
  /** What was refused and is not in the log yet. */
  readonly refusals: Refusals
  /** The text of the key that verifies receipts and checkpoints. */
  readonly verifierKey: string
  /** Starts to listen. @throws {AppError} `address_in_use` or `address_unusable` */
  listen(): Promise<{ url: string; port: number }>
  /** Makes an admin token if there is no token yet. @param handOver gets its text, this one time, before the token counts */
  makeAdminToken(handOver: (token: string) => void): Promise<void>
  /** Reads the TLS certificate again. */
  reloadCertificate(): void
}

const PACKS = join(import.meta.dirname, '../policies/dist')
const DAY_MS = 24 * 60 * 60_000
const DRAIN_DEADLINE_MS = 30_000

/**
 * Puts a service together. Disposing of it finishes what it accepted and closes everything in the opposite order.
 * @throws {AppError} if the storage can't be opened, a pack is damaged, or the log began under another key or origin
 */
export async function createService(config: Config, overrides: ServiceOverrides = {}): Promise<Service> {
  await using parts = new AsyncDisposableStack()
  const clock = overrides.clock ?? systemClock
  const logger = overrides.logger ?? pino({ level: config.logLevel, base: { service: 'portcullis' } })
  const metrics = createMetrics()
  const packs = await loadPacks(PACKS)
  const starting = startEvaluator(config, packs, logger)
  starting.catch(ignoreFailedStart)
  parts.defer(() => starting.then((evaluator) => evaluator[Symbol.asyncDispose](), ignoreFailedStart))
  const { storage, signer } = await openLog(config, clock, logger, (seconds) => metrics.telemetry.committed(seconds))
  parts.use(storage)
  const evaluator = await starting
  const reader = parts.use(new ReportReader())
  const catalogues = new StoreCatalogue(storage.policies)
  const shipped = packs.map(({ manifest }) => manifest.digest)
  const versions = new RunnableVersions({ store: storage.policies, engine: evaluator, shipped })
  const plans = new BindingPlans({ store: storage.bindings, catalogues, versions })
  const ownership = { store: storage.ownership, cache: new OwnershipCache(storage.ownership), clock }
  const providers = loginProviders(storage.issuers)
  const bindings = new Bindings({
    store: storage.bindings,
    catalogues,
    teams: async () => new Set((await ownership.cache.current()).teams.keys()),
    requireReachable: reachability(storage.approvals, providers),
    clock,
  })
  const calendar = new CalendarCache(storage.calendar)
  const askingCalendar = calendarBindings(plans)
  const damper = new LoginDamper()
  const refusals = parts.use(
    new Refusals({
      appender: storage.entries,
      clock,
      onFailure: (error) => logger.error({ err: error }, 'what was refused could not be written; it is kept'),
    }),
  )
  const outbound = { client: parts.use(new JsonClient()), files: new IssuerFileDirectory(config.issuerFiles) }
  const workloads = new WorkloadAccess({ issuers: storage.issuers, principals: storage.tokens })
  const verifier = createJwtVerifier(storage, outbound, clock, logger)
  const authorities = new ClientAuthorities({ api: [], admission: [] })
  const authenticator = parts.use(
    new Authenticator({
      jwtLogin: { login: async (jwt) => workloads.accessOf(await verifier.verify(jwt)) },
      certificateLogin: new CertificateLogin({ authorities, rules: workloads, clock }),
      standings: new Standings(storage.logins, providers, config.loginMaxAgeDays * DAY_MS),
      store: storage.tokens,
      damper,
      refusals,
      clock,
      onFailure: (error) => logger.error({ err: error }, 'last uses could not be written; they are kept'),
    }),
  )
  const tokens = new TokenService({
    ...{ store: storage.tokens, claims: storage.idempotency, clock },
    personalMaxDays: config.personalTokenMaxDays,
  })
  const blocks = new Blocks({ store: storage.blocks, clock })
  const blocked = new BlockCache(storage.blocks, clock)
  metrics.observeBlocks(async () => (await blocked.current()).count(clock.now()))
  const gate = new Gate({
    facts: storage.facts,
    history: storage.history,
    decisions: storage.decisions,
    plans,
    baselines: storage.baselines,
    waivers: new WaiversInForce(storage.waivers, clock),
    approvals: storage.approvals,
    peopleLogIn: async () => (await providers.all()).length > 0,
    ownership: ownership.cache,
    calendar,
    blocks: blocked,
    evaluator,
    clock,
    telemetry: metrics.telemetry,
  })
  const reviews = new Reviews({ store: storage.reviews, decisions: storage.decisions, clock })
  metrics.observeApprovals(() => storage.approvals.waiting(formatInstant(clock.now() - 30 * DAY_MS)))
  metrics.observeReviews(() => reviews.tally(), clock)
  const replays = new Replays({
    decisions: storage.decisions,
    facts: storage.facts,
    bindings: storage.bindings,
    baselines: storage.baselines,
    waivers: storage.waivers,
    catalogues,
    versions,
    evaluator,
  })
  const operations = new Operations({ store: storage.operations, clock })
  const runner = parts.use(
    new OperationRunner({
      store: storage.operations,
      kinds: [
        new BacktestKind({
          decisions: storage.decisions,
          operations: storage.operations,
          pool: backtestPool({
            storage: { dataDir: config.dataDir, databaseUrl: config.databaseUrl },
            engine: engineLimits(config),
          }),
        }),
      ],
      clock,
      onFailure: (error) => logger.error({ err: error }, 'an operation failed, or could not be taken up'),
    }),
  )
  const backtests = new Backtests({
    store: storage.operations,
    operations,
    bindings: storage.bindings,
    ownership: ownership.cache,
    catalogues,
    wake: () => runner.wake(),
    clock,
  })
  const deployments = new Deployments({
    store: storage.deployments,
    decisions: storage.decisions,
    facts: storage.facts,
    evidence: storage.evidence,
    ownership: ownership.cache,
    releaseStages: config.releaseStages,
    clock,
    telemetry: metrics.telemetry,
  })
  const rollbackTargets = new RollbackTargets({
    ...{ history: storage.history, decisions: storage.decisions },
    ...{ plans, blocks: blocked, ownership: ownership.cache, clock },
  })
  const baselines = new BaselineOverview({
    plans,
    store: storage.baselines,
    ownership: ownership.cache,
  })
  const policies = new Policies({ store: storage.policies, bindings: storage.bindings })
  const uploads = new PolicyUploads({ compiler: await startCompiler(config), store: storage.policies, clock })
  const waivers = createWaivers(config, { storage, policies, clock })
  metrics.observeWaivers(() => waivers.counts())
  metrics.observeBaselines(() => baselines.remaining())
  metrics.observeOwners(async () => (await ownership.cache.current()).teamsByProject())
  const tokenStatistics = new TokenStatistics(storage.tokens, clock)
  metrics.observeTokens(() => tokenStatistics.read())
  const evidence = { store: storage.evidence, blobs: storage.blobs }
  const audit = new AuditLog(storage.log, signer)
  if (config.adminToken !== undefined) await takeGivenToken(storage.tokens, clock, config.adminToken)
  await recordStart(storage, packs, { clock, logger, secondPerson: config.secondPerson })
  await bindings.seed(defaultBindings(config.profile), 'start')
  // So that the first decision doesn't wait for versions that are to be loaded.
  await plans.current()

  const issuers = new Issuers({ store: storage.issuers, principals: storage.tokens })
  const kinds = changeKinds({ issuers, bindings, blocks, versions, calendar: { calendar, beside: askingCalendar.all }, storage, clock })
  if (config.applyDir !== undefined) {
    // The operator's own word, who could also switch the second person off.
    const { resources } = createChanges(kinds, { storage, clock, secondPerson: 'off' })
    await applyMounted(resources, { directory: config.applyDir, commit: config.applyCommit, logger })
  }
  const lifecycle = new Lifecycle()
  const app = createHttpApp({
    overview: new BindingOverview({ plans, facts: storage.facts, decisions: storage.decisions, ownership: ownership.cache, clock }),
    gate,
    approvals: new Approvals({ store: storage.approvals, clock }),
    reviews,
    replays,
    explanations: new Explanations({ replays, evaluator }),
    waivers,
    backtests,
    operations,
    deployments,
    rollbackTargets,
    intake: new EvidenceIntake({ ...evidence, reader, clock }),
    evidence: new EvidenceLibrary(evidence),
    bindings,
    baselines,
    blocks,
    projects: new Projects(ownership),
    teams: new Teams(ownership),
    calendars: new Calendars({ calendar, bindings: askingCalendar.enforcing }),
    owners: new OwnerFilters(ownership.cache),
    policies,
    uploads,
    authenticator,
    refusals,
    tokens,
    logins: createLogins(providers, outbound, { storage, damper, refusals, clock, logger }),
    issuers,
    principals: new Principals(storage.tokens),
    ...createChanges(kinds, { storage, clock, secondPerson: config.secondPerson }),
    audit,
    readiness: cachedReadiness(() => checkReadiness(storage, evaluator, logger), clock),
    metrics: metrics.requests,
    registry: metrics.registry,
    logger,
    clock,
    settings: {
      ...DEFAULT_HTTP_SETTINGS,
      maxReportBytes: config.maxReportBytes,
      ratePerPrincipal: config.ratePerPrincipal,
      ratePerAddress: config.ratePerAddress,
      trustedProxies: config.trustedProxies,
      publicUrl: config.publicUrl,
      sonarqubeSecret: config.sonarqubeSecret,
    },
    lifecycle,
  })
  const tls = config.tls && tlsFiles(config.tls, authorities)
  const listening = { ...DEFAULT_LISTEN_SETTINGS, host: config.host, port: config.port, tls }
  const server = new HttpServer((request, response) => void app(request, response), listening, lifecycle, logger)
  parts.defer(() => recordStop(storage, clock, logger))
  parts.defer(async () => {
    if (!(await server.close(DRAIN_DEADLINE_MS))) logger.warn('requests were cut off, since they did not end in time')
  })
  const owned = parts.move()
  return {
    gate,
    authenticator,
    refusals,
    verifierKey: audit.verifierKey,
    listen: () => server.listen(),
    makeAdminToken: (handOver) => makeFirstToken(storage.tokens, clock, handOver),
    reloadCertificate: () => server.reloadCertificate(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Where TLS ends here, and whose certificates count then, which are told to those who judge them. */
function tlsFiles({ certFile, keyFile, clientCaFile, admissionClientCaFile }: TlsFiles, authorities: ClientAuthorities): CertificateFiles {
  if (clientCaFile === undefined && admissionClientCaFile === undefined) return { certFile, keyFile }
  return { certFile, keyFile, clients: { apiFile: clientCaFile, admissionFile: admissionClientCaFile, authorities } }
}

/** Whoever waits for the engine to start is told why it didn't. */
function ignoreFailedStart(): void {}
