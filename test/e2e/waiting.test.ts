import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import type { Client, DecisionBody, Reply } from '../support/client.ts'
import { freshDigest } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'

const COVERAGE = 'TN:\nSF:a.js\nDA:1,1\nDA:2,1\nend_of_record\n'

await forEachEngine('A decision that is waited for', (engine) => {
  let service: RunningService
  let admin: Client
  let pipeline: Client
  let ann: Client
  let env: Record<string, string>

  before(async () => {
    const { databaseUrl } = await engine.place()
    env = {
      PORTCULLIS_PROFILE: 'observe',
      ...(databaseUrl !== undefined && { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }),
    }
    service = await startService(env)
    admin = service.admin
    await admin.put('/v1/principals/ci', { kind: 'workload' })
    pipeline = admin.as(await admin.issueToken({ principal: 'ci', description: 'x', roles: ['pipeline'] }))
    await admin.put('/v1/principals/ann', { kind: 'human' })
    ann = admin.as(await admin.issueToken({ principal: 'ann', description: 'x', roles: ['approver'] }))
    await bind('approvals', { stage: ['approved'], parameters: { fourEyes: { authors: 'off' } } })
    await bind('coverage', { stage: ['covered', 'both'], parameters: { minimum: { lines: 80 } } })
    await bind('verdict', { stage: ['both'] })
  })
  after(() => service[Symbol.asyncDispose]())

  async function bind(pack: string, more: object): Promise<void> {
    const reply = await admin.put(`/v1/bindings/waiting-${pack}`, { pack, ...more })
    ok(reply.status === 201 || reply.status === 200, reply.text)
  }

  const waitFor = (subject: string, stage: string, seconds: number, by = pipeline): Promise<Reply> =>
    by.post('/v1/decisions', { subject, stage }, { prefer: `wait=${seconds}` })

  async function entries(subject: string): Promise<string[]> {
    const { items } = (await admin.get(`/v1/audit/entries?subject=${subject}&type=decision`)).json<{
      items: { body: { verdict: string } }[]
    }>()
    return items.map(({ body }) => body.verdict)
  }

  it('is answered once it is approved, and recorded once', async () => {
    const subject = freshDigest()
    const waiting = waitFor(subject, 'approved', 30)
    await pause(300)
    deepEqual(await entries(subject), [])
    equal((await ann.post('/v1/approvals', { subject, stage: 'approved' })).status, 201)
    const reply = await waiting
    equal(reply.json<DecisionBody>().verdict, 'allow', reply.text)
    equal(reply.headers.get('preference-applied'), 'wait=30')
    deepEqual(await entries(subject), ['allow'])
  })

  it('is answered once the evidence is there, whatever it shows', async () => {
    for (const [report, verdict] of [
      [COVERAGE, 'allow'],
      [COVERAGE.replace('DA:2,1', 'DA:2,0'), 'deny'],
    ] as const) {
      const subject = freshDigest()
      const waiting = waitFor(subject, 'covered', 30)
      await pause(300)
      await pipeline.submit(subject, report, { format: 'lcov' })
      equal((await waiting).json<DecisionBody>().verdict, verdict)
      deepEqual(await entries(subject), [verdict])
    }
  })

  it('is the denial, recorded once, when the time is up', async () => {
    const subject = freshDigest()
    const started = performance.now()
    const reply = await waitFor(subject, 'approved', 1)
    ok(performance.now() - started >= 990)
    deepEqual([reply.json<DecisionBody>().verdict, reply.headers.get('preference-applied')], ['deny', 'wait=1'])
    deepEqual(await entries(subject), ['deny'])
  })

  it('comes at once where waiting helps nothing, and where nothing is preferred', async () => {
    const subject = freshDigest()
    await pipeline.submit(subject, COVERAGE.replace('DA:2,1', 'DA:2,0'), { format: 'lcov' })
    const started = performance.now()
    equal((await waitFor(subject, 'covered', 60)).json<DecisionBody>().verdict, 'deny')
    equal((await pipeline.post('/v1/decisions', { subject: 'a:tag', stage: 'approved' }, { prefer: 'wait=60' })).status, 422)
    equal((await pipeline.post('/v1/decisions', { subject, stage: 'approved' })).headers.get('preference-applied'), null)
    ok(performance.now() - started < 20_000)
  })

  it('is not recorded if whoever asks goes away', async () => {
    const subject = freshDigest()
    const gone = new AbortController()
    const waiting = fetch(`${service.url}/v1/decisions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${service.adminToken}`, 'content-type': 'application/json', prefer: 'wait=60' },
      body: JSON.stringify({ subject, stage: 'approved' }),
      signal: gone.signal,
    }).catch(() => undefined)
    await pause(300)
    gone.abort()
    equal(await waiting, undefined)
    await pause(700)
    deepEqual(await entries(subject), [])
  })

  if (engine.name === 'PostgreSQL')
    it('hears of what another replica committed', async () => {
      await using other = await startService({ ...env, PORTCULLIS_ADMIN_TOKEN: service.adminToken })
      const subject = freshDigest()
      const waiting = waitFor(subject, 'approved', 30)
      await pause(300)
      const token = await admin.issueToken({ principal: 'ann', description: 'y', roles: ['approver'] })
      equal((await other.admin.as(token).post('/v1/approvals', { subject, stage: 'approved' })).status, 201)
      equal((await waiting).json<DecisionBody>().verdict, 'allow')
    })

  it('is answered as it stands when the service stops', async () => {
    const { databaseUrl } = await engine.place()
    const database = databaseUrl !== undefined && {
      PORTCULLIS_DATABASE_URL: databaseUrl,
      PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()),
    }
    const stopping = await startService({ PORTCULLIS_PROFILE: 'observe', ...database })
    await stopping.admin.put('/v1/bindings/waiting', {
      pack: 'approvals',
      stage: ['approved'],
      parameters: { fourEyes: { authors: 'off' } },
    })
    const waiting = waitFor(freshDigest(), 'approved', 60, stopping.admin)
    await pause(300)
    const started = performance.now()
    await stopping[Symbol.asyncDispose]()
    equal((await waiting).json<DecisionBody>().verdict, 'deny')
    ok(performance.now() - started < 10_000)
  })
})
