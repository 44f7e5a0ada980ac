import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { pino, type Logger } from 'pino'

import { AuditLog } from './audit/audit-log.ts'
import { assertSameLog, logCreatedDraft, readLogIdentity } from './audit/log-identity.ts'
import { chooseOrigin, dataDirLogKey, logSigner, parseLogKey, type LogKey, type LogKeyErrorCode } from './audit/log-key.ts'
import type { NoteSigner } from './audit/note.ts'
import { Authenticator } from './auth/authenticator.ts'
import { CertificateLogin } from './auth/certificates/certificate-login.ts'
import { ClientAuthorities } from './auth/certificates/client-authorities.ts'
import { makeFirstToken, takeGivenToken } from './auth/bootstrap.ts'
import { LoginDamper } from './auth/login-damper.ts'
import { issuerPut, issuerRemoval } from './auth/issuers/issuer-changes.ts'
import { Issuers } from './auth/issuers/issuers.ts'
import { jwtIssuers } from './auth/issuers/jwt-issuers.ts'
import { idTokenIssuers } from './auth/login/id-token.ts'
import { Logins } from './auth/login/logins.ts'
import { loginProviders } from './auth/login/providers.ts'
import type { LoginProviders, ProviderClient, SecretFiles } from './auth/login/ports.ts'
import { Standings } from './auth/login/standings.ts'
import { JwtVerifier } from './auth/jwt/verifier.ts'
import { identityLink, identityUnlink } from './auth/identity-changes.ts'
import { principalPut } from './auth/principal-put.ts'
import { Principals } from './auth/principals.ts'
import { Refusals } from './auth/refusals.ts'
import { TokenService } from './auth/token-service.ts'
import { TokenStatistics } from './auth/token-statistics.ts'
import { WorkloadAccess } from './auth/workload/workload-access.ts'
import type { Config, TlsFiles } from './config/config.ts'
import { AppError } from './core/app-error.ts'
import { canonicalDigest } from './core/canonical-json.ts'
import { systemClock, type Clock } from './core/clock.ts'
import { newId } from './core/id.ts'
import type { EntryDraft } from './core/log-entry.ts'
import { formatInstant } from './core/time.ts'
import { Deployments } from './decisions/deployments/deployments.ts'
import { BaselineOverview } from './decisions/baselines/overview.ts'
import { Gate } from './decisions/gate.ts'
import { EvidenceIntake, EvidenceLibrary, ReportReader } from './evidence/index.ts'
import { Changes } from './governance/changes/changes.ts'
import { createHttpApp } from './http/app.ts'
import type { GuardedKinds } from './http/guarded-changes.ts'
import { Lifecycle } from './http/lifecycle.ts'
import { createMetrics } from './http/metrics.ts'
import { DEFAULT_HTTP_SETTINGS, type Readiness } from './http/ports.ts'
import { cachedReadiness } from './http/readiness.ts'
import type { CertificateFiles } from './http/server-certificate.ts'
import { DEFAULT_LISTEN_SETTINGS, HttpServer } from './http/server.ts'
import { IssuerFileDirectory } from './outbound/issuer-files.ts'
import { JsonClient } from './outbound/json-client.ts'
import { OwnerFilters } from './ownership/owner-filters.ts'
import { OwnershipCache } from './ownership/ownership-cache.ts'
import { Projects } from './ownership/projects.ts'
import { Teams } from './ownership/teams.ts'
import { Bindings } from './policy/bindings.ts'
import { PackCatalogue } from './policy/catalogue.ts'
import { defaultBindings } from './policy/defaults.ts'
import { createEvaluator } from './policy/engine/create-evaluator.ts'
import { loadPacks, type LoadedPack } from './policy/engine/load-packs.ts'
import type { PolicyEvaluator } from './policy/evaluator.ts'
import { prepareDataDirectory } from './storage/sqlite/data-directory.ts'
import { openStorage, type Storage } from './storage/storage.ts'

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
const WASM_PAGE_BYTES = 65_536
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
  const catalogue = new PackCatalogue(packs.map(({ manifest }) => manifest))
  const bindings = new Bindings({ store: storage.bindings, catalogue, clock })
  const ownership = { store: storage.ownership, cache: new OwnershipCache(storage.ownership), clock }
  const damper = new LoginDamper()
  const refusals = parts.use(
    new Refusals({
      appender: storage.entries,
      clock,
      onFailure: (error) => logger.error({ err: error }, 'what was refused could not be written; it is kept'),
    }),
  )
  const outbound = { client: parts.use(new JsonClient()), files: new IssuerFileDirectory(config.issuerFiles) }
  const providers = loginProviders(storage.issuers)
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
  const gate = new Gate({
    facts: storage.facts,
    decisions: storage.decisions,
    bindings: storage.bindings,
    baselines: storage.baselines,
    ownership: ownership.cache,
    catalogue,
    evaluator,
    clock,
    telemetry: metrics.telemetry,
  })
  const deployments = new Deployments({
    store: storage.deployments,
    decisions: storage.decisions,
    facts: storage.facts,
    evidence: storage.evidence,
    ownership: ownership.cache,
    clock,
    telemetry: metrics.telemetry,
  })
  const baselines = new BaselineOverview({
    bindings: storage.bindings,
    catalogue,
    store: storage.baselines,
    ownership: ownership.cache,
  })
  metrics.observeBaselines(() => baselines.remaining())
  metrics.observeOwners(async () => (await ownership.cache.current()).teamsByProject())
  const tokenStatistics = new TokenStatistics(storage.tokens, clock)
  metrics.observeTokens(() => tokenStatistics.read())
  const evidence = { store: storage.evidence, blobs: storage.blobs }
  const audit = new AuditLog(storage.log, signer)
  if (config.adminToken !== undefined) await takeGivenToken(storage.tokens, clock, config.adminToken)
  await bindings.seed(defaultBindings(config.profile), 'start')
  await recordStart(storage, packs, clock, config.secondPerson)

  const issuers = new Issuers({ store: storage.issuers, principals: storage.tokens })
  const lifecycle = new Lifecycle()
  const app = createHttpApp({
    gate,
    deployments,
    intake: new EvidenceIntake({ ...evidence, reader, clock }),
    evidence: new EvidenceLibrary(evidence),
    bindings,
    baselines,
    projects: new Projects(ownership),
    teams: new Teams(ownership),
    owners: new OwnerFilters(ownership.cache),
    policies: catalogue,
    authenticator,
    refusals,
    tokens,
    logins: createLogins(providers, outbound, { storage, damper, refusals, clock, logger }),
    issuers,
    principals: new Principals(storage.tokens),
    changes: createChanges(storage, issuers, clock, config.secondPerson),
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

/** Says which tokens of CI systems are genuine; what they are worth, the rules of their issuers say. */
function createJwtVerifier(storage: Storage, { client, files }: Outbound, clock: Clock, logger: Logger): JwtVerifier {
  return new JwtVerifier({
    issuers: jwtIssuers(storage.issuers),
    replay: storage.replay,
    fetcher: client,
    files,
    clock,
    onFailure: ({ issuer, error }) => logger.warn({ issuer, err: error }, 'the keys of an issuer could not be read'),
  })
}

/** Where TLS ends here, and whose certificates count then, which are told to those who judge them. */
function tlsFiles({ certFile, keyFile, clientCaFile, admissionClientCaFile }: TlsFiles, authorities: ClientAuthorities): CertificateFiles {
  if (clientCaFile === undefined && admissionClientCaFile === undefined) return { certFile, keyFile }
  return { certFile, keyFile, clients: { apiFile: clientCaFile, admissionFile: admissionClientCaFile, authorities } }
}

/** Every kind of change that can wait for a second person. */
function createChanges(storage: Storage, issuers: Issuers, clock: Clock, secondPerson: boolean): Changes<GuardedKinds> {
  const identities = { principals: storage.tokens, identities: storage.identities }
  const kinds: GuardedKinds = {
    'issuer.put': issuerPut(issuers),
    'issuer.delete': issuerRemoval(issuers),
    'principal.put': principalPut({ store: storage.tokens, administrators: storage.administrators }),
    'identity.link': identityLink(identities),
    'identity.unlink': identityUnlink(identities),
  }
  return new Changes({ store: storage.changes, kinds, clock, secondPerson })
}

/** How people come in: ID tokens are verified for our clients alone, apart from the tokens of jobs. */
function createLogins(
  providers: LoginProviders,
  outbound: Outbound,
  parts: { storage: Storage; damper: LoginDamper; refusals: Refusals; clock: Clock; logger: Logger },
): Logins {
  const { storage, damper, refusals, clock, logger } = parts
  const { client, files } = outbound
  const verifier = new JwtVerifier({
    issuers: idTokenIssuers(providers),
    replay: storage.replay,
    fetcher: client,
    files,
    clock,
    onFailure: ({ issuer, error }) => logger.warn({ issuer, err: error }, 'the keys of a login provider could not be read'),
  })
  return new Logins({ providers, store: storage.logins, tokens: storage.tokens, client, files, verifier, damper, refusals, clock })
}

/** What reaches beyond this machine. */
interface Outbound {
  client: ProviderClient
  files: SecretFiles
}

/** Opens the storage, and its log under the origin and key that it began with. */
async function openLog(
  config: Config,
  clock: Clock,
  logger: Logger,
  committed: (seconds: number) => void,
): Promise<{ storage: Storage; signer: NoteSigner }> {
  const key = await readLogKey(config)
  const draftOrigin = chooseOrigin(config.logOrigin, key, undefined)
  const identity = { origin: draftOrigin, treeId: newId(), verifierKey: logSigner(key, draftOrigin).verifierKey.text }
  const storage = await openStorage({
    ...(config.databaseUrl !== undefined && { databaseUrl: config.databaseUrl }),
    dataDir: config.dataDir,
    log: { created: logCreatedDraft(identity, formatInstant(clock.now())) },
    clock,
    hooks: {
      committed: ({ seconds }) => committed(seconds),
      failed: (failure) => logger.error(failure, 'a write failed'),
    },
  })
  try {
    const leaf0 = (await storage.log.entry(0))?.leaf ?? ''
    const signer = logSigner(key, chooseOrigin(config.logOrigin, key, readLogIdentity(leaf0).origin))
    assertSameLog(leaf0, { origin: signer.verifierKey.name, verifierKey: signer.verifierKey.text })
    return { storage, signer }
  } catch (error) {
    await storage[Symbol.asyncDispose]()
    throw error
  }
}

/** The key that was set; else, for the embedded database, the one in the data directory, made with the database. */
function readLogKey(config: Config): LogKey | Promise<LogKey> {
  if (config.logKey !== undefined) return parseLogKey(config.logKey)
  if (config.databaseUrl !== undefined) {
    throw new AppError<LogKeyErrorCode>('log_key_missing', 'On PostgreSQL the key of the log has to be given.', {
      field: 'PORTCULLIS_LOG_KEY',
      remedy: 'Make one with: openssl genpkey -algorithm ed25519 -out log.key   and set PORTCULLIS_LOG_KEY_FILE=log.key',
    })
  }
  prepareDataDirectory(config.dataDir)
  return dataDirLogKey(config.dataDir, { origin: config.logOrigin, mayMake: !existsSync(join(config.dataDir, 'portcullis.db')) })
}

function startEvaluator(config: Config, packs: readonly LoadedPack[], logger: Logger): Promise<PolicyEvaluator & AsyncDisposable> {
  return createEvaluator({
    packs,
    deadlineMs: config.policyDeadlineMs,
    memoryPages: Math.floor(config.policyMemoryBytes / WASM_PAGE_BYTES),
    hooks: { workerLost: (event) => logger.warn(event, 'a policy worker ended and was replaced') },
  })
}

/** Whoever waits for the engine to start is told why it didn't. */
function ignoreFailedStart(): void {}

async function checkReadiness(storage: Storage, evaluator: PolicyEvaluator, logger: Logger): Promise<Readiness> {
  const written = await storage.health().then(
    () => 'ok',
    (error: unknown) => {
      logger.warn({ err: error }, 'not ready, since storage takes no writes')
      return 'no write is possible'
    },
  )
  const policies = evaluator.ready() ? 'ok' : 'the policy engine is not running'
  return { ok: written === 'ok' && policies === 'ok', checks: { storage: written, policies } }
}

/** Notes the start, and every pack version that this log has not seen before. */
async function recordStart(storage: Storage, packs: readonly LoadedPack[], clock: Clock, secondPerson: boolean): Promise<void> {
  const at = formatInstant(clock.now())
  const known = await publishedVersions(storage)
  const fresh = packs.filter(({ manifest }) => !known.has(manifest.digest))
  const published = fresh.map(({ manifest }): EntryDraft => {
    const body = { pack: manifest.name, version: manifest.digest, wasm: manifest.wasmDigest, opa: manifest.opa }
    return { type: 'policy.published', at, actor: 'system', body: { digest: canonicalDigest(body), ...body }, detail: {} }
  })
  const zones = process.versions['tz'] ?? null
  const body = { node: process.versions.node, zones, packs: packs.map(({ manifest }) => manifest.digest), secondPerson }
  await storage.entries.append([
    ...published,
    { type: 'service.started', at, actor: 'system', body: { digest: canonicalDigest(body), ...body }, detail: {} },
  ])
}

async function publishedVersions(storage: Storage): Promise<Set<unknown>> {
  const versions = new Set<unknown>()
  let after: string | undefined
  do {
    const page = await storage.log.entries({ type: 'policy.published' }, { limit: 200, ...(after !== undefined && { after }) })
    for (const { leaf } of page.items) versions.add((JSON.parse(leaf) as { body: { version?: unknown } }).body.version)
    after = page.next ?? undefined
  } while (after !== undefined)
  return versions
}

async function recordStop(storage: Storage, clock: Clock, logger: Logger): Promise<void> {
  const body = { reason: 'shutdown' }
  const entry: EntryDraft = {
    type: 'service.stopped',
    at: formatInstant(clock.now()),
    actor: 'system',
    body: { digest: canonicalDigest(body), ...body },
    detail: {},
  }
  await storage.entries.append([entry]).catch((error: unknown) => logger.error({ err: error }, 'the stop could not be recorded'))
}
