import { equal, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'

import { SCOPES } from '../../src/core/principal.ts'
import { Canaries } from './canaries.ts'
import type { Client } from './client.ts'
import { freshDigest, junit } from './reports.ts'
import type { RunningService } from './service.ts'
import { TokenIssuer } from './token-issuer.ts'
import { DOCUMENTED } from './workload-claims.ts'

const WEBHOOK_SECRET = 'the secret of the webhook'
const DAY = 86_400_000
const SHA = '8fe1b322a576d59fe6257052a4107df7dc1b8c78'

/** A repository with everything that its pipeline leaves behind, and that administrators lay down for it. */
export interface Side {
  /** All of these names and ids are marks of this side. */
  marks: Canaries
  repository: string
  /** `git+https://…`, a revision of the repository. */
  source: string
  /** Its job, by the token of its CI system: every scope, confined by what the token proves. A principal of its own. */
  job: Client
  /** The same; one rule makes the jobs of both sides one principal. */
  fleet: Client
  /** A token of a principal that both sides share: every scope, confined to the repository. */
  token: Client
  principal: string
  person: string
  project: string
  team: string
  binding: string
  owner: string
  stage: string
  environment: string
  target: string
  /** Name of the scans, and the package that they name. */
  module: string
  library: string
  /** Of the project's namespaces. */
  cluster: string
  author: string
  /** Of its own image. */
  subject: string
  evidence: string
  decision: string
  logIndex: number
  deployment: string
  /** What its job requested for its own subject. */
  approval: string
  /** Of each of its pipelines, a backtest. */
  operations: Readonly<Record<'job' | 'token' | 'fleet', string>>
  tokenId: string
  familyId: string
  change: string
  waiver: string
  idempotencyKey: string
}

/** Two repositories of one organisation on one service, with a digest that both of them report on. */
export interface TwoRepositories {
  admin: Client
  a: Side
  b: Side
  /** Both submit evidence about it. */
  shared: string
  /** Where the pack that both are judged by is backtested. */
  backtest: string
}

/** What the service is started with. */
export const SETTINGS = { PORTCULLIS_PROFILE: 'observe', PORTCULLIS_SONARQUBE_WEBHOOK_SECRET: WEBHOOK_SECRET }

/** Fills the service with what two pipelines and their administrators do; `b` first, so that what is its own is older. */
export async function fillTwoRepositories(service: RunningService): Promise<TwoRepositories> {
  const { admin } = service
  const issuer = await TokenIssuer.create('https://token.actions.githubusercontent.com')
  const shared = freshDigest()
  for (const name of ['shared', 'fleet']) await put(admin, `/v1/principals/${name}`, { kind: 'workload' })
  const strict = { pack: 'vulnerabilities', mode: 'enforce', parameters: { max: { critical: 0 }, fixableOnly: [] } }
  await put(admin, '/v1/bindings/strict', { ...strict, stage: ['production'] })
  const drafts = [await layDown(admin, 'b', '2002'), await layDown(admin, 'a', '1001')] as const
  await put(admin, '/v1/issuers/github', {
    ...{ kind: 'github', issuer: issuer.issuer, audiences: ['https://gate.example.com'], keys: { jwks: issuer.jwks } },
    rules: [
      ...drafts.map(({ rule }) => rule),
      { name: 'fleet', claims: { repository_owner_id: '1234567' }, principal: 'fleet', scopes: SCOPES },
    ],
  })
  const [b, a] = [await work(service, issuer, drafts[0], shared), await work(service, issuer, drafts[1], shared)]
  // Two administrators, so that changes wait for the other one.
  await hire(admin, 'ann')
  const ben = await hire(admin, 'ben')
  return { admin, shared, backtest: await backtestPath(admin), a: await propose(ben, a), b: await propose(ben, b) }
}

type Draft = Awaited<ReturnType<typeof layDown>>
type Worked = Awaited<ReturnType<typeof work>>

async function layDown(admin: Client, name: string, repositoryId: string) {
  const marks = new Canaries()
  const mark = (what: string): string => marks.mark(`${name}-${what}-`)
  const repository = `github.com/acme/${mark('repo')}`
  const [principal, person, team, project, cluster] = [mark('ci'), mark('person'), mark('team'), mark('project'), mark('cluster')]
  await put(admin, `/v1/principals/${principal}`, { kind: 'workload', groups: [mark('group')] })
  await put(admin, `/v1/principals/${person}`, { kind: 'human' })
  await put(admin, `/v1/principals/${person}/identities/email/${mark('mail')}@example.com`)
  await put(admin, `/v1/teams/${team}`, { members: [person], contact: mark('contact'), description: mark('text') })
  await put(admin, `/v1/projects/${project}`, {
    ...{ repositories: [repository], namespaces: [`${cluster}/*`], owners: [team], contact: mark('contact') },
  })
  const rule = { name: mark('rule'), claims: { repository_id: repositoryId, environment: 'own' }, principal, scopes: SCOPES }
  return { marks, mark, repository, repositoryId, principal, person, team, project, cluster, rule }
}

async function work(service: RunningService, issuer: TokenIssuer, draft: Draft, shared: string) {
  const { admin } = service
  const { marks, mark, repository, repositoryId } = draft
  const path = repository.replace('github.com/', '')
  const run = { actor: mark('actor'), ref: `refs/heads/${mark('branch')}`, sub: `repo:${path}:ref:refs/heads/main` }
  const claims = { ...DOCUMENTED.github.claims, repository: path, repository_id: repositoryId, ...run }
  const job = admin.as(await issuer.token({ ...claims, environment: 'own' }))
  const fleet = admin.as(await issuer.token({ ...claims, environment: 'shared' }))
  const rights = { scopes: SCOPES, confinement: { repositories: [repository] } }
  const issued = await admin.post('/v1/tokens', { principal: 'shared', description: mark('token'), ...rights })
  const { id: tokenId, familyId, token } = issued.json<{ id: string; familyId: string; token: string }>()
  const own = { tokenId, familyId, subject: freshDigest(), stage: mark('stage'), environment: mark('env'), target: mark('target') }
  const source = `git+https://${repository}@${SHA}`
  const more = { owner: mark('owner'), author: mark('author'), binding: mark('binding'), idempotencyKey: `run-${repositoryId}`, source }
  const pipelines = [job, admin.as(token), fleet] as const
  const [library, name] = [mark('library'), mark('module')]
  marks.add(tokenId, own.subject)

  await job.submit(freshDigest(), scan(mark, library), { name })
  const baseline = { snapshot: now(), owner: more.owner, expires: now(90 * DAY) }
  await put(admin, `/v1/bindings/${more.binding}`, {
    ...{ pack: 'vulnerabilities', mode: 'enforce', stage: [own.stage], environment: [own.environment], repository: [repository] },
    parameters: { max: { critical: 0 }, fixableOnly: [], baseline },
  })
  const submitted = await job.submit(own.subject, scan(mark, library), { name, source })
  marks.add(submitted.id, submitted.digest)
  for (const pipeline of pipelines) {
    marks.add((await pipeline.submit(own.subject, junit({ passed: 1, suite: mark('suite') }), { name: mark('module') })).id)
    marks.add((await pipeline.submit(source, JSON.stringify({ note: mark('note') }), { format: 'json', name: mark('review') })).id)
    marks.add((await pipeline.submit(shared, scan(mark, library), { name })).id)
    await pipeline.submit(shared, SAME_REPORT, { name: 'same', run: `run of ${name}` })
    ok((await pipeline.send('POST', sonarqubePath(repository, mark('gate')), ...gate(mark))).status === 201)
  }
  const question = { subject: `registry.example.com/${mark('image')}@${own.subject}`, stage: own.stage, environment: own.environment }
  const context = {
    author: more.author,
    version: mark('version'),
    changeTicket: mark('ticket'),
    labels: { [mark('label')]: mark('value') },
  }
  const made: { id: string; logIndex: number; verdict: string }[] = []
  for (const pipeline of pipelines) {
    for (const asked of [question, { subject: own.subject, stage: 'production' }, { subject: shared, stage: 'production' }]) {
      const key = { 'idempotency-key': `${more.idempotencyKey}-${asked.stage}-${asked.subject === shared}` }
      const reply = await pipeline.post('/v1/decisions', { ...asked, context }, key)
      equal(reply.status, 200, reply.text)
      made.push(reply.json())
    }
  }
  marks.add(...made.map(({ id }) => id))
  const [decision] = made
  ok(decision?.verdict === 'allow' && made[1]?.verdict === 'deny', JSON.stringify(made.slice(0, 2)))
  const started = { environment: own.environment, target: own.target, startedAt: now(), context }
  const deployed = await job.post('/v1/deployments', { ...started, subject: question.subject, decisionId: decision.id })
  equal(deployed.status, 201, deployed.text)
  const { id: deployment } = deployed.json<{ id: string }>()
  marks.add(deployment)
  const { id: waiver } = await requestWaiver(job, mark)
  marks.add(waiver)
  const asked = { subject: own.subject, stage: own.stage, environment: own.environment, action: 'request', comment: mark('comment') }
  const requested = await job.post('/v1/approvals', asked)
  equal(requested.status, 201, requested.text)
  const { id: approval } = requested.json<{ id: string }>()
  marks.add(approval)
  const [byJob, byToken, byFleet] = [await tryAgain(job), await tryAgain(admin.as(token)), await tryAgain(fleet)]
  marks.add(byJob, byToken, byFleet)
  const operations = { job: byJob, token: byToken, fleet: byFleet }
  const ids = {
    operations,
    module: name,
    library,
    evidence: submitted.id,
    decision: decision.id,
    logIndex: decision.logIndex,
    deployment,
    approval,
    waiver,
  }
  return { ...draft, ...own, ...more, ...ids, job, fleet, token: admin.as(token) }
}

/** What a pipeline asks for is cut to its own repository. */
async function requestWaiver(by: Client, mark: Mark): Promise<{ id: string }> {
  const scope = { rule: 'vulnerabilities.max_severity', vulnerability: 'CVE-2020-1' }
  const reply = await by.post('/v1/waivers', { scope, reason: mark('excuse'), expiresAt: now(7 * DAY) })
  equal(reply.status, 201, reply.text)
  return reply.json()
}

/** Begins a backtest, and ends it. @returns the id of the operation */
async function tryAgain(pipeline: Client): Promise<string> {
  const reply = await pipeline.post(await backtestPath(pipeline), { from: now(-DAY), to: now(DAY), mode: 'enforce' })
  equal(reply.status, 202, reply.text)
  const { id } = reply.json<{ id: string }>()
  const { status } = await pipeline.send('DELETE', `/v1/operations/${id}`)
  ok(status === 200 || status === 409, 'it was cancelled, or had ended already')
  return id
}

/** Where the pack `vulnerabilities` is backtested. */
async function backtestPath(client: Client): Promise<string> {
  const { latest } = (await client.get('/v1/policies/vulnerabilities')).json<{ latest: string }>()
  return `/v1/policies/vulnerabilities/versions/${latest}/backtest`
}

async function propose(by: Client, side: Worked): Promise<Side> {
  const { mark, person, marks } = side
  const reply = await by.send('PUT', `/v1/principals/${person}/identities/email/${mark('waiting')}@example.com`)
  equal(reply.status, 202, reply.text)
  const change = reply.json<{ id: string }>().id
  marks.add(change)
  return { ...side, change }
}

async function hire(by: Client, name: string): Promise<Client> {
  await put(by, `/v1/principals/${name}`, { kind: 'human' })
  return by.as(await by.issueToken({ principal: name, description: 'administrator', roles: ['admin'] }))
}

async function put(by: Client, path: string, body?: object): Promise<void> {
  const reply = body ? await by.put(path, body) : await by.send('PUT', path)
  ok(reply.status === 200 || reply.status === 201, `${path}: ${reply.text}`)
}

function now(offset = 0): string {
  return new Date(Date.now() + offset).toISOString()
}

type Mark = (what: string) => string

/** A Trivy report of one critical vulnerability in this package. */
function scan(mark: Mark, library: string): string {
  const place = { PkgIdentifier: { PURL: `pkg:npm/${library}@1.0.0` }, PkgName: library, InstalledVersion: '1.0.0' }
  const Vulnerabilities = [{ VulnerabilityID: 'CVE-2020-1', Severity: 'CRITICAL', FixedVersion: '9.0.0', Title: mark('title'), ...place }]
  const Results = [{ Target: mark('path'), Class: 'lang-pkgs', Type: 'npm', Vulnerabilities }]
  return JSON.stringify({ SchemaVersion: 2, ArtifactName: 'app', ArtifactType: 'container_image', Metadata: {}, Results })
}

/** What two repositories' scanners may well report alike. */
export const SAME_REPORT = JSON.stringify({
  ...{ SchemaVersion: 2, ArtifactName: 'app', ArtifactType: 'container_image', Metadata: {} },
  Results: [{ Target: 'app', Class: 'lang-pkgs', Type: 'npm' }],
})

export function sonarqubePath(repository: string, name: string): string {
  return `/integrations/sonarqube?${new URLSearchParams({ repository, name }).toString()}`
}

/** A delivery of SonarQube with its signature. */
export function gate(mark: Mark): [body: string, headers: Record<string, string>] {
  const body = JSON.stringify({
    ...{ serverUrl: 'https://sonar.example.com', taskId: mark('task'), status: 'SUCCESS', analysedAt: '2026-11-20T10:00:00+0000' },
    ...{ revision: SHA, project: { key: mark('key') }, qualityGate: { name: mark('name'), status: 'OK', conditions: [] } },
  })
  return [body, { 'x-sonar-webhook-hmac-sha256': createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex') }]
}
