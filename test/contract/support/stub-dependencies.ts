import pino from 'pino'

import { AppError } from '../../../src/core/app-error.ts'
import type { Digest } from '../../../src/core/digest.ts'
import { sha256Digest } from '../../../src/core/digest.ts'
import type { IdempotencyClaim } from '../../../src/core/idempotency.ts'
import type { IdentityDraft } from '../../../src/auth/identity-changes.ts'
import type { PrincipalDraft } from '../../../src/auth/principal-put.ts'
import type { LinkedIdentity } from '../../../src/core/linked-identity.ts'
import { SCOPES, type Access, type Principal, type Scope } from '../../../src/core/principal.ts'
import type { RefusedAccess } from '../../../src/auth/refusals.ts'
import type { IssuerPutRequest } from '../../../src/auth/issuers/issuer-changes.ts'
import type { Issuer } from '../../../src/auth/issuers/model.ts'
import type { CallbackAnswer } from '../../../src/auth/login/callback.ts'
import type { LoginWish } from '../../../src/auth/login/logins.ts'
import type { TokenRecord } from '../../../src/auth/ports.ts'
import type { TokenDraft } from '../../../src/auth/token-draft.ts'
import type { ShownBaseline } from '../../../src/decisions/baselines/overview.ts'
import type { AnsweredDecision, Decision, DecisionRequest, RecordedDecision } from '../../../src/decisions/decision.ts'
import { deploymentOf, type Deployment, type Outcome } from '../../../src/decisions/deployments/deployment.ts'
import type { Review } from '../../../src/decisions/reviews/review.ts'
import type { Flip } from '../../../src/decisions/backtest/flip.ts'
import type { Explanation } from '../../../src/decisions/explain/explanation.ts'
import type { ReplayReport } from '../../../src/decisions/replay/replay.ts'
import type { ShownEvidence } from '../../../src/evidence/intake.ts'
import type { ListedFinding } from '../../../src/evidence/evidence.ts'
import type { EffectivePolicy } from '../../../src/decisions/effective.ts'
import type { WouldDeny } from '../../../src/decisions/would-deny.ts'
import type { Approval } from '../../../src/governance/approvals/approval.ts'
import type { ShownBlock } from '../../../src/governance/blocks/blocks.ts'
import { blockNotFound } from '../../../src/governance/blocks/errors.ts'
import type { Change } from '../../../src/governance/changes/change.ts'
import { notFound } from '../../../src/governance/calendar/errors.ts'
import type { StoredFreeze, StoredWindow } from '../../../src/governance/calendar/model.ts'
import type { Opening } from '../../../src/governance/calendar/opening.ts'
import type { ApplyRequest } from '../../../src/governance/resources/plan.ts'
import type { ApplyReport, ShownResource } from '../../../src/governance/resources/resources.ts'
import type { GuardedKinds } from '../../../src/http/guarded-changes.ts'
import type { Waiver } from '../../../src/governance/waivers/waiver.ts'
import { Lifecycle } from '../../../src/http/lifecycle.ts'
import { createMetrics } from '../../../src/http/metrics.ts'
import { pageOf } from '../../../src/http/page-of.ts'
import { DEFAULT_HTTP_SETTINGS, type HttpDependencies, type HttpSettings } from '../../../src/http/ports.ts'
import type { Operation } from '../../../src/operations/model.ts'
import type { Project, Team } from '../../../src/ownership/model.ts'
import type { Binding, PackManifest } from '../../../src/policy/model.ts'
import { policyNotFound } from '../../../src/policy/versions/errors.ts'
import type { PolicyActivationRequest } from '../../../src/policy/versions/policy-changes.ts'
import type { ShownPolicy, VersionSummary } from '../../../src/policy/versions/shown.ts'

export const DIGEST: Digest = `sha256:${'4b'.repeat(32)}`
export const KNOWN_ID = '019a7c1e-6d7a-7c3e-9d52-0f4a3b2c1d0e'
export const OTHER_ID = '019a7c1e-6d7a-7c3e-9d52-0f4a3b2c1d0f'

/** A token that may do all; `scope:…` tokens may do that one thing. */
export const ADMIN = 'admin-token'
/** The same for another principal. */
export const STRANGER = 'stranger-token'

/** The token of a job that no rule of its issuer knows. */
export const NOBODY_S_JOB = 'nobody-s-job-token'
/** The token of a CI job: of a workload, by the word of an issuer. */
export const JOB = 'job-token'

/** A log that keeps its lines for the test to look at. */
export interface KeptLog {
  lines: () => Record<string, unknown>[]
  text: () => string
}

export interface Stub {
  dependencies: HttpDependencies
  log: KeptLog
  /** What the use cases were given, newest last. */
  seen: {
    submissions: { bytes: Uint8Array; subject: string }[]
    requests: DecisionRequest[]
    claims: (IdempotencyClaim | undefined)[]
    refusals: RefusedAccess[]
    wishes: LoginWish[]
    callbacks: { answer: CallbackAnswer; sealed: string | undefined; address: string }[]
    loggedOut: string[]
  }
  /** The next call of a use case fails with this. */
  failNext: (error: unknown) => void
  /** What the deep check finds. */
  ready: { ok: boolean }
  /** Calls of use cases wait for the returned function to be called. */
  hold: () => () => void
  /** How many of them wait. */
  waiting: () => number
}

