import express, { type ErrorRequestHandler } from 'express'

import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'

import type { Access } from '../../src/core/principal.ts'
import { readContract } from '../../src/http/contract/document.ts'
import { bodyBudgets } from '../../src/http/body-budget.ts'
import { serveOperation } from '../../src/http/operation.ts'
import { problemOf } from '../../src/http/problem.ts'
import { RateLimits } from '../../src/http/rate-limits.ts'
import { json } from '../../src/http/reply.ts'
import type { RequestState } from '../../src/http/request-state.ts'
import { Client, type Reply } from '../support/client.ts'
import { listen, type Listening } from './support/listening.ts'
import { ADMIN, DIGEST, OTHER_ID, stubDependencies, STRANGER, type Stub } from './support/stub-dependencies.ts'

const statuses = (replies: readonly Reply[]): number[] => replies.map(({ status }) => status)
const times = (count: number, ask: () => Promise<Reply>): Promise<Reply[]> => Promise.all(Array.from({ length: count }, ask))
const passed = (replies: readonly Reply[]): number => replies.filter(({ status }) => status !== 429).length

describe('Rate limits', () => {
  it('hold for a principal, whatever address it sends from', async () => {
    await using service = await listen({ ratePerPrincipal: 2, ratePerAddress: 0, trustedProxies: ['127.0.0.1'] })
    let last = 0
    const replies = await times(20, () => service.client.get('/v1/bindings', { 'x-forwarded-for': `192.0.2.${++last}` }))
    equal(passed(replies), 4)
    const refused = replies.find(({ status }) => status === 429)
    equal(refused?.json()['code'], 'rate_limited')
    match(refused?.text ?? '', /this principal/)
    equal((await service.client.as(STRANGER).get('/v1/bindings')).status, 200)
  })

  it('hold for an address, whoever sends from it, before anybody asks whose a token is', async () => {
    await using service = await listen({ ratePerPrincipal: 0, ratePerAddress: 2 })
    const asked = countAuthentications(service)
    deepEqual(statuses(await times(4, () => service.client.as('nonsense').get('/v1/bindings'))), [401, 401, 401, 401])
    equal((await service.client.get('/v1/bindings')).status, 429)
    equal(asked(), 4)
  })

  it('count a /64 as one address, and believe no header of anybody but a trusted proxy', async () => {
    await using service = await listen({ ratePerPrincipal: 0, ratePerAddress: 2, trustedProxies: ['127.0.0.1'] })
    let last = 0
    const from = (address: string): Promise<Reply> => service.client.get('/v1/bindings', { 'x-forwarded-for': address })
    equal(passed(await times(20, () => from(`2001:db8::${(++last).toString(16)}`))), 4)
    equal((await from('2001:db8:0:1::1')).status, 200)
    equal(passed(await times(20, () => from(`nonsense ${++last}`))), 4)
    await using untrusting = await listen({ ratePerPrincipal: 0, ratePerAddress: 2 })
    equal(passed(await times(20, () => untrusting.client.get('/v1/bindings', { 'x-forwarded-for': `192.0.2.${++last % 200}` }))), 4)
  })

  it('hold for what does not exist, too', async () => {
    await using service = await listen({ ratePerAddress: 2 })
    deepEqual(statuses(await times(4, () => service.client.get('/nothing'))), [404, 404, 404, 404])
    equal((await service.client.get('/nothing')).status, 429)
    equal((await service.client.send('OPTIONS', '/v1/bindings')).status, 429)
    equal((await service.client.send('PATCH', '/v1/bindings')).status, 429)
  })

  it('never hold for health checks', async () => {
    await using service = await listen({ ratePerAddress: 1, ratePerPrincipal: 1 })
    for (const path of ['/healthz', '/readyz']) equal(passed(await times(50, () => service.client.get(path))), 50, path)
    equal(passed(await times(2, () => service.client.get('/v1/bindings'))), 2, 'and what they ask is not counted')
  })

  it('are none where they are set to 0', async () => {
    await using service = await listen({ ratePerAddress: 0, ratePerPrincipal: 0 })
    equal(passed(await times(200, () => service.client.get('/v1/policies'))), 200)
  })

  it('are not met by one busy principal at 64 connections with the defaults', async () => {
    await using service = await listen()
    for (let round = 0; round < 10; round++)
      equal(passed(await times(64, () => service.client.post('/v1/decisions', { subject: DIGEST, stage: 'test' }))), 64)
  })

  it('are counted, and the log line tells the code', async () => {
    await using service = await listen({ ratePerAddress: 1, ratePerPrincipal: 0 })
    await times(5, () => service.client.get('/v1/bindings'))
    match(await service.dependencies.registry.metrics(), /portcullis_rate_limited_total\{kind="address"\} 3/)
    await service.server.close(1000)
    equal(service.log.lines().filter(({ code }) => code === 'rate_limited').length, 3)
  })

  it('are noted for the audit log, with the principal where it is known, and so is whatever somebody may not do', async () => {
    await using service = await listen({ ratePerAddress: 0, ratePerPrincipal: 1 })
    await times(3, () => service.client.get('/v1/bindings'))
    await service.client.as('scope:none').get('/v1/policies')
    await service.client.as('nonsense').get('/v1/policies')
    const noted = { operation: 'listBindings', address: '127.0.0.1', principalId: OTHER_ID }
    deepEqual(service.seen.refusals, [
      { ...noted, code: 'rate_limited' },
      { ...noted, operation: 'listPolicies', code: 'rate_limited' },
    ])
    await using unlimited = await listen({ ratePerAddress: 1, ratePerPrincipal: 0 })
    await unlimited.client.as('scope:none').get('/v1/policies')
    await times(2, () => unlimited.client.as('nonsense').get('/v1/policies'))
    deepEqual(unlimited.seen.refusals, [
      { ...noted, operation: 'listPolicies', code: 'scope_missing' },
      { ...noted, operation: 'listPolicies', code: 'rate_limited', principalId: undefined },
    ])
  })
})

