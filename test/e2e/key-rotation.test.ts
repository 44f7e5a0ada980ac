import { deepEqual, equal, ok } from 'node:assert/strict'
import { it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

import { startOpenIdProvider } from '../support/openid/provider.ts'
import { startService } from '../support/service.ts'

const AUDIENCE = 'https://gate.example.com'
const CLIENT = 'cart-pipeline'

it('Jobs of a real OpenID provider are known while its keys change, and those of a key that is gone are not', async () => {
  await using provider = await startOpenIdProvider({ workloads: { [CLIENT]: { repository: 'acme/cart' } } })
  await using service = await startService()
  const { admin } = service
  equal((await admin.put('/v1/principals/ci', { kind: 'workload' })).status, 201)
  const rules = [{ name: 'cart', claims: { repository: 'acme/cart' }, principal: 'ci', roles: ['pipeline'], confinement: {} }]
  const issuer = { kind: 'openid', issuer: provider.issuer, audiences: [AUDIENCE], rules }
  equal((await admin.put('/v1/issuers/provider', issuer)).status, 201)

  const fresh = (): Promise<string> => provider.workloadToken(CLIENT, AUDIENCE)
  const outcomes = new Map<string, number>()
  const stop = new AbortController()
  const job = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const reply = await admin.as(await fresh()).get('/v1/whoami')
      const outcome = `${reply.status} ${reply.status === 200 ? '' : String(reply.json()['code'])}`.trim()
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      await pause(20)
    }
  }
  const first = await fresh()
  equal((await admin.as(first).get('/v1/whoami')).status, 200)
  const load = Array.from({ length: 6 }, job)
  await pause(500)
  const early = await fresh()
  // The service looked at the keys a moment ago: tokens of the next one wait until it may look again.
  await provider.rotate()
  await pause(6500)
  await provider.retire()
  await provider.rotate()
  await pause(6500)
  stop.abort()
  await Promise.all(load)
  deepEqual([...outcomes.keys()], ['200'])
  ok((outcomes.get('200') ?? 0) > 50, String(outcomes.get('200')))

  // One that was verified before, and one that is new.
  for (const reply of await Promise.all([first, early].map((token) => admin.as(token).get('/v1/whoami')))) {
    deepEqual([reply.status, reply.json()['code']], [401, 'jwt_key_unknown'])
  }
})
