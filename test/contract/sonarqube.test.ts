import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import { denyingRules, type Client, type Reply } from '../support/client.ts'
import { startService, type RunningService } from '../support/service.ts'

const SECRET = 'a webhook secret'
const COMMIT = 'b'.repeat(40)

function webhook(status: 'OK' | 'ERROR', analysedAt: string, more: object = {}): string {
  return JSON.stringify({
    serverUrl: 'https://sonar.example.com',
    taskId: `task-${analysedAt}`,
    status: 'SUCCESS',
    analysedAt,
    revision: COMMIT,
    project: { key: 'app', name: 'App' },
    branch: { name: 'main', type: 'BRANCH', isMain: true },
    qualityGate: {
      name: 'Default',
      status,
      conditions: [{ metric: 'new_coverage', operator: 'LESS_THAN', value: '70', errorThreshold: '80', status }],
    },
    ...more,
  })
}

function signed(body: string, secret = SECRET): Record<string, string> {
  return { 'x-sonar-webhook-hmac-sha256': createHmac('sha256', secret).update(body).digest('hex') }
}

describe("SonarQube's webhook", () => {
  let service: RunningService
  let admin: Client

  before(async () => {
    service = await startService({ PORTCULLIS_SONARQUBE_WEBHOOK_SECRET: SECRET })
    admin = service.admin
  })
  after(() => service[Symbol.asyncDispose]())

  function deliver(body: string, headers = signed(body), repository = 'git.example.com/acme/app'): Promise<Reply> {
    return admin.send('POST', `/integrations/sonarqube?repository=${repository}`, body, headers)
  }

  it('becomes evidence about the revision, and a repeat of it changes nothing', async () => {
    const body = webhook('ERROR', '2026-11-20T10:00:00+0000')
    const first = await deliver(body)
    assert.equal(first.status, 201, first.text)
    const { id, subject, kind, summary } = first.json<{
      id: string
      subject: string
      kind: string
      summary: { counts: { high: number } }
    }>()
    assert.deepEqual([subject, kind], [`git+https://git.example.com/acme/app@${COMMIT}`, 'quality'])
    const second = await deliver(body)
    assert.deepEqual([second.status, second.json<{ id: string }>().id], [200, id])
    assert.ok(summary.counts)
  })

  it('is ordered by the time of the analysis, not by that of its delivery', async () => {
    const subject = `git+https://git.example.com/acme/app@${COMMIT}`
    const parameters = { max: { quality: { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 } } }
    await admin.put('/v1/bindings/gate', { pack: 'findings', stage: ['sonar'], parameters })
    const ask = async () => denyingRules(await admin.decide({ subject, stage: 'sonar' }))
    await deliver(webhook('ERROR', '2026-11-20T10:00:00+0000'))
    assert.deepEqual(await ask(), ['findings.max_severity'])
    assert.equal((await deliver(webhook('OK', '2026-11-20T11:00:00+0000'))).status, 201)
    assert.deepEqual(await ask(), [])
    assert.equal((await deliver(webhook('ERROR', '2026-11-20T10:30:00+0000'))).status, 201)
    assert.deepEqual(await ask(), [])
  })

  it('is refused without the right signature', async () => {
    const body = webhook('OK', '2026-11-20T10:00:00+0000')
    const wrong = [{}, signed(body, 'guess'), signed(`${body} `), { 'x-sonar-webhook-hmac-sha256': 'zz' }]
    for (const headers of wrong) {
      const reply = await deliver(body, headers)
      assert.deepEqual([reply.status, reply.json()['code']], [403, 'webhook_signature_wrong'])
    }
  })

  it('is refused without a full commit, and when it is no JSON', async () => {
    for (const revision of [undefined, 'main', 'abc1234', 7]) {
      const body = webhook('OK', '2026-11-20T10:00:00+0000', { revision })
      assert.equal((await deliver(body)).json()['code'], 'webhook_revision_missing')
    }
    assert.equal((await deliver('{"revision"')).status, 400)
  })

  it('may carry its token as the password of Basic authentication', async () => {
    const body = webhook('OK', '2026-11-20T10:00:00+0000')
    const anonymous = admin.as(undefined)
    const basic = (token: string) => ({ ...signed(body), authorization: `Basic ${Buffer.from(`sonar:${token}`).toString('base64')}` })
    const path = '/integrations/sonarqube?repository=git.example.com/acme/app'
    assert.equal((await anonymous.send('POST', path, body, basic(service.adminToken))).status, 201)
    assert.equal((await anonymous.send('POST', path, body, basic('wrong'))).status, 401)
    assert.equal((await anonymous.send('POST', path, body, signed(body))).status, 401)
  })

  it('is not taken in at all where no secret is set', async () => {
    await using unset = await startService()
    const body = webhook('OK', '2026-11-20T10:00:00+0000')
    const reply = await unset.admin.send('POST', '/integrations/sonarqube?repository=git.example.com/acme/app', body, signed(body))
    assert.deepEqual([reply.status, reply.json()['code']], [404, 'webhook_not_configured'])
  })
})