const NOW = Date.parse('2026-11-18T10:00:00Z')
const AT = '2026-11-18T10:00:00.000Z'

/** The domain played by a few fixed answers, so that tests of HTTP look at HTTP alone. */
/** What SonarQube's webhook is signed with. */
export const SONARQUBE_SECRET = 'sonarqube-webhook-secret'

export function stubDependencies(settings: Partial<HttpSettings> = {}): Stub {
  const { logger, log } = keptLog()
  const metrics = createMetrics()
  const seen: Stub['seen'] = { submissions: [], requests: [], claims: [], refusals: [], wishes: [], callbacks: [], loggedOut: [] }
  const ready = { ok: true }
  let failure: { error: unknown } | undefined
  let gate = Promise.resolve()
  let waiting = 0
  const play = async <Value>(answer: () => Value): Promise<Value> => {
    waiting += 1
    await gate
    waiting -= 1
    const failing = failure
    failure = undefined
    if (failing) throw failing.error
    return answer()
  }
  const dependencies: HttpDependencies = {
    overview: {
      effective: () => play(effective),
      wouldDeny: () => play(objections),
    },
    gate: {
      wait: () => Promise.resolve(true),
      decide: (access, request, { idempotency }) =>
        play(() => {
          seen.requests.push(request)
          seen.claims.push(idempotency)
          return { decision: decided(access, request), repeated: false }
        }),
      find: (_access, id) => play(() => (id === KNOWN_ID ? recorded() : undefined)),
      list: (_access, _filter, page) =>
        play(() =>
          pageOf(
            Array.from({ length: 3 }, (_, at) => recorded(at)),
            ({ id }) => id,
            page,
          ),
        ),
    },
    approvals: {
      add: (_access, { comment }, { idempotency }) =>
        play(() => {
          seen.claims.push(idempotency)
          return { approval: APPROVAL, created: comment !== 'again', repeated: false }
        }),
      answer: (_access, id, { comment }, { idempotency }) =>
        play(() => {
          seen.claims.push(idempotency)
          return id === KNOWN_ID ? { approval: APPROVAL, created: comment !== 'again', repeated: false } : undefined
        }),
      revoke: (_access, id) => play(() => (id === KNOWN_ID ? APPROVAL : undefined)),
      find: (_access, id) => play(() => (id === KNOWN_ID ? APPROVAL : undefined)),
      list: (_access, _filter, page) => play(() => pageOf([APPROVAL], ({ id }) => id, page)),
    },
    reviews: {
      find: (_access, id) => play(() => (id === KNOWN_ID ? REVIEW : undefined)),
      close: (_access, id) => play(() => (id === KNOWN_ID ? REVIEW : undefined)),
    },
    backtests: {
      start: (_access, { pack: name }, _draft, { idempotency }) =>
        play(() => {
          seen.claims.push(idempotency)
          return name === 'nobody' ? undefined : { operation: operation(), repeated: false }
        }),
      flips: (_access, id, _filter, page) => play(() => (id === KNOWN_ID ? pageOf([flip()], ({ decision }) => decision, page) : undefined)),
    },
    operations: {
      find: (_access, id) => play(() => (id === KNOWN_ID ? operation() : undefined)),
      list: (_access, _filter, page) => play(() => pageOf([operation()], ({ id }) => id, page)),
      cancel: (_access, id) => play(() => (id === KNOWN_ID ? operation('cancelled') : undefined)),
    },
    explanations: { explain: (_access, id) => play(() => (id === KNOWN_ID ? explained() : undefined)) },
    replays: { replay: (_access, id) => play(() => (id === KNOWN_ID ? replayed() : undefined)) },
    deployments: {
      start: (_access, report, { idempotency }) =>
        play(() => {
          seen.claims.push(idempotency)
          return { deployment: deployment(), repeated: report.target === 'again' }
        }),
      finish: (_access, id, { outcome }) => play(() => (id === KNOWN_ID ? deployment(outcome) : undefined)),
      find: (_access, id) => play(() => (id === KNOWN_ID ? deployment('failed') : undefined)),
      list: (_access, _filter, page) => play(() => pageOf([deployment()], ({ id }) => id, page)),
    },
    rollbackTargets: {
      find: (_access, { environment }) =>
        play(() => ({
          ...{ environment, repository: 'github.com/acme/cart', target: null, withinDays: 90 },
          ...{ replaces: null, candidate: null, reason: 'nothing_deployed' as const },
        })),
    },
    intake: {
      submit: (_access, submission) =>
        play(() => {
          seen.submissions.push(submission)
          seen.claims.push(submission.idempotency)
          return { evidence: evidence(submission.bytes), created: submission.name !== 'again', repeated: false }
        }),
      deliver: (_access, submission) =>
        play(() => {
          seen.submissions.push(submission)
          seen.claims.push(submission.idempotency)
          return { items: [evidence(submission.bytes), evidence()], created: submission.name !== 'again', repeated: false }
        }),
    },
    evidence: {
      find: (_access, id) => play(() => (id === KNOWN_ID ? evidence() : undefined)),
      list: (_access, _filter, page) => play(() => pageOf([evidence()], ({ id }) => id, page)),
      findings: (_access, id, _filter, page) => play(() => (id === KNOWN_ID ? pageOf([finding()], (each) => each.id, page) : undefined)),
      raw: (_access, id) => play(() => (id === KNOWN_ID ? Buffer.from('<script>') : undefined)),
    },
    bindings: {
      list: () => play(() => [binding('vulnerabilities'), binding('tests')]),
      find: (name) => play(() => knownBinding(name)),
    },
    baselines: { list: (_access, _filter, page) => play(() => pageOf([baseline()], ({ binding: name }) => name, page)) },
    blocks: {
      place: (_access, { reason }, { idempotency }) =>
        play(() => {
          seen.claims.push(idempotency)
          return { block: block(), repeated: reason === 'again' }
        }),
      find: (id) => play(() => knownBlock(id)),
      list: (_filter, page) => play(() => pageOf([block()], ({ id }) => id, page)),
    },
    projects: {
      list: (_access, { team: owner }) => play(() => knownInQuery('team', owner, [project('shop'), project('till')])),
      find: (_access, name) => play(() => knownProject(name)),
      put: (_access, name) => play(() => ({ project: project(name), created: name === 'new' })),
      remove: (_access, name) =>
        play(() => {
          knownProject(name)
        }),
    },
    teams: {
      list: (_access, { project: owned }) => play(() => knownInQuery('project', owned, [team('shoppers')])),
      find: (_access, name) => play(() => knownTeam(name)),
      put: (_access, name) => play(() => ({ team: team(name), created: name === 'new' })),
      remove: (_access, name) =>
        play(() => {
          knownTeam(name)
        }),
    },
    calendars: {
      windows: () => play(() => [changeWindow('office'), changeWindow('night')]),
      window: (_access, name) => play(() => knownWindow(name)),
      freezes: () => play(() => [freeze('year-end'), freeze('fridays')]),
      freeze: (_access, name) => play(() => knownFreeze(name)),
      opening: (environment, at) => play(() => opening(environment, at)),
    },
    owners: {
      repositories: async (_access, { project: owned, team: owner }) =>
        knownInQuery('project', owned, knownInQuery('team', owner, undefined)),
      people: async (_access, { project: owned, team: owner }) => knownInQuery('project', owned, knownInQuery('team', owner, undefined)),
    },
    policies: {
      list: () => play(() => [policy()]),
      find: (_sight, name) =>
        play(() => (name === 'vulnerabilities' ? { ...policy(), versions: [versionSummary()], bindings: [USE] } : undefined)),
      versions: (_sight, name) => play(() => (name === 'vulnerabilities' ? { items: [versionSummary()], next: null } : undefined)),
      version: (_sight, _name, digest) => play(() => (digest === DIGEST ? { ...pack(), ...versionSummary() } : undefined)),
      bundle: (_sight, _name, digest) => play(() => (digest === DIGEST ? new Uint8Array([31, 139]) : undefined)),
    },
    uploads: {
      publish: ({ name }, { idempotency }) =>
        play(() => {
          seen.claims.push(idempotency)
          const manifest = { ...pack(), name }
          const version = { manifest, origin: 'custom', bundle: DIGEST, createdAt: AT, createdBy: 'ann' } as const
          const warning = { code: 'tests_failed', file: 'a.rego', line: 1, message: 'Odd.', fix: 'Look.' } as const
          return { version, created: name !== 'again', repeated: false, warnings: [warning] }
        }),
    },
    refusals: { access: (refused) => void seen.refusals.push(refused) },
    authenticator: {
      authenticate: (bearer) => Promise.resolve(accessOf(bearer)),
      authenticateSession: (text) => Promise.resolve(accessOf(text)),
      authenticateCertificate: () => Promise.resolve(accessOf(ADMIN)),
    },
    logins: {
      providers: () => play(() => ['dex', 'okta']),
      begin: (name, wish) =>
        play(() => {
          seen.wishes.push(wish)
          return name === 'okta' ? { location: 'https://okta.example/authorize', sealed: 'sealed', seconds: 600 } : undefined
        }),
      complete: (name, answer, sealed, { address }) =>
        play(() => {
          seen.callbacks.push({ answer, sealed, address })
          return name === 'okta' ? { text: 'a-session', seconds: 28_800, returnTo: 'http://127.0.0.1/docs' } : undefined
        }),
      logOut: (text) => play(() => void seen.loggedOut.push(text)),
    },
    tokens: {
      issue: (_access, draft, { idempotency }) =>
        play(() => {
          seen.claims.push(idempotency)
          return { record: token(draft), token: 'ptc_secret', created: draft.description !== 'again' }
        }),
      list: (_access, _filter, page) => play(() => pageOf([token()], ({ id }) => id, page)),
      find: (_access, id) => play(() => (id === KNOWN_ID ? token() : undefined)),
      revoke: (_access, id) => play(() => id === KNOWN_ID),
      rotate: (_access, id, overlap, { idempotency }) =>
        play(() => {
          seen.claims.push(idempotency)
          return id === KNOWN_ID ? { record: token(), token: 'ptc_successor', created: overlap !== 'P2D' } : undefined
        }),
    },
    issuers: {
      list: () => play(() => [issuer('github'), issuer('gitlab')]),
      find: (name) => play(() => knownIssuer(name)),
    },
    principals: {
      find: (name) => play(() => (name === 'cart-pipeline' ? PIPELINE : undefined)),
      list: (page) => play(() => pageOf([PIPELINE], ({ name }) => name, page)),
    },
    changes: {
      request: (_access, name, payload) => play(() => requested(name, payload) as never),
      approve: (_access, id) => play(() => (id === KNOWN_ID ? change('approved') : undefined)),
      reject: (_access, id) => play(() => (id === KNOWN_ID ? change('rejected') : undefined)),
      find: (id) => play(() => (id === KNOWN_ID ? change() : undefined)),
      list: (_filter, page) => play(() => pageOf([change()], ({ id }) => id, page)),
    },
    resources: {
      list: () => play(() => [resource('Binding', 'tests'), resource('Window', 'office')]),
      preview: (_access, request) => play(() => applied(request)),
      apply: (_access, request) => play(() => (request.set === 'waits' ? { pending: change() } : { report: applied(request) })),
    },
    waivers: {
      request: (_access, { reason }, { idempotency }) =>
        play(() => {
          seen.claims.push(idempotency)
          return { waiver: { ...waiver('requested'), warnings: [] }, repeated: reason === 'again' }
        }),
      approve: (_access, id) => play(() => (id === KNOWN_ID ? waiver('approved') : undefined)),
      reject: (_access, id) => play(() => (id === KNOWN_ID ? waiver('rejected') : undefined)),
      withdraw: (_access, id) => play(() => (id === KNOWN_ID ? waiver('rejected') : undefined)),
      revoke: (_access, id) => play(() => (id === KNOWN_ID ? waiver('revoked') : undefined)),
      find: (_access, id) => play(() => (id === KNOWN_ID ? waiver('requested') : undefined)),
      list: (_access, _filter, page) => play(() => pageOf([waiver('approved')], ({ id }) => id, page)),
    },
    audit: {
      entries: (_filter, page) => play(() => pageOf([entry()], ({ index }) => String(index), page)),
      receipt: (index) =>
        play(() => {
          if (index > 50) throw new AppError('entry_not_found', 'The log has no such entry.', { field: 'path.index' })
          return 'c2sp.org/tlog-proof@v1\n'
        }),
      checkpoint: () => play(() => 'portcullis.example/log\n42\n'),
    },
    readiness: () => Promise.resolve({ ...ready, checks: { storage: ready.ok ? 'ok' : 'failed' } }),
    metrics: metrics.requests,
    registry: metrics.registry,
    logger,
    clock: { now: () => NOW },
    settings: { ...DEFAULT_HTTP_SETTINGS, sonarqubeSecret: SONARQUBE_SECRET, ...settings },
    lifecycle: new Lifecycle(),
  }
  return {
    dependencies,
    log,
    seen,
    ready,
    failNext: (error) => {
      failure = { error }
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
    waiting: () => waiting,
  }
}

function effective(): EffectivePolicy {
  return {
    ...{ subject: DIGEST, stage: 'production', environment: 'production', repository: null, project: null, owners: [], enforced: true },
    bindings: [
      {
        ...{
          name: 'tests',
          pack: 'tests',
          version: DIGEST,
          mode: 'enforce',
          parameters: {},
          validFor: 'P7D',
          breakGlass: null,
          broken: null,
        },
      },
    ],
    excluded: [{ name: 'verdict', pack: 'verdict', mode: 'enforce', by: 'stage' }],
  }
}

function objections(): WouldDeny {
  const newest = { id: KNOWN_ID, at: AT, subject: DIGEST, stage: 'production', environment: 'production' }
  const counts = { decisions: 2, deniedAnyway: 1, subjects: 2 }
  return {
    ...{ binding: 'vulnerabilities', pack: 'vulnerabilities', mode: 'shadow', from: AT, to: AT, complete: true, decisions: 2 },
    ...{ repositories: 1, teams: [{ team: 'shoppers', repositories: 1, decisions: 2 }] },
    items: [
      {
        ...{ repository: 'github.com/acme/cart', project: 'shop', teams: ['shoppers'], ...counts },
        ...{ rules: [{ rule: 'vulnerabilities.max_severity', decisions: 3 }], newest },
      },
    ],
  }
}

function resource(kind: 'Binding' | 'Window', name: string): ShownResource {
  const origin = { set: 'default', commit: 'c0ffee1', drifted: false, updatedAt: AT, updatedBy: 'ann' }
  return { apiVersion: 'portcullis/v1', kind, name, spec: { pack: 'tests' }, ...origin }
}

function applied({ set, commit }: ApplyRequest): ApplyReport {
  const drift = { commit: null, appliedAt: AT, changedBy: 'ann', changedAt: AT }
  return {
    ...{ set, commit, applied: true, unchanged: 0, left: [{ kind: 'Freeze', name: 'year-end' }] },
    changes: [
      { action: 'update', kind: 'Window', name: 'office', before: { to: '16:00' }, after: { to: '17:00' }, guarded: 'loosening', drift },
    ],
  }
}

/** What became of a request that could wait for a second person. */
function requested(name: keyof GuardedKinds, payload: object): { applied: unknown } | { pending: Change } {
  if (Object.values(payload).includes('waits')) return { pending: change() }
  if (name === 'identity.unlink') return { applied: true }
  if (name === 'issuer.delete') {
    knownIssuer((payload as { name: string }).name)
    return { applied: true }
  }
  if (name === 'issuer.put') {
    const { name: put } = payload as IssuerPutRequest
    return { applied: { issuer: issuer(put), created: put === 'new' } }
  }
  if (name === 'block.lift') {
    const { id } = payload as { id: string }
    if (id === OTHER_ID) return { pending: change() }
    knownBlock(id)
    return { applied: true }
  }
  if (name === 'binding.delete') {
    knownBinding((payload as { name: string }).name)
    return { applied: true }
  }
  if (name === 'binding.put') {
    const { name: put } = payload as { name: string }
    return { applied: { binding: binding(put), created: put === 'new' } }
  }
  if (name === 'window.delete' || name === 'freeze.delete') {
    const { name: removed } = payload as { name: string }
    void (name === 'window.delete' ? knownWindow(removed) : knownFreeze(removed))
    return { applied: true }
  }
  if (name === 'window.put' || name === 'freeze.put') {
    const { name: put } = payload as { name: string }
    return { applied: { item: name === 'window.put' ? changeWindow(put) : freeze(put), created: put === 'new' } }
  }
  if (name === 'policy.delete') {
    if ((payload as { name: string }).name !== 'vulnerabilities') throw policyNotFound('path.name')
    return { applied: true }
  }
  if (name === 'policy.activate') {
    if ((payload as PolicyActivationRequest).digest !== DIGEST) throw policyNotFound('path.digest')
    return { applied: { moved: true, from: null } }
  }
  if (name === 'principal.put') {
    const draft = payload as PrincipalDraft
    return { applied: { principal: { ...PIPELINE, ...draft }, created: draft.name === 'new' } }
  }
  const { kind, value } = payload as IdentityDraft
  return { applied: { identity: { ...IDENTITY, kind, value }, created: value !== 'again@example.com' } }
}

function change(state: Change['state'] = 'pending'): Change {
  const ann = { id: KNOWN_ID, name: 'ann', owners: [KNOWN_ID, 'system'], person: 'declared' } as const
  const decision =
    state === 'pending' ? { decidedBy: null, decidedAt: null } : { decidedBy: { ...ann, id: OTHER_ID, name: 'ben' }, decidedAt: AT }
  return {
    ...{ id: KNOWN_ID, kind: 'identity.link', target: 'identities/email/ann@example.com', summary: 'Link email.', before: null },
    ...{ after: { principal: 'ann' }, baseRevision: 0, proposedBy: ann, proposedAt: AT, expiresAt: AT, state, ...decision, comment: null },
  }
}

function waiver(state: Waiver['state']): Waiver {
  const ann = { id: KNOWN_ID, name: 'ann', owners: [KNOWN_ID, 'system'], person: 'declared' } as const
  const ben = { ...ann, id: OTHER_ID, name: 'ben' }
  const end = { by: ben, at: AT, reason: 'No.' }
  const isApproved = state === 'approved' || state === 'revoked'
  const anywhere = { vulnerability: null, purl: null, subject: null, repository: null, environment: null, stage: null }
  return {
    ...{ id: KNOWN_ID, scope: { rule: 'vulnerabilities.max_severity', ...anywhere }, reason: 'Not reachable.', expiresAt: AT, state },
    ...{ requestedBy: ann, requestedAt: AT, approvalsNeeded: 1, approvals: isApproved ? [{ by: ben, at: AT, comment: null }] : [] },
    ...{ approvedAt: isApproved ? AT : null, rejected: state === 'rejected' ? end : null, revoked: state === 'revoked' ? end : null },
  }
}

function keptLog(): { logger: HttpDependencies['logger']; log: KeptLog } {
  const lines: string[] = []
  const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) })
  return { logger, log: { lines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>), text: () => lines.join('') } }
}

