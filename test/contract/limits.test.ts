import { equal, match, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import { readContract, resolve, type Operation, type OperationId } from '../../src/http/contract/document.ts'
import type { Reply } from '../support/client.ts'
import { freshDigest } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'

/** A JSON Schema of the contract, as far as this test reads it. */
interface Node {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  format?: string
  pattern?: string
  maxLength?: number
  properties?: Record<string, Node>
  additionalProperties?: boolean | Node
  items?: Node
  oneOf?: Node[]
}

/** A text that the contract bounds, and where it stands: `context.labels.*`, `stage`, `groups.0`. */
interface Limit {
  path: string[]
  most: number
}

const { document, operations } = readContract()
const ID_PATTERN = (document.components.schemas['Id'] as Node).pattern
const NOBODY = '019a7c1e-0000-7000-8000-000000000000'

/** Every text of a schema. A text without a bound fails the test, unless its values are listed or it is a time. */
function limitsOf(schema: Node, path: string[] = []): Limit[] {
  const node = resolve<Node>(document, schema)
  const parts = Object.entries(node.properties ?? {}).flatMap(([name, part]) => limitsOf(part, [...path, name]))
  const named = typeof node.additionalProperties === 'object' ? limitsOf(node.additionalProperties, [...path, 'any']) : []
  const items = node.items ? limitsOf(node.items, [...path, '0']) : []
  const choices = (node.oneOf ?? []).flatMap((choice) => limitsOf(choice, path))
  // A digest has one length, and has to be of something that is there.
  const isDigest = node.pattern?.endsWith('sha256:[0-9a-f]{64})$') === true
  const own = node.type === 'string' && !node.enum && node.format === undefined && !isDigest ? [{ path, most: boundOf(node, path) }] : []
  return [...own, ...parts, ...named, ...items, ...choices]
}

function boundOf({ maxLength, pattern }: Node, path: string[]): number {
  if (pattern === ID_PATTERN) return NOBODY.length
  const counted = pattern === undefined ? undefined : /^\^(\[[^\]]+\])(\[[^\]]+\])\{0,(\d+)\}\$$/.exec(pattern)
  const most = counted ? Number(counted[3]) + 1 : maxLength
  ok(most !== undefined, `${path.join('.')} has no bound`)
  return most
}

/** A text of that length that fits everywhere but where something else is wanted. */
function textOf(id: OperationId, path: string[], length: number): string {
  const last = path.filter((part) => !/^\d$/.test(part)).at(-1) ?? ''
  const fill = (start: string, end = ''): string => start + 'a'.repeat(length - start.length - end.length) + end
  if (id === 'putBinding' && (last === 'repository' || last === 'source')) return fill('acme/')
  if (last === 'subject' || last === 'source') return fill('git+https://h/', `@${'b'.repeat(40)}`)
  if (id === 'requestWaiver' && last === 'rule') return `${'a'.repeat(63)}.${'b'.repeat(length - 64)}`
  if (last === 'purl') return fill('pkg:npm/')
  if (id === 'requestWaiver' && last === 'repository') return fill('acme/')
  if (last === 'decisionId' || last === 'family') return NOBODY.padEnd(length, '0')
  if (id === 'receiveSonarqube' && last === 'repository') return fill('git.example.com/')
  if (last === 'validFor') return `P${'0'.repeat(length - 3)}1D`
  if (last === 'overlap' || last === 'maxDuration') return `PT${'0'.repeat(length - 4)}1H`
  if (id === 'putBinding' && (last === 'stage' || last === 'environment')) return fill('!')
  if (last === 'repositories' || last === 'speaksFor') return fill('acme/')
  if (last === 'clockSkew' || last === 'maxLifetime' || last === 'sessionLifetime') return `PT${'0'.repeat(length - 6)}300S`
  if (id === 'logIn' && last === 'returnTo') return fill('/')
  if ((last === 'issuer' && id === 'putIssuer') || last === 'jwksUri' || last === 'jwksOrigins' || last === 'endpointOrigins')
    return fill('https://')
  if (id === 'putIssuer' && last === 'host') return fill('', '.example')
  if (last === 'patterns' || path.at(-2) === 'patterns') return fill('', '*')
  if (last === 'namespaces') return `${'a'.repeat(length - 64)}/${'b'.repeat(63)}`
  return fill('a')
}

