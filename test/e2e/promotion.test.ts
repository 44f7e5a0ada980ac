import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import { denyingRules, type Client } from '../support/client.ts'
import { replayEverything } from '../support/replays.ts'
import { freshDigest } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'

const HOUR = 3_600_000

await forEachEngine('A promotion', (engine) => {
  let service: RunningService
  let admin: Client
  const clock = { at: Date.now(), now: () => clock.at }
  let repository = ''

  before(async () => {
    const { databaseUrl } = await engine.place()
    const env =
      databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }
    service = await startService(env, { clock })
    admin = service.admin
    for (const name of ['vulnerabilities', 'findings', 'tests', 'coverage']) await admin.send('DELETE', `/v1/bindings/${name}`)
    await admin.put('/v1/bindings/before', { pack: 'tests', stage: ['qa'], parameters: { missing: 'ignore' } })
    await admin.put('/v1/bindings/promotion', { pack: 'promotion', stage: ['production'], parameters: { soakHours: { qa: 2 } } })
  })
  after(() => service[Symbol.asyncDispose]())

  const ask = (subject: string, stage = 'production', more: object = {}) =>
    admin.decide({ subject, stage, context: { repository }, ...more })
  const rulesOf = async (subject: string): Promise<string[]> => denyingRules(await ask(subject))

  async function start(subject: string, environment: string): Promise<string> {
    clock.at += 1000
    const report = { subject, environment, startedAt: new Date(clock.at).toISOString(), context: { repository } }
    return (await admin.post('/v1/deployments', report)).json<{ id: string }>().id
  }

  async function deploy(subject: string, environment: string): Promise<void> {
    const decision = await ask(subject, environment)
    assert.equal(decision.verdict, 'allow', JSON.stringify(decision.violations))
    await admin.post(`/v1/deployments/${await start(subject, environment)}/finish`, { outcome: 'succeeded' })
  }

  async function soaked(): Promise<string> {
    const subject = freshDigest()
    await deploy(subject, 'qa')
    clock.at += 2 * HOUR
    return subject
  }

  it('waits until it ran long enough before, and says until when', async () => {
    repository = 'github.com/acme/soak'
    const subject = freshDigest()
    assert.deepEqual(await rulesOf(subject), ['promotion.not_soaked'])
    await admin.post(`/v1/deployments/${await start(subject, 'qa')}/finish`, { outcome: 'succeeded' })
    assert.deepEqual(await rulesOf(subject), ['promotion.not_soaked'], 'what no allow grounded soaks nowhere')
    await deploy(subject, 'qa')
    const denied = await ask(subject)
    const opens = Date.parse(denied.violations[0]?.nextOpen ?? '')
    assert.ok(opens >= clock.at + 2 * HOUR - 1000 && opens <= clock.at + 2 * HOUR + 1000, `${denied.violations[0]?.nextOpen}`)
    clock.at = opens
    assert.deepEqual(await rulesOf(subject), [])
    const replaced = freshDigest()
    await deploy(replaced, 'qa')
    clock.at += HOUR
    await deploy(freshDigest(), 'qa')
    clock.at += 5 * HOUR
    assert.deepEqual(await rulesOf(replaced), ['promotion.not_soaked'], 'it was replaced after an hour')
    assert.deepEqual(await rulesOf(subject), [], 'it was replaced after it had soaked')
  })

  it('is one at a time, for each repository and environment', async () => {
    repository = 'github.com/acme/one'
    const [first, second] = [await soaked(), await soaked()]
    await ask(first)
    const id = await start(first, 'production')
    assert.deepEqual([await rulesOf(first), await rulesOf(second)], [[], ['promotion.in_flight']])
    await admin.post(`/v1/deployments/${id}/finish`, { outcome: 'failed' })
    assert.deepEqual(await rulesOf(second), [])
    await start(first, 'production')
    clock.at += 24 * HOUR
    assert.deepEqual(await rulesOf(second), [], 'nobody tells how it ended')
  })

  it('goes forward only, but at stage rollback', async () => {
    repository = 'github.com/acme/forward'
    const [older, newer] = [await soaked(), await soaked()]
    await deploy(older, 'production')
    await deploy(newer, 'production')
    assert.deepEqual([await rulesOf(older), await rulesOf(newer)], [['promotion.step_back'], []])
    assert.equal((await ask(older, 'rollback', { environment: 'production' })).verdict, 'allow')
  })

  it('is judged again as it was', async () => {
    assert.ok((await replayEverything(admin)) > 10)
  })
})