const REVIEW: Review = {
  ...{ state: 'closed', kind: 'break-glass', openedAt: AT, openedBy: { id: OTHER_ID, name: 'cart-pipeline', owners: [OTHER_ID] } },
  ...{ outcome: 'justified', comment: 'It was down.', closedAt: AT, closedBy: { id: KNOWN_ID, name: 'ann', owners: [KNOWN_ID] } },
}

const APPROVAL: Approval = {
  ...{ id: KNOWN_ID, kind: 'approval', state: 'approved', subject: DIGEST, stage: 'production', environment: 'production' },
  ...{ repository: null, by: { id: OTHER_ID, name: 'ann', owners: [OTHER_ID], person: 'declared' }, at: AT, expiresAt: AT },
  ...{ comment: null, request: null, revokedBy: null, revokedAt: null, reason: null },
}

const IDENTITY: LinkedIdentity = { kind: 'email', value: 'ann@example.com', verifiedBy: 'admin', at: AT, by: KNOWN_ID }

const PIPELINE: Principal = {
  id: OTHER_ID,
  name: 'cart-pipeline',
  kind: 'workload',
  disabled: false,
  groups: [],
  identities: [IDENTITY],
  createdBy: KNOWN_ID,
}
const SOMEBODY: Principal = { ...PIPELINE, id: KNOWN_ID, name: 'ann', kind: 'human' }

