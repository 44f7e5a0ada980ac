import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import type { RequestedWaiver } from '../../src/governance/waivers/waivers.ts'
import type { Client, Reply } from '../support/client.ts'
import { startService, type RunningService } from '../support/service.ts'

const DAY = 24 * 60 * 60_000
const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString()

describe('A request for a waiver', () => {
  let service: RunningService
  let admin: Client
  let pipeline: Client

  before(async () => {
    service = await startService({ PORTCULLIS_WAIVER_MAX_DAYS: '30' })
    admin = service.admin
    await admin.put('/v1/principals/ci', { kind: 'workload' })
    const confinement = { repositories: ['github.com/acme/cart'], environments: ['staging'] }
    pipeline = admin.as(await admin.issueToken({ principal: 'ci', description: 'x', roles: ['pipeline'], confinement }))
  })
  after(() => service[Symbol.asyncDispose]())

  function request(scope: object, more: object = {}, { by = admin, key }: { by?: Client; key?: string } = {}): Promise<Reply> {
    const body = { scope: { rule: 'tests.max_failed', ...scope }, reason: 'Flaky.', expiresAt: inDays(1), ...more }
    return by.post('/v1/waivers', body, key === undefined ? {} : { 'idempotency-key': key })
  }

  async function refused(reply: Promise<Reply>, code: string, field: string): Promise<void> {
    const { status, text, json } = await reply
    const problem = json()
    assert.deepEqual([status < 500, problem['code'], problem['field']], [true, code, field], text)
  }

  it('ends in the future, within the longest time that is allowed', async () => {
    for (const expiresAt of [inDays(-1), new Date().toISOString(), inDays(30.01), '9999-12-31T23:59:59Z', '1970-01-01T00:00:00Z']) {
      await refused(request({}, { expiresAt }), 'waiver_expiry_invalid', 'body.expiresAt')
    }
    for (const expiresAt of ['soon', '2027-02-30T00:00:00Z', inDays(1).replace('Z', ''), 0, null]) {
      const { status } = await request({}, { expiresAt })
      assert.equal(status, 422, String(expiresAt))
    }
    const made = await request({ stage: 'test' }, { expiresAt: `${inDays(2).slice(0, 19)}+01:00` })
    assert.equal(made.status, 201, made.text)
    assert.ok(made.json<RequestedWaiver>().expiresAt.endsWith('Z'))
  })

  it('says why in one line of plain text', async () => {
    for (const reason of ['', ' ', 'a\u0000b', 'a\u001b[31mred', 'a\nb', 'a\u0085b']) {
      const { status, text } = await request({}, { reason })
      assert.equal(status, 422, `${JSON.stringify(reason)}: ${text}`)
    }
    const turned = 'harmless \u202etxet\u202c <script>alert(1)</script>'
    const made = await request({ environment: 'marked' }, { reason: turned })
    assert.equal(made.json<RequestedWaiver>().reason, turned, 'kept as it is, and made visible where it is shown')
  })

  it('for a rule that nothing reports is taken with a warning', async () => {
    for (const rule of ['tests.max_fialed', 'nothing.at_all', 'tests2.max_failed']) {
      const reply = await request({ rule })
      assert.deepEqual([reply.status, reply.json<RequestedWaiver>().warnings.length], [201, 1], reply.text)
    }
    for (const rule of ['tests.max_failed', 'tests.evidence_unusable', 'change-window.frozen']) {
      assert.deepEqual((await request({ rule, stage: 'build' })).json<RequestedWaiver>().warnings, [], rule)
    }
  })

  it('of a confined token reaches no further than the token, whatever it says', async () => {
    const cut = (await request({}, {}, { by: pipeline })).json<RequestedWaiver>().scope
    assert.deepEqual([cut.repository, cut.environment], ['github.com/acme/cart', 'staging'])
    for (const repository of ['github.com/acme/*', 'acme/cart', 'github.com/acme/cart/../till', 'github.com/acme/**']) {
      await refused(request({ repository }, {}, { by: pipeline }), 'outside_confinement', 'body.scope.repository')
    }
    await refused(request({ environment: 'production' }, {}, { by: pipeline }), 'outside_confinement', 'body.scope.environment')
    await refused(request({ stage: 'production' }, {}, { by: pipeline }), 'outside_confinement', 'body.scope.environment')
  })

  it('takes no field that it doesn’t know, nor one that is empty', async () => {
    for (const scope of [
      { Rule: 'x.y' },
      { cve: 'CVE-1' },
      { vulnerability: '' },
      { purl: '' },
      { repository: '' },
      { rule: '' },
      { rule: null },
    ]) {
      assert.equal((await request(scope)).status, 422, JSON.stringify(scope))
    }
    assert.equal((await request({}, { state: 'approved' })).status, 422)
    assert.equal((await request({}, { approvalsNeeded: 0 })).status, 422)
  })

  it('is made once by its key: another body is refused, and another one’s key is its own', async () => {
    const expiresAt = inDays(3)
    const first = await request({}, { expiresAt }, { key: 'run-1' })
    const again = await request({}, { expiresAt }, { key: 'run-1' })
    assert.deepEqual([first.status, again.status, again.headers.get('idempotent-replayed')], [201, 200, 'true'])
    assert.equal(again.json<RequestedWaiver>().id, first.json<RequestedWaiver>().id)
    const other = await request({}, { expiresAt, reason: 'Other.' }, { key: 'run-1' })
    assert.deepEqual([other.status, other.json()['code']], [422, 'idempotency_key_reused'])
    const foreign = await request({}, { expiresAt }, { key: 'run-1', by: pipeline })
    assert.equal(foreign.status, 201, foreign.text)
    const at = await Promise.all(Array.from({ length: 10 }, () => request({ stage: 'qa' }, { expiresAt }, { key: 'run-2' })))
    assert.equal(new Set(at.map(({ json }) => json<RequestedWaiver>().id)).size, 1)
    assert.equal(at.filter(({ status }) => status === 201).length, 1)
  })
})
