import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { formatInstant } from '../../src/core/time.ts'
import type { Client, Reply } from '../support/client.ts'
import { startService, type RunningService } from '../support/service.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

interface Issued {
  id: string
  token: string
  familyId: string
  state: string
  expiresAt: string | null
  supersededBy: string | null
  overlapUntil: string | null
  lastUsedAt: string | null
  revokedAt: string | null
}

describe('A token that is replaced', () => {
  const clock = { at: Date.parse('2026-11-02T09:00:00Z'), now: () => clock.at }
  let service: RunningService
  let admin: Client

  before(async () => {
    service = await startService({}, { clock })
    admin = service.admin
    assert.equal((await admin.put('/v1/principals/cart', { kind: 'workload' })).status, 201)
  })
  after(() => service[Symbol.asyncDispose]())

  async function issue(rights: object = {}, by = admin): Promise<Issued> {
    const reply = await by.post('/v1/tokens', { principal: 'cart', description: 'CI', roles: ['pipeline'], ...rights })
    assert.equal(reply.status, 201, reply.text)
    return reply.json()
  }

  async function rotate(by: Client, id: string, body?: object, headers: Record<string, string> = {}): Promise<Issued> {
    const reply = await rotateReply(by, id, body, headers)
    assert.ok(reply.status === 201 || reply.status === 200, reply.text)
    return reply.json()
  }

  function rotateReply(by: Client, id: string, body?: object, headers: Record<string, string> = {}): Promise<Reply> {
    const path = `/v1/tokens/${id}/rotate`
    return body ? by.post(path, body, headers) : by.send('POST', path, undefined, headers)
  }

  const statusOf = async (token: string): Promise<number> => (await admin.as(token).get('/v1/decisions')).status
  const recordOf = async ({ id }: Issued): Promise<Issued> => (await admin.get(`/v1/tokens/${id}`)).json()

  it('works beside its successor for an hour, to the millisecond, and its record says until when and which', async () => {
    const old = await issue()
    const next = await rotate(admin, old.id)
    assert.equal(next.expiresAt, old.expiresAt)
    assert.deepEqual([await statusOf(old.token), await statusOf(next.token)], [200, 200])
    const record = await recordOf(old)
    assert.deepEqual([record.supersededBy, record.overlapUntil, record.state], [next.id, formatInstant(clock.at + HOUR), 'superseded'])
    clock.at += HOUR - 1
    assert.equal(await statusOf(old.token), 200)
    clock.at += 1
    const refused = await admin.as(old.token).get('/v1/decisions')
    assert.equal(refused.status, 401)
    assert.match(refused.text, /replaced/)
    assert.equal(await statusOf(next.token), 200)
  })

  it('is refused at once where it has leaked', async () => {
    const old = await issue()
    const next = await rotate(admin, old.id, { overlap: 'PT0S' })
    assert.deepEqual([await statusOf(old.token), await statusOf(next.token)], [401, 200])
  })

  it('is replaced by the pipeline itself, without any scope, and shown again when the reply was lost', async () => {
    const old = await issue({ roles: [], scopes: ['evidence:submit'] })
    const pipeline = admin.as(old.token)
    const key = { 'idempotency-key': 'renew-4711' }
    const next = await rotate(pipeline, 'self', { overlap: 'P1D' }, key)
    const again = await rotate(pipeline, 'self', { overlap: 'P1D' }, key)
    assert.deepEqual([again.id, again.token], [next.id, next.token])
    assert.equal((await rotateReply(pipeline, 'self', { overlap: 'P1D' })).status, 409)
    const other = await issue({ roles: [], scopes: ['evidence:submit'] })
    assert.notEqual((await rotate(admin.as(other.token), 'self', { overlap: 'P1D' }, key)).token, next.token)
    assert.equal((await rotateReply(pipeline, other.id)).status, 403)
  })

  it('is said to end on every reply within its last week, refusals included', async () => {
    const end = formatInstant(clock.at + 10 * DAY)
    const old = await issue({ expiresAt: end })
    const expires = async (token: string, path = '/v1/decisions'): Promise<string | null> =>
      (await admin.as(token).get(path)).headers.get('portcullis-token-expires')
    assert.equal(await expires(old.token), null)
    clock.at += 3 * DAY - 1
    assert.equal(await expires(old.token), null)
    clock.at += 1
    assert.equal(await expires(old.token), end)
    assert.equal(await expires(old.token, '/v1/bindings?surprise=1'), end)
    assert.equal(await expires(old.token, '/v1/principals'), end)
    await rotate(admin, old.id, { overlap: 'PT2H' })
    assert.equal(await expires(old.token), formatInstant(clock.at + 2 * HOUR))
    assert.equal((await admin.get('/v1/decisions')).headers.get('portcullis-token-expires'), null)
  })

  it('falls with its family, and on request with what was issued with it', async () => {
    const root = await issue({ principal: 'admin', roles: ['admin'] })
    const next = await rotate(admin, root.id, { overlap: 'P7D' })
    const child = await issue({}, admin.as(next.token))
    const ownChild = await issue({}, admin.as(root.token))
    assert.equal((await admin.send('DELETE', `/v1/tokens/${root.id}`)).status, 204)
    assert.deepEqual([await statusOf(root.token), await statusOf(next.token), await statusOf(child.token)], [401, 401, 200])
    assert.equal((await admin.send('DELETE', `/v1/tokens/${root.id}?issued=true`)).status, 204)
    assert.deepEqual([await statusOf(child.token), await statusOf(ownChild.token)], [401, 401])
  })

  it('is found by what it is: about to end, unused, of a family', async () => {
    const ids = async (query: string): Promise<string[]> => {
      const reply = await admin.get(`/v1/tokens?limit=200&${query}`)
      assert.equal(reply.status, 200, reply.text)
      return reply.json<{ items: Issued[] }>().items.map(({ id }) => id)
    }
    const soon = await issue({ expiresAt: formatInstant(clock.at + 36 * HOUR) })
    const next = await rotate(admin, soon.id)
    const later = await issue({ expiresAt: formatInstant(clock.at + 30 * DAY) })
    const inTwoDays = encodeURIComponent(formatInstant(clock.at + 2 * DAY))
    const ending = await ids(`state=active&expiresBefore=${inTwoDays}`)
    assert.ok(ending.includes(next.id) && !ending.includes(soon.id) && !ending.includes(later.id))
    assert.deepEqual(await ids(`family=${soon.familyId}`), [next.id, soon.id])
    assert.ok((await ids(`unusedSince=${inTwoDays}&kind=token&principal=cart`)).includes(later.id))
    assert.equal((await admin.get('/v1/tokens?expiresBefore=tomorrow')).status, 400)
  })

  it('is counted by the metrics once a minute', async () => {
    const value = async (line: string): Promise<number> => {
      const { text } = await admin.get('/metrics')
      const found = text.split('\n').find((each) => each.startsWith(`${line} `))
      assert.ok(found, `${line} is not in ${text.slice(0, 200)}`)
      return Number(found.split(' ')[1])
    }
    const earlier = [await value('portcullis_tokens_active'), await value('portcullis_tokens_expiring{within="1d"}')]
    await issue({ expiresAt: formatInstant(clock.at + HOUR) })
    assert.equal(await value('portcullis_tokens_active'), earlier[0])
    clock.at += MINUTE
    assert.deepEqual(
      [await value('portcullis_tokens_active'), await value('portcullis_tokens_expiring{within="1d"}')],
      [(earlier[0] ?? 0) + 1, (earlier[1] ?? 0) + 1],
    )
    assert.equal(await value('portcullis_tokens_unused{for="30d"}'), 0)
    clock.at += 31 * DAY
    assert.ok((await value('portcullis_tokens_unused{for="30d"}')) > 0)
  })

  it('leaves no trace of any text in the log', async () => {
    const old = await issue()
    const next = await rotate(admin, old.id)
    await admin.send('DELETE', `/v1/tokens/${next.id}`)
    const { text } = await admin.get('/v1/audit/entries?limit=200')
    assert.ok(text.includes('token.superseded') && text.includes(next.id))
    for (const { token } of [old, next]) assert.ok(!text.includes(token.slice(4)))
  })
})