function accessOf(bearer: string | undefined): Access {
  if (bearer === NOBODY_S_JOB) throw new AppError('identity_unknown', 'The token is genuine, but no rule of issuer "github" matches it.')
  const scopes = bearer === ADMIN || bearer === STRANGER || bearer === JOB ? SCOPES : SCOPES.filter((scope) => bearer === `scope:${scope}`)
  if (bearer === undefined || (scopes.length === 0 && bearer !== 'scope:none')) {
    throw new AppError('unauthenticated', 'A valid token is needed.', { remedy: 'Send Authorization: Bearer TOKEN.' })
  }
  const principal = bearer === STRANGER ? SOMEBODY : PIPELINE
  return {
    principal,
    credential: bearer === JOB ? { kind: 'workload', id: 'github/main' } : { kind: 'token', id: KNOWN_ID },
    issuerIds: [KNOWN_ID],
    person: null,
    identity: null,
    scopes: new Set<Scope>(scopes),
    confinement: {},
    expiresAt: null,
  }
}

function operation(state: Operation['state'] = 'running'): Operation {
  const [result, error, finishedAt] = [null, null, state === 'running' ? null : AT]
  return {
    ...{ id: KNOWN_ID, kind: 'backtest', state, progress: { done: 50, total: 200, percent: 25 }, result, error, finishedAt },
    ...{ requestedBy: 'ann', requestedAt: AT, startedAt: AT },
  }
}