describe('The contract', () => {
  const { operations } = readContract()

  it('exempts health checks from rate limits, and whatever a cluster waits for', () => {
    const exempt = operations.filter(({ rateLimited }) => !rateLimited)
    ok(exempt.every(({ id, scope }) => scope === 'admission:review' || id === 'getHealth' || id === 'getReadiness'))
    ok(operations.every(({ scope, rateLimited }) => scope !== 'admission:review' || !rateLimited))
    equal(exempt.length >= 2, true)
  })

  it('has no parameter that is named like a secret', () => {
    for (const { id, parameters } of operations)
      for (const { name, in: place } of parameters) if (place === 'query') doesNotMatch(name, /token|secret|key|password/i, id)
  })
})

describe('An operation without a limit', () => {
  it('answers whom it lets in however often they ask, and counts only the others', async () => {
    const stub = stubDependencies({ ratePerAddress: 2, ratePerPrincipal: 2 })
    await using service = await serveUnlimited(stub)
    deepEqual(statuses(await times(50, () => service.client.get('/'))), Array<number>(50).fill(200))
    const strangers = await times(50, () => service.client.as('nonsense').get('/'))
    equal(strangers.filter(({ status }) => status === 401).length, 4)
    equal(passed(strangers), 4)
    deepEqual(statuses(await times(50, () => service.client.get('/'))), Array<number>(50).fill(200))
  })
})

/** One operation of the contract as if it had no limit, under the path `/`. */
async function serveUnlimited({ dependencies }: Stub): Promise<AsyncDisposable & { client: Client }> {
  const operation = readContract().operations.find(({ id }) => id === 'listPolicies')
  ok(operation)
  const parts = {
    ...dependencies,
    budgets: bodyBudgets(dependencies.settings),
    limits: new RateLimits(dependencies.settings, dependencies.metrics),
    certificates: { of: (): undefined => undefined },
  }
  const anything = { query: (): void => undefined, path: (): void => undefined, body: (): void => undefined }
  const app = express()
  app.use((request, response, next) => {
    response.locals = { requestId: 'r', address: request.ip, access: undefined, tokenSent: false } as Partial<RequestState>
    next()
  })
  app.get(
    '/',
    serveOperation({ ...operation, rateLimited: false }, anything, () => json(200, {}), parts),
  )
  app.use(((error, _request, response, _next) => {
    response.status(problemOf(error, '/', 'r').status).json({})
  }) satisfies ErrorRequestHandler)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    client: new Client(`http://127.0.0.1:${port}`, ADMIN),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}

/** How often the stub domain was asked who somebody is. */
function countAuthentications({ dependencies }: Listening): () => number {
  const { authenticator } = dependencies
  const { authenticate } = authenticator
  let count = 0
  authenticator.authenticate = (bearer, address): Promise<Access> => {
    count += 1
    return authenticate(bearer, address)
  }
  return () => count
}