function withText(body: object, path: readonly string[], text: string): object {
  const [head = '', ...rest] = path
  const inner = (body as Record<string, unknown>)[head]
  return { ...body, [head]: /^\d$/.test(rest[0] ?? '') ? [withinText(first(inner), rest.slice(1), text)] : withinText(inner, rest, text) }
}

function withinText(inner: unknown, rest: readonly string[], text: string): unknown {
  return rest.length === 0 ? text : withText(inner ?? {}, rest, text)
}

function first(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined
}

/** The least that each operation with a JSON body takes. */
const BODIES: Partial<Record<OperationId, { path: string; body: (path: string[]) => object }>> = {
  createDecision: {
    path: '/v1/decisions',
    body: ([part]) => ({
      subject: freshDigest(),
      stage: 'build',
      ...(part === 'breakGlass' && { breakGlass: { reason: 'x', incident: 'x' } }),
    }),
  },
  createApproval: { path: '/v1/approvals', body: () => ({ subject: freshDigest(), stage: 'build', action: 'request' }) },
  answerApproval: { path: `/v1/approvals/${NOBODY}/approve`, body: () => ({}) },
  revokeApproval: { path: `/v1/approvals/${NOBODY}/revoke`, body: () => ({ reason: 'x' }) },
  createDeployment: { path: '/v1/deployments', body: started },
  finishDeployment: {
    get path() {
      return `/v1/deployments/${deploymentId}/finish`
    },
    body: () => ({ outcome: 'failed' }),
  },
  putBinding: { path: '/v1/bindings/limits', body: () => ({ pack: 'tests' }) },
  createBlock: { path: '/v1/blocks', body: () => ({ subject: freshDigest(), reason: 'x' }) },
  putProject: { path: '/v1/projects/limits', body: () => ({ repositories: ['acme/limits'], owners: ['limits'] }) },
  putTeam: { path: '/v1/teams/limits', body: () => ({}) },
  putResources: { path: '/v1/resources/limits', body: () => ({ resources: [office()] }) },
  putWindow: { path: '/v1/windows/limits', body: () => ({ zone: 'UTC', weekdays: ['mon'], from: '09:00', to: '17:00' }) },
  putFreeze: { path: '/v1/freezes/limits', body: () => ({ from: '2030-01-01T00:00:00Z', until: '2030-01-02T00:00:00Z' }) },
  putIssuer: { path: '/v1/issuers/limits', body: issuer },
  createToken: { path: '/v1/tokens', body: () => ({ principal: 'admin', description: 'x', roles: ['pipeline'] }) },
  backtestPolicy: {
    get path() {
      return `/v1/policies/tests/versions/${version}/backtest`
    },
    body: () => ({ from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' }),
  },
  closeDecisionReview: { path: `/v1/decisions/${NOBODY}/review`, body: () => ({ outcome: 'justified', comment: 'x' }) },
  approveChange: { path: `/v1/changes/${NOBODY}/approve`, body: () => ({}) },
  rejectChange: { path: `/v1/changes/${NOBODY}/reject`, body: () => ({ reason: 'x' }) },
  requestWaiver: { path: '/v1/waivers', body: waiver },
  approveWaiver: { path: `/v1/waivers/${NOBODY}/approve`, body: () => ({}) },
  rejectWaiver: { path: `/v1/waivers/${NOBODY}/reject`, body: () => ({ reason: 'x' }) },
  withdrawWaiver: { path: `/v1/waivers/${NOBODY}/withdraw`, body: () => ({ reason: 'x' }) },
  revokeWaiver: { path: `/v1/waivers/${NOBODY}/revoke`, body: () => ({ reason: 'x' }) },
  rotateToken: {
    get path() {
      return `/v1/tokens/${tokenId}/rotate`
    },
    body: () => ({}),
  },
  rotateOwnToken: { path: '/v1/tokens/self/rotate', body: () => ({}) },
  activatePolicyVersion: {
    get path() {
      return `/v1/policies/tests/versions/${version}/activate`
    },
    body: () => ({}),
  },
  putPrincipal: { path: '/v1/principals/limits', body: () => ({ kind: 'workload' }) },
}

/** With a rule and a login, into which the texts of theirs are put. */
function issuer(path: readonly string[]): object {
  const rule = { name: 'limits', claims: { repository_id: '1' }, principal: 'limits', roles: ['pipeline'], confinement: {} }
  const login = { clientId: 'limits', groups: { any: { roles: ['approver'] } } }
  const kinds = { host: { kind: 'github' }, speaksFor: { kind: 'github', host: 'git.example' } }
  const kind = path.includes('speaksFor') ? kinds.speaksFor : path[0] === 'host' ? kinds.host : { kind: 'openid', login }
  return { ...kind, issuer: 'https://limits.example', audiences: ['gate'], rules: [rule] }
}

function office(): object {
  const spec = { zone: 'UTC', weekdays: ['mon'], from: '09:00', to: '17:00' }
  return { apiVersion: 'portcullis/v1', kind: 'Window', name: 'limits', spec }
}

function waiver(): object {
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
  return { scope: { rule: 'tests.max_failed' }, reason: 'x', expiresAt }
}

function started(): object {
  return { subject: freshDigest(), environment: 'qa', startedAt: new Date().toISOString() }
}

/** What has to exist: at its longest it is taken by the contract, and refused for that reason. */
const UNKNOWN: Readonly<Record<string, string>> = {
  pack: 'pack_not_found',
  principal: 'principal_unknown',
  'owners.0': 'team_unknown',
  'rules.0.principal': 'principal_unknown',
  decisionId: 'decision_unknown',
  team: 'selector_malformed',
  'team.0': 'selector_malformed',
  'closeDecisionReview.comment': 'not_found',
  'approveChange.comment': 'not_found',
  'approveWaiver.comment': 'not_found',
  'answerApproval.comment': 'not_found',
  'revokeApproval.reason': 'not_found',
  ...calendarFaults('putWindow', 'window_invalid', []),
  ...calendarFaults('putFreeze', 'freeze_invalid', ['ics', 'except.0.context.any', 'except.0.contextPatterns.any']),
  'putFreeze.query.zone': 'freeze_invalid',
  'backtestPolicy.binding': 'backtest_binding_unknown',
  'rejectChange.reason': 'not_found',
  'rejectWaiver.reason': 'not_found',
  'withdrawWaiver.reason': 'not_found',
  'revokeWaiver.reason': 'not_found',
}

/** Times that fit the contract are read after it: no text of the longest kind is one. */
function calendarFaults(id: OperationId, code: string, more: readonly string[]): Record<string, string> {
  const fields = ['zone', 'from', 'to', 'dtstart', 'duration', 'rrule', 'rdate.0', 'exdate.0', ...more]
  return Object.fromEntries(fields.map((field) => [`${id}.${field}`, code]))
}

const ICS = ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'UID:1', 'DTSTART:20300101T000000Z', 'DURATION:PT1H', 'END:VEVENT', 'END:VCALENDAR'].join(
  '\r\n',
)

const REPORT = JSON.stringify({ SchemaVersion: 2, ArtifactName: 'cart', Results: [{ Target: 'x', Class: 'os-pkgs', Type: 'debian' }] })

const WEBHOOK_SECRET = 'a secret for limits'
const WEBHOOK = JSON.stringify({
  ...{ serverUrl: 'https://sonar.example.com', taskId: 'task', status: 'SUCCESS', analysedAt: '2026-11-20T10:00:00+0000' },
  ...{ revision: 'c'.repeat(40), project: { key: 'app' }, qualityGate: { status: 'OK', conditions: [] } },
})

/** What operations without a JSON body take. */
const REPORTS: Partial<Record<OperationId, { query: () => Record<string, string>; body: string; headers?: Record<string, string> }>> = {
  submitEvidence: { query: () => ({ subject: freshDigest() }), body: REPORT },
  putFreeze: { query: () => ({}), body: ICS, headers: { 'content-type': 'text/calendar' } },
  receiveSonarqube: {
    query: () => ({ repository: 'git.example.com/acme/app' }),
    body: WEBHOOK,
    headers: { 'x-sonar-webhook-hmac-sha256': createHmac('sha256', WEBHOOK_SECRET).update(WEBHOOK).digest('hex') },
  },
}

/** What lists can't do without. */
const NEEDED: Partial<Record<OperationId, Record<string, string>>> = {
  getEffectivePolicy: { subject: `sha256:${'a'.repeat(64)}`, stage: 'build' },
  getNextOpening: { environment: 'qa' },
}

let service: RunningService
let deploymentId: string
let tokenId: string
let version: string
before(async () => {
  service = await startService({ PORTCULLIS_SONARQUBE_WEBHOOK_SECRET: WEBHOOK_SECRET })
  equal((await service.admin.put('/v1/teams/limits', {})).status, 201)
  equal((await service.admin.put('/v1/principals/limits', { kind: 'workload' })).status, 201)
  deploymentId = (await service.admin.post('/v1/deployments', started())).json<{ id: string }>().id
  // Replacing the asker's own token lets that one end in an hour, and it can issue nothing beyond.
  const expiresAt = new Date(Date.now() + 1_800_000).toISOString()
  const token = { principal: 'admin', description: 'to be replaced', roles: ['pipeline'], expiresAt }
  version = (await service.admin.get('/v1/policies/tests')).json<{ latest: string }>().latest
  tokenId = (await service.admin.post('/v1/tokens', token)).json<{ id: string }>().id
})
after(() => service[Symbol.asyncDispose]())

describe('Every text of a body', () => {
  for (const operation of operations.filter(({ body }) => body?.kind === 'json')) {
    const schema = operation.body?.media.schema as Node
    for (const { path, most } of limitsOf(schema)) {
      it(`of ${operation.id} is taken up to its limit and refused beyond: ${path.join('.')} (${most})`, async () => {
        const longest = await send(operation, path, most)
        const expected = UNKNOWN[`${operation.id}.${path.join('.')}`] ?? UNKNOWN[path.join('.')]
        if (expected === undefined) ok(longest.status < 300, longest.text)
        else equal(longest.json()['code'], expected)
        const { status, text, json } = await send(operation, path, most + 1)
        ok(status === 422 || status === 400, text)
        match(String(json()['field']), new RegExp(`^body\\.${path[0]}(\\.|$)`))
      })
    }
  }

  it('is walked: bodies, lists and choices of both', () => ok(operations.flatMap(limitsOfBody).length > 25))
})

function limitsOfBody({ body }: Operation): Limit[] {
  return body?.kind === 'json' ? limitsOf(body.media.schema as Node) : []
}

async function send({ id, method }: Operation, path: string[], length: number): Promise<Reply> {
  const sample = BODIES[id]
  ok(sample, `${id} needs a sample`)
  const body = withText(sample.body(path), path, textOf(id, path, length))
  return service.admin.send(method.toUpperCase(), sample.path, JSON.stringify(body), { 'content-type': 'application/json' })
}

describe('Every text of a query', () => {
  for (const operation of operations) {
    for (const parameter of operation.parameters.filter((each) => each.in === 'query' && each.name !== 'cursor')) {
      for (const { most } of limitsOf(parameter.schema as Node)) {
        it(`of ${operation.id} is taken up to its limit and refused beyond: ${parameter.name} (${most})`, async () => {
          const longest = await ask(operation, parameter.name, most)
          const refused = UNKNOWN[`${operation.id}.query.${parameter.name}`]
          if (parameter.name === 'format' && operation.method === 'post') equal(longest.json()['code'], 'report_format_unknown')
          else if (parameter.name === 'project' || parameter.name === 'team') equal(longest.json()['code'], `${parameter.name}_unknown`)
          else if (operation.tag === 'Login' || operation.path.includes('{id}'))
            ok(!longest.text.includes('invalid_parameter'), longest.text)
          else if (refused !== undefined) equal(longest.json()['code'], refused)
          else ok(longest.status < 300, longest.text)
          const { status, json } = await ask(operation, parameter.name, most + 1)
          equal(status, 400)
          equal(json()['field'], `query.${parameter.name}`)
        })
      }
    }
  }
})

async function ask({ id, method, path }: Operation, name: string, length: number): Promise<Reply> {
  const { query, body, headers } = REPORTS[id] ?? { query: () => NEEDED[id] ?? {}, body: undefined }
  const text = new URLSearchParams({ ...query(), [name]: textOf(id, [name], length) }).toString()
  return service.admin.send(
    method.toUpperCase(),
    `${path.replace('{issuer}', 'okta').replace('{name}', 'tests').replace('{id}', NOBODY)}?${text}`,
    body,
    headers,
  )
}

describe('A name in a path', () => {
  for (const [path, longest, body] of [
    ['/v1/bindings', 63, { pack: 'tests' }],
    ['/v1/principals', 128, { kind: 'workload' }],
    ['/v1/teams', 63, {}],
    ['/v1/issuers', 63, { kind: 'openid', issuer: 'https://named.example', audiences: ['gate'] }],
    ['/v1/projects', 63, { repositories: ['acme/named'], owners: ['limits'] }],
  ] as const) {
    it(`below ${path} has at most ${longest} characters`, async () => {
      equal((await service.admin.put(`${path}/${'n'.repeat(longest)}`, body)).status, 201)
      const { status, json } = await service.admin.put(`${path}/${'n'.repeat(longest + 1)}`, body)
      equal(status, 400)
      equal(json()['field'], 'path.name')
    })
  }

  it('of a principal is in one letter case', async () => {
    const { status, json } = await service.admin.put('/v1/principals/Ann', { kind: 'human' })
    equal(status, 400)
    equal(json()['field'], 'path.name')
  })
})

describe('A time', () => {
  it('that the contract takes is one that the service can read, and the other way round', async () => {
    const answers = new Map<string, number>()
    const times = [
      ...['2026-11-21T09:30:00Z', '2026-11-21t09:30:00.123456789+05:30', '2028-02-29T00:00:00Z', '2026-11-21T23:59:59-00:00'],
      ...[
        '2016-12-31T23:59:60Z',
        '2026-02-30T00:00:00Z',
        '2026-11-21T24:00:00Z',
        '2026-11-21T09:30:00',
        '2026-11-21T09:30Z',
        '2026-13-01T00:00:00Z',
      ],
    ]
    for (const at of times) {
      const { status, json } = await service.admin.post('/v1/decisions', { subject: freshDigest(), stage: 'build', dryRun: true, at })
      answers.set(at, status)
      if (status !== 200) equal(json()['code'], 'invalid_body', at)
      const listed = await service.admin.get(`/v1/decisions?from=${encodeURIComponent(at)}`)
      equal(listed.status, status === 200 ? 200 : 400, at)
    }
    equal([...answers.values()].join(' '), '200 200 200 200 422 422 422 422 422 422')
  })
})