function flip(): Flip {
  return {
    ...{ decision: KNOWN_ID, logIndex: 41, at: AT, subject: DIGEST, stage: 'production', environment: 'production', repository: null },
    ...{ project: null, teams: [], from: 'allow', to: 'deny', rules: ['vulnerabilities.max_severity'] },
  }
}

function explained(): Explanation {
  const nearest = { step: 1, to: 1, state: 'holds', verdict: 'allow' } as const
  const rule = { rule: 'vulnerabilities.max_severity', title: 'More than allowed', state: 'violation', effect: 'denies' } as const
  const parameters = [{ path: '/parameters/max/critical', value: 0, flip: nearest }]
  const facts = [{ path: '/evidence/0/findings/0', value: { id: 'CVE-2024-0001', severity: 'critical' } }]
  const rules = [{ ...rule, messages: ['1 critical vulnerability'], facts, parameters }]
  const bindings = [
    { binding: 'vulnerabilities', pack: 'vulnerabilities', version: DIGEST, mode: 'enforce', complete: true, rules } as const,
  ]
  return { decision: recorded(), obstacle: null, bindings }
}

function replayed(): ReplayReport {
  const engine = { node: '26.10.0', zones: '2026c' }
  return {
    decision: KNOWN_ID,
    inputDigest: DIGEST,
    identical: true,
    verdict: { recorded: 'allow', replayed: 'allow' },
    engine: { recorded: engine, now: engine },
    differences: [],
    reasons: [],
  }
}

