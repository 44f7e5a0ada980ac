import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import { pino } from 'pino'

import { SCOPES } from '../../src/core/principal.ts'
import { readContract, type Operation } from '../../src/http/contract/document.ts'
import type { Client } from '../support/client.ts'
import { startService, type RunningService } from '../support/service.ts'
import { SAMPLES } from './support/requests.ts'

/** Stands in every secret that is planted; whoever finds it in a log has found one. */
const CANARY = randomBytes(6).toString('hex')
const OURS = `ptc_${CANARY}${'a'.repeat(37)}`
const encoded = (text: string): string => Buffer.from(text).toString('base64url')
const FORGED_JWT = `${encoded('{"alg":"RS256","kid":"1"}')}.${encoded(`{"iss":"https://idp.example.com","sub":"${CANARY}"}`)}.${encoded(CANARY)}`
/** How a canary looks in what is not decoded. */
const TRACES = [
  CANARY,
  encoded(CANARY),
  encoded(`"${CANARY}"`).slice(2, -2),
  encoded(`{"iss":"https://idp.example.com","sub":"${CANARY}"}`),
]

const operations = readContract().operations
let service: RunningService
let lines: string[]
let powerless: Client

before(async () => {
  lines = []
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
  service = await startService({ PORTCULLIS_RATE_PER_ADDRESS: '0', PORTCULLIS_SONARQUBE_WEBHOOK_SECRET: `${CANARY}-webhook` }, { logger })
  await service.admin.put('/v1/principals/walker', { kind: 'workload' })
  powerless = service.admin.as(await service.admin.issueToken({ principal: 'walker', description: 'x', scopes: ['metrics:read'] }))
})
after(() => service[Symbol.asyncDispose]())

/** Credentials that somebody might send. */
const AUTHORIZATIONS: Readonly<Record<string, string>> = {
  'a token of ours': `Bearer ${OURS}`,
  'a token of another form': `Bearer ${CANARY}-a-token-that-somebody-made-up`,
  'a forged JWT': `Bearer ${FORGED_JWT}`,
  'a password of Basic authentication': `Basic ${Buffer.from(`user:${OURS}`).toString('base64')}`,
  'a name and password with odd characters': `Basic ${Buffer.from(`${CANARY}:pä ss ${CANARY}`).toString('base64')}`,
  'another scheme': `Digest username="${CANARY}", response="${CANARY}"`,
  'a token that is too long': `Bearer ${OURS.repeat(20)}`,
}

for (const operation of operations) {
  describe(`${operation.id}, given secrets wherever a caller can put one`, () => {
    it('keeps them out of the log lines and the entries', async () => {
      for (const [what, authorization] of Object.entries(AUTHORIZATIONS)) await send(operation, what, { authorization })
      const admin = { authorization: `Bearer ${service.adminToken}` }
      await send(operation, 'headers', {
        ...admin,
        cookie: `session=${OURS}`,
        'user-agent': CANARY,
        'x-api-key': CANARY,
        referer: `https://x/?${CANARY}`,
      })
      await send(operation, 'a request id that is a token', { ...admin, 'x-request-id': OURS })
      await send(operation, 'a request id that is a JWT', { ...admin, 'x-request-id': FORGED_JWT.slice(0, 128) })
      for (const query of [
        `access_token=${CANARY}`,
        `cursor=${OURS}`,
        `surprise=${CANARY}`,
        `cursor=${FORGED_JWT}`,
        OURS,
        `subject=${CANARY}`,
        `%=${CANARY}`,
      ])
        await send(operation, 'the query', admin, { query })
      for (const body of [JSON.stringify({ secret: CANARY }), `{"broken": "${CANARY}`, CANARY])
        await send(operation, 'the body', admin, { body })
      await send(operation, 'a path', admin, { path: operation.path.replaceAll(/\{\w+\}/g, OURS) })
      await send(operation, 'a path', admin, { path: `/${FORGED_JWT}${operation.path}` })
      deepEqual(found(lines.join('')), [], 'log lines')
    })
  })
}

describe('After all that, the audit log', () => {
  it('holds no secret', async () => {
    for (const [at, operation] of operations.entries()) {
      await powerless.send(operation.method.toUpperCase(), SAMPLES[operation.id].path, SAMPLES[operation.id].body)
      // Only so many refusals are told apart between two entries, and there are more operations.
      if (at % 50 === 0) await service.service.refusals.flush()
    }
    const text = await allEntries()
    deepEqual(found(text), [])
    deepEqual(found(lines.join('')), [])
  })

  it('tells what was refused, by principal, operation and code, and who failed to log in', async () => {
    const text = await allEntries()
    const entries = text.split('\n').map((line) => JSON.parse(line) as { type: string; body: Record<string, unknown> })
    const refused = entries.filter(({ type }) => type === 'access.refused').map(({ body }) => body)
    const scoped = operations.filter(({ scope }) => scope !== undefined && scope !== 'metrics:read' && scope !== 'any')
    equal(refused.filter(({ code }) => code === 'scope_missing').length >= scoped.length, true)
    for (const { id } of scoped)
      ok(
        refused.some(({ operation, code }) => operation === id && code === 'scope_missing'),
        id,
      )
    const reasons = new Set(entries.filter(({ type }) => type === 'login.refused').map(({ body }) => body['reason']))
    for (const reason of ['token_damaged', 'token_unknown', 'too_many_failed_logins']) ok(reasons.has(reason), [...reasons].join())
  })

  it('was looked through with eyes that see', async () => {
    ok(SCOPES.length > 0 && found(`x${CANARY}x`).length === 1)
    for (const trace of TRACES) ok(found(trace).length > 0, trace)
    ok((await allEntries()).includes('login.refused'))
    ok(lines.some((line) => line.includes('[token]')))
  })
})

interface Planted {
  query?: string
  body?: string
  path?: string
}

async function send(operation: Operation, what: string, headers: Record<string, string>, planted: Planted = {}): Promise<void> {
  const sample = SAMPLES[operation.id]
  const base = planted.path ?? sample.path
  const path = planted.query === undefined ? base : `${base}${base.includes('?') ? '&' : '?'}${planted.query}`
  const body = operation.body ? (planted.body ?? sample.body) : undefined
  const type = { 'content-type': 'application/json' }
  const reply = await service.admin.as(undefined).send(operation.method.toUpperCase(), path, body, { ...type, ...headers })
  ok(reply.status < 500, `${what}: ${reply.status} ${reply.text}`)
}

/** Every entry with what lies beside it, one a line. What is counted for a while is written when the service flushes. */
async function allEntries(): Promise<string> {
  await service.service.refusals.flush()
  const items: string[] = []
  let path: string | undefined = '/v1/audit/entries?limit=200'
  while (path !== undefined) {
    const page: { items: unknown[]; next: string | null } = (await service.admin.get(path)).json()
    items.push(...page.items.map((item) => JSON.stringify(item)))
    path = page.next === null ? undefined : `/v1/audit/entries?limit=200&cursor=${page.next}`
  }
  return items.join('\n')
}

function found(text: string): string[] {
  return TRACES.filter((trace) => text.includes(trace)).map((trace) => {
    const at = text.indexOf(trace)
    return text.slice(Math.max(0, at - 200), at + 100)
  })
}
