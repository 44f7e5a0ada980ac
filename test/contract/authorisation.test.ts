import { equal, match, ok } from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { SCOPES, type Scope } from '../../src/core/principal.ts'
import { formatInstant } from '../../src/core/time.ts'
import { readContract, type Operation } from '../../src/http/contract/document.ts'
import type { Client, Reply } from '../support/client.ts'
import { startService, type RunningService } from '../support/service.ts'
import { SAMPLES } from './support/requests.ts'
import { ResponseChecker } from './support/responses.ts'

const operations = readContract().operations
const checker = new ResponseChecker()
const HOUR_MS = 3_600_000

/** What a confined token may not see or change, since it is about everything. */
const CONCERNS_EVERYBODY = new Set<string>([
  'getMetrics',
  'putBinding',
  'deleteBinding',
  'putProject',
  'deleteProject',
  'putTeam',
  'deleteTeam',
  'listIssuers',
  'getIssuer',
  'putIssuer',
  'deleteIssuer',
  'listAuditEntries',
  'getAuditReceipt',
  'listTokens',
  'getToken',
  'createToken',
  'listPrincipals',
  'getPrincipal',
  'putPrincipal',
  'listIdentities',
  'linkIdentity',
  'unlinkIdentity',
  'listChanges',
  'getChange',
  'approveChange',
  'rejectChange',
])

/** The scope that it takes to ask about what is not one's own, where everybody may ask about that. */
const FOR_OTHERS = new Map<string, Scope>([
  ['listTokens', 'tokens:manage'],
  ['getToken', 'tokens:manage'],
  ['createApproval', 'approvals:approve'],
])

/** The whole service with a clock that can be set, and tokens of every kind that must not be let in. */
let service: RunningService
let clock: { at: number; now: () => number }
let expired: Client
let revoked: Client
const lacking = new Map<string, Client>()
let confined: Client

before(async () => {
  clock = { at: Date.now(), now: () => clock.at }
  service = await startService({}, { clock })
  const { admin } = service
  equal((await admin.put('/v1/principals/walker', { kind: 'workload' })).status, 201)
  const issue = async (rights: object): Promise<Client> =>
    admin.as(await admin.issueToken({ principal: 'walker', description: 'walk', ...rights }))
  expired = await issue({ roles: ['admin'], expiresAt: formatInstant(clock.at + HOUR_MS) })
  ok((await expired.get('/v1/bindings')).status === 200, 'it must have been good')
  for (const scope of new Set(operations.map(({ scope: needed }) => needed)))
    if (scope !== undefined && scope !== 'any') lacking.set(scope, await issue({ scopes: SCOPES.filter((each) => each !== scope) }))
  confined = await issue({ scopes: SCOPES, confinement: { repositories: ['github.com/acme/cart'] } })
  const toRevoke = await admin.post('/v1/tokens', { principal: 'walker', description: 'revoked', roles: ['admin'] })
  const { id, token } = toRevoke.json<{ id: string; token: string }>()
  revoked = admin.as(token)
  ok((await revoked.get('/v1/bindings')).status === 200, 'it must have been good')
  equal((await admin.send('DELETE', `/v1/tokens/${id}`)).status, 204)
  clock.at += 2 * HOUR_MS
})
after(() => service[Symbol.asyncDispose]())

describe('The walk over openapi.yaml', () => {
  it('saw the operations', () => ok(operations.filter(({ scope }) => scope !== undefined).length > 25))
})

for (const operation of operations) {
  const { id, scope } = operation
  describe(`${operation.method.toUpperCase()} ${operation.path} (${id})`, () => {
    if (scope === undefined) {
      it('is public', async () => ok(![401, 403].includes((await ask(operation, service.admin.as(undefined))).status)))
      return
    }

    it('refuses a missing, unknown, expired and revoked token', async () => {
      const { admin } = service
      // So many failures of one address would make it wait.
      clock.at += 180_000
      const refused = { missing: admin.as(undefined), unknown: admin.as(`ptc_${'A'.repeat(43)}`), expired, revoked }
      for (const [kind, client] of Object.entries(refused)) {
        const reply = await ask(operation, client)
        equal(reply.status, 401, `${kind}: ${reply.text}`)
        match(reply.headers.get('www-authenticate') ?? '', /^Bearer/)
        checker.check(id, reply)
      }
    })

    const needed = scope === 'any' ? FOR_OTHERS.get(id) : scope
    if (needed !== undefined) {
      it(`refuses a token that may do everything but ${needed}`, async () => {
        const client = lacking.get(needed)
        ok(client)
        const reply = await ask(operation, client)
        equal(reply.status, 403, reply.text)
        equal(reply.json()['code'], 'scope_missing')
        ok(reply.text.includes(needed))
        checker.check(id, reply)
      })
    } else {
      it('takes a token of any scope, confined or not', async () => {
        for (const client of [...lacking.values(), confined]) ok((await ask(operation, client)).status < 300)
      })
    }

    if (CONCERNS_EVERYBODY.has(id)) {
      it('refuses a confined token: it concerns everybody', async () => {
        const reply = await ask(operation, confined)
        equal(reply.status, 403, reply.text)
        equal(reply.json()['code'], 'outside_confinement')
        checker.check(id, reply)
      })
    }
  })
}

function ask(operation: Operation, client: Client): Promise<Reply> {
  const { path, body } = SAMPLES[operation.id]
  return client.send(operation.method.toUpperCase(), path, body)
}