function recorded(at = 0): RecordedDecision {
  return {
    ...verdictOf('deny'),
    id: at === 0 ? KNOWN_ID : `${OTHER_ID.slice(0, -1)}${at}`,
    dryRun: false,
    logIndex: 41 + at,
    voidedAt: null,
  }
}

function decided({ principal }: Access, request: DecisionRequest): AnsweredDecision {
  const answer = { ...verdictOf(request.stage === 'production' ? 'deny' : 'allow'), stage: request.stage, askedBy: principal.name }
  if (request.dryRun === true) return { ...answer, dryRun: true }
  return { ...answer, id: KNOWN_ID, dryRun: false, context: request.context ?? {}, logIndex: 41, voidedAt: null }
}

function verdictOf(verdict: 'allow' | 'deny'): Omit<Decision, 'id' | 'dryRun'> {
  return {
    verdict,
    nextOpen: null,
    enforced: true,
    subject: DIGEST,
    subjectName: null,
    stage: 'production',
    environment: 'production',
    repository: 'github.com/acme/cart',
    project: 'shop',
    owners: [{ team: 'shoppers', contact: 'chat #shop' }],
    at: AT,
    expiresAt: '2026-11-25T10:00:00.000Z',
    restsOn: [],
    violations: verdict === 'deny' ? [violation()] : [],
    warnings: [],
    shadow: [],
    wouldDeny: [],
    waived: [],
    baselines: [],
    rollback: null,
    pending: false,
    breakGlass: null,
    review: null,
    evidence: [DIGEST],
    evidenceReferences: [
      { digest: DIGEST, id: KNOWN_ID, kind: 'vulnerabilities', format: 'trivy', name: null, trust: 'asker', link: null },
    ],
    sources: [],
    authors: [],
    policies: [{ pack: 'vulnerabilities', version: DIGEST, binding: 'vulnerabilities', mode: 'enforce' }],
    inputDigest: DIGEST,
    askedBy: 'cart-pipeline',
    context: {},
    verified: [],
    declared: [],
    contradicted: [],
    identity: null,
  }
}

function deployment(outcome?: Outcome): Deployment {
  const end = outcome && { deployment: KNOWN_ID, outcome, reason: null, finishedAt: AT, finishedBy: 'cart-pipeline', logIndex: 58 }
  const started = {
    id: KNOWN_ID,
    subject: DIGEST,
    subjectName: null,
    environment: 'production',
    target: 'eu',
    repository: 'github.com/acme/cart',
    verified: ['repository'],
    declared: [],
    contradicted: [],
    identity: null,
    decisionId: OTHER_ID,
    groundedBy: OTHER_ID,
    grounded: true,
    bypass: false,
    startedAt: AT,
    receivedAt: AT,
    reportedBy: 'cart-pipeline',
    context: {},
  }
  return deploymentOf(started, 57, end)
}

function violation(): Decision['violations'][number] {
  return {
    rule: 'vulnerabilities.max_severity',
    pack: 'vulnerabilities',
    binding: 'vulnerabilities',
    message: '1 critical vulnerability, where none is allowed.',
    severity: 'critical',
    evidence: [DIGEST],
    missing: [],
    fix: 'upgrade openssl to 3.0.14',
    findings: [
      {
        id: 'CVE-2026-0001',
        aliases: [],
        purl: 'pkg:deb/debian/openssl@3.0.11',
        package: 'openssl',
        version: '3.0.11',
        severity: 'critical',
        fixedVersion: '3.0.14',
        location: null,
        evidence: DIGEST,
      },
    ],
    waivableBy: ['waivers:approve'],
    nextOpen: null,
    controls: [],
  }
}

function evidence(bytes: Uint8Array = new Uint8Array()): ShownEvidence {
  return {
    id: KNOWN_ID,
    digest: sha256Digest(bytes),
    storedDigest: sha256Digest(bytes),
    redacted: false,
    subject: DIGEST,
    subjectMatch: 'unstated',
    kind: 'vulnerabilities',
    format: 'trivy',
    name: null,
    tool: { name: 'trivy', version: '0.68.1' },
    completeness: 'complete',
    completenessReason: null,
    summary: { scanned: ['vulnerabilities'] },
    reportedAt: null,
    databaseAt: null,
    statedDigests: [],
    confirmingDigests: [],
    platform: null,
    examined: [],
    receivedAt: AT,
    submittedBy: 'cart-pipeline',
    size: bytes.byteLength,
  }
}

function finding(): ListedFinding {
  return {
    index: 0,
    class: 'vulnerabilities',
    id: 'CVE-2026-0001',
    aliases: [],
    severity: 'critical',
    toolSeverity: 'CRITICAL',
    score: 9.8,
    title: null,
    purl: null,
    package: 'openssl',
    version: '3.0.11',
    fixedVersion: '3.0.14',
    fixState: null,
    location: null,
    suppressed: false,
    suppressionReason: null,
    firstSeenAt: AT,
  }
}

function binding(name: string): Binding {
  return {
    name,
    pack: 'vulnerabilities',
    version: 'latest',
    parameters: {},
    mode: 'enforce',
    validFor: 'P7D',
    revision: 1,
    updatedAt: AT,
    updatedBy: 'system',
  }
}

function baseline(): ShownBaseline {
  return {
    binding: 'vulnerabilities',
    pack: 'vulnerabilities',
    kind: 'snapshot',
    snapshot: AT,
    environment: null,
    owner: 'platform-team',
    expires: '2027-11-18T10:00:00.000Z',
    repository: 'github.com/acme/cart',
    lane: { class: 'vulnerabilities', tool: 'trivy', name: null },
    initial: 1500,
    remaining: 1200,
    setDigest: DIGEST,
    createdAt: AT,
    updatedAt: AT,
  }
}

function knownBinding(name: string): Binding {
  if (name !== 'vulnerabilities') throw new AppError('binding_not_found', 'There is no such binding.', { field: 'path.name' })
  return binding(name)
}

function block(): ShownBlock {
  return {
    ...{ id: KNOWN_ID, subject: DIGEST, reason: 'It holds a stolen key.', state: 'active', placedBy: 'ann', placedAt: AT },
    ...{ expiresAt: null, liftedAt: null, liftedBy: null },
  }
}

function knownBlock(id: string): ShownBlock {
  if (id !== KNOWN_ID) throw blockNotFound()
  return block()
}

function issuer(name: string): Issuer {
  return {
    name,
    kind: 'github',
    issuer: 'https://token.actions.githubusercontent.com',
    host: 'github.com',
    audiences: ['https://gate.example.com'],
    algorithms: ['RS256'],
    keys: { discovery: {} },
    clockSkew: 'PT1M',
    maxLifetime: 'PT1H',
    replay: 'allowed',
    rules: [
      {
        ...{ name: 'cart', claims: { repository_id: '4711' }, patterns: { ref: 'refs/tags/v*' } },
        ...{ principal: 'cart-pipeline', principalId: OTHER_ID, roles: ['pipeline'], scopes: [], confinement: {}, speaksFor: [] },
      },
    ],
    login: null,
    revision: 1,
    updatedAt: AT,
    updatedBy: 'ann',
  }
}

function knownIssuer(name: string): Issuer {
  if (name !== 'github') throw new AppError('issuer_not_found', 'There is no such issuer.', { field: 'path.name' })
  return issuer(name)
}

function project(name: string): Project {
  return {
    name,
    description: 'Where customers order',
    repositories: ['github.com/acme/shop-*'],
    namespaces: ['eu-prod/shop'],
    owners: ['shoppers'],
    contact: null,
    revision: 1,
    updatedAt: AT,
    updatedBy: 'ann',
  }
}

function knownProject(name: string): Project {
  if (name !== 'shop') throw new AppError('project_not_found', 'There is no such project.', { field: 'path.name' })
  return project(name)
}

function team(name: string): Team {
  return {
    name,
    description: 'Cart and checkout',
    members: ['ann'],
    groups: [],
    contact: 'chat #shop',
    revision: 1,
    updatedAt: AT,
    updatedBy: 'ann',
  }
}

function knownTeam(name: string): Team {
  if (name !== 'shoppers') throw new AppError('team_not_found', 'There is no such team.', { field: 'path.name' })
  return team(name)
}

function changeWindow(name: string): StoredWindow {
  return {
    ...{ name, reason: null, environments: ['production'], zone: 'Europe/Berlin', weekdays: ['mon'], from: '09:00', to: '17:00' },
    ...{ revision: 1, updatedAt: AT, updatedBy: 'admin' },
  }
}

function knownWindow(name: string): StoredWindow {
  if (name !== 'office') throw notFound('window', name)
  return changeWindow(name)
}

function freeze(name: string): StoredFreeze {
  return {
    ...{ name, reason: 'audit', environments: null, except: [{ groups: ['severity-1'] }] },
    ...{ from: '2026-12-21T00:00:00Z', until: '2027-01-04T00:00:00Z', revision: 1, updatedAt: AT, updatedBy: 'admin' },
  }
}

function knownFreeze(name: string): StoredFreeze {
  if (name !== 'year-end') throw notFound('freeze', name)
  return freeze(name)
}

function opening(environment: string, at: number): Opening {
  return {
    ...{ environment, at: new Date(at).toISOString(), open: true, restricted: false, windows: [], freezes: [] },
    ...{ opensAt: null, closesAt: null, nextFreezeAt: null, bindings: ['change-window'] },
  }
}

function knownInQuery<Value>(kind: 'project' | 'team', name: string | undefined, value: Value): Value {
  if (name !== 'nobody') return value
  throw new AppError(`${kind}_unknown`, `There is no such ${kind}.`, { field: `query.${kind}` })
}

function pack(): PackManifest {
  return {
    name: 'vulnerabilities',
    title: 'Vulnerabilities',
    description: 'Known vulnerabilities.',
    digest: DIGEST,
    wasmDigest: DIGEST,
    dataDigest: null,
    opa: '1.22.0',
    entrypoint: 'portcullis/vulnerabilities/results',
    classes: ['vulnerabilities'],
    facts: [],
    rules: [{ name: 'max_severity', title: 'Too severe' }],
    parameters: { type: 'object' },
  }
}

const USE = { name: 'vulnerabilities', version: 'latest', mode: 'enforce' } as const

function policy(): ShownPolicy {
  const times = { createdAt: AT, updatedAt: AT }
  return { ...pack(), origin: 'shipped', latest: DIGEST, versionCount: 1, ...times, updatedBy: 'system' }
}

function versionSummary(): VersionSummary {
  return { digest: DIGEST, title: 'Vulnerabilities', origin: 'shipped', active: true, createdAt: AT, createdBy: 'system' }
}

function token(draft?: TokenDraft): TokenRecord {
  return {
    id: KNOWN_ID,
    hash: 'ab'.repeat(32),
    hint: 'ptc_abcd',
    description: draft?.description ?? 'CI',
    principalId: OTHER_ID,
    kind: 'token',
    familyId: KNOWN_ID,
    issuedWith: { kind: 'token', id: OTHER_ID },
    login: null,
    createdBy: OTHER_ID,
    issuerIds: [OTHER_ID],
    person: null,
    roles: draft?.roles ?? ['pipeline'],
    scopes: draft?.scopes ?? [],
    confinement: draft?.confinement ?? {},
    createdAt: AT,
    expiresAt: draft?.expiresAt ?? null,
    supersededBy: null,
    overlapUntil: null,
    revokedAt: null,
    lastUsedAt: null,
  }
}

function entry(): Awaited<ReturnType<HttpDependencies['audit']['entries']>>['items'][number] {
  return {
    index: 41,
    leafHash: 'cd'.repeat(32),
    type: 'decision',
    version: 1,
    at: AT,
    actor: OTHER_ID,
    onBehalfOf: null,
    subject: DIGEST,
    stage: 'production',
    environment: 'production',
    requestId: null,
    body: { digest: DIGEST, verdict: 'deny' },
    detail: { context: {} },
    removed: [],
  }
}
