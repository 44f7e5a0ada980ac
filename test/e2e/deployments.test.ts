import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import type { Deployment } from '../../src/decisions/deployments/deployment.ts'
import type { Client, Reply } from '../support/client.ts'
import { freshDigest, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const REPOSITORY = 'github.com/acme/cart'

await forEachEngine('Deployments', (engine) => {
  let service: RunningService
  let admin: Client
  let pipeline: Client
  const clock = { at: Date.now(), now: () => clock.at }

  before(async () => {
    const { databaseUrl } = await engine.place()
    const env =
      databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }
    service = await startService(env, { clock })
    admin = service.admin
    pipeline = await confined({ repositories: [REPOSITORY] })
  })
  after(() => service[Symbol.asyncDispose]())

  let principals = 0
  async function confined(confinement: object): Promise<Client> {
    const principal = `ci-${++principals}`
    await admin.put(`/v1/principals/${principal}`, { kind: 'workload' })
    return admin.as(await admin.issueToken({ principal, description: 'pipeline', roles: ['pipeline'], confinement }))
  }

  function report(subject: string, more: object = {}): Record<string, unknown> {
    return { subject, environment: 'production', startedAt: new Date(clock.at).toISOString(), ...more }
  }

  async function deploy(reporter: Client, subject: string, more: object = {}): Promise<Deployment> {
    const reply = await reporter.post('/v1/deployments', report(subject, more))
    assert.equal(reply.status, 201, reply.text)
    return reply.json()
  }

  function finish({ id }: { id: string }, outcome: string, reporter = pipeline): Promise<Reply> {
    return reporter.post(`/v1/deployments/${id}/finish`, { outcome })
  }

  /** A subject that is allowed in production, with the id of the decision. */
  async function allowed(): Promise<{ subject: string; decisionId: string }> {
    const subject = freshDigest()
    await pipeline.submit(subject, trivy())
    const { id, verdict } = await pipeline.decide({ subject, stage: 'production' })
    assert.equal(verdict, 'allow')
    return { subject, decisionId: id }
  }

  async function refused(reply: Promise<Reply>, status: number, code: string, field?: string): Promise<void> {
    const { status: actual, text, json } = await reply
    assert.equal(actual, status, text)
    const problem = json()
    assert.equal(problem['code'], code)
    if (field !== undefined) assert.equal(problem['field'], field)
  }

  describe('after an allow', () => {
    it('are grounded by it, found or named, and say so until they end', async () => {
      const { subject, decisionId } = await allowed()
      const started = await deploy(pipeline, subject, { target: 'eu' })
      assert.deepEqual(
        [started.decisionId, started.groundedBy, started.grounded, started.bypass, started.state],
        [decisionId, decisionId, true, false, 'started'],
      )
      assert.deepEqual([started.repository, started.verified], [REPOSITORY, ['repository']])
      clock.at += MINUTE
      const finished = (await finish(started, 'succeeded')).json<Deployment>()
      assert.equal(finished.finishedAt, new Date(clock.at).toISOString())
      assert.deepEqual((await pipeline.get(`/v1/deployments/${started.id}`)).json(), finished)
      const named = await deploy(pipeline, subject, { decisionId })
      assert.deepEqual([named.decisionId, named.groundedBy], [decisionId, decisionId])
    })

    it('are told by what runs where', async () => {
      const { subject, decisionId } = await allowed()
      const [older, bypass] = [
        await deploy(pipeline, subject, { target: 'where' }),
        await deploy(pipeline, freshDigest(), { target: 'where' }),
      ]
      const current = async (query = '') =>
        (await pipeline.get(`/v1/deployments?current=true&target=where${query}`)).json<{ items: Deployment[] }>().items
      await finish(older, 'succeeded')
      assert.deepEqual(
        (await current()).map((item) => [item.subject, item.groundedBy]),
        [[subject, decisionId]],
      )
      await finish(bypass, 'succeeded')
      assert.deepEqual(
        (await current()).map((item) => [item.subject, item.groundedBy]),
        [[bypass.subject, null]],
      )
      assert.deepEqual(await current('&grounded=true'), [])
      assert.deepEqual(await current(`&subject=${subject}`), [])
    })

    it('are leaves of the log, start and end, with what people wrote beside them', async () => {
      const { subject } = await allowed()
      const { id, logIndex } = await deploy(pipeline, subject, { target: 'asia', context: { actor: 'Ann Example' } })
      const reply = await pipeline.post(`/v1/deployments/${id}/finish`, { outcome: 'failed', reason: 'Ann saw errors' })
      const { finishLogIndex } = reply.json<Deployment>()
      type Entry = { index: number; type: string; body: object; detail: Record<string, unknown> }
      const { items } = (await admin.get(`/v1/audit/entries?subject=${subject}&limit=200`)).json<{ items: Entry[] }>()
      const entries = items.filter(({ type }) => type.startsWith('deployment.'))
      assert.deepEqual(
        entries.map(({ index, type }) => [index, type]),
        [
          [logIndex, 'deployment.started'],
          [finishLogIndex, 'deployment.finished'],
        ],
      )
      assert.doesNotMatch(JSON.stringify(entries.map(({ body }) => body)), /Ann|asia/)
      assert.deepEqual([entries[0]?.detail['target'], entries[1]?.detail['reason']], ['asia', 'Ann saw errors'])
      assert.match((await admin.get(`/v1/audit/entries/${finishLogIndex}/receipt`)).text, /c2sp\.org\/tlog-proof@v1/)
    })

    it('that another repository or environment got are bypasses', async () => {
      const { subject, decisionId } = await allowed()
      const other = await confined({ repositories: ['github.com/other/app'] })
      assert.equal((await deploy(other, subject)).bypass, true)
      await refused(other.post('/v1/deployments', report(subject, { decisionId })), 422, 'decision_unknown', 'body.decisionId')
      assert.equal((await deploy(pipeline, subject, { environment: 'staging' })).bypass, true)
      const wrong = await deploy(pipeline, freshDigest(), { decisionId })
      assert.deepEqual([wrong.decisionId, wrong.groundedBy, wrong.bypass], [decisionId, null, true])
    })

    it('can be reported for any repository by an unconfined token, which has to name it or the decision', async () => {
      const { subject, decisionId } = await allowed()
      const declared = await deploy(admin, subject, { context: { repository: REPOSITORY } })
      assert.deepEqual([declared.grounded, declared.repository, declared.verified], [true, REPOSITORY, []])
      const named = await deploy(admin, subject, { decisionId })
      assert.deepEqual([named.grounded, named.repository], [true, REPOSITORY])
      const neither = await deploy(admin, subject)
      assert.deepEqual([neither.bypass, neither.repository], [true, null])
      const lying = await deploy(admin, subject, { decisionId, context: { repository: 'github.com/other/app' } })
      assert.equal(lying.bypass, true)
    })
  })

  describe('without one that holds', () => {
    it('are bypasses when the allow has expired', async () => {
      const { subject, decisionId } = await allowed()
      clock.at += 7 * DAY - 1
      assert.equal((await deploy(pipeline, subject)).grounded, true)
      clock.at += 1
      const late = await deploy(pipeline, subject)
      assert.deepEqual([late.decisionId, late.grounded, late.bypass], [null, false, true])
      assert.equal((await deploy(pipeline, subject, { decisionId })).bypass, true)
    })

    it('are bypasses after a deny, and once more grounded after the next allow', async () => {
      const { subject, decisionId } = await allowed()
      clock.at += MINUTE
      await pipeline.submit(subject, trivy({ severities: ['CRITICAL'] }))
      const denied = await pipeline.decide({ subject, stage: 'production' })
      assert.equal(denied.verdict, 'deny')
      for (const more of [{}, { decisionId }, { decisionId: denied.id }]) assert.equal((await deploy(pipeline, subject, more)).bypass, true)
      clock.at += MINUTE
      await pipeline.submit(subject, trivy())
      const again = await pipeline.decide({ subject, stage: 'production' })
      assert.equal((await deploy(pipeline, subject)).groundedBy, again.id)
      assert.equal((await deploy(pipeline, subject, { decisionId })).bypass, true, 'only the newest decision counts')
    })

    it('are bypasses after an allow that nothing enforced or that was a dry run', async () => {
      const subject = freshDigest()
      await admin.put('/v1/bindings/shadowed', { pack: 'findings', mode: 'shadow', stage: ['source'], environment: ['shadowed'] })
      const unenforced = await pipeline.decide({ subject, stage: 'source', environment: 'shadowed' })
      assert.deepEqual([unenforced.verdict, unenforced.enforced], ['allow', false])
      assert.equal((await deploy(pipeline, subject, { environment: 'shadowed' })).bypass, true)
      assert.equal((await pipeline.decide({ subject, stage: 'build', dryRun: true })).verdict, 'allow')
      assert.equal((await deploy(pipeline, subject, { environment: 'build' })).bypass, true)
    })

    it('are counted', async () => {
      await deploy(pipeline, freshDigest(), { environment: 'counted' })
      const listed = await pipeline.get('/v1/deployments?bypass=true&environment=counted')
      assert.equal(listed.json<{ items: unknown[] }>().items.length, 1)
      const { text } = await admin.get('/metrics')
      assert.match(text, /portcullis_deployments_total\{environment="counted",grounded="false",outcome="started"\} 1/)
      assert.match(text, /portcullis_deployment_bypasses_total\{environment="counted"\} 1/)
    })
  })

  it('of a platform are grounded by an allow for its index, but not the other way round', async () => {
    const platform = freshDigest()
    const mediaType = 'application/vnd.oci.image.index.v1+json'
    const manifest = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      size: 500,
      platform: { os: 'linux', architecture: 'amd64' },
    }
    const bytes = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [{ ...manifest, digest: platform }] })
    const index = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    await pipeline.submit(index, bytes)
    await pipeline.submit(platform, trivy())
    const own = await pipeline.decide({ subject: platform, stage: 'production' })
    assert.equal(own.verdict, 'allow')
    assert.equal((await deploy(pipeline, index)).bypass, true)
    const { id } = await pipeline.decide({ subject: index, stage: 'staging', environment: 'production' })
    assert.equal((await deploy(pipeline, index)).groundedBy, id)
    assert.equal((await deploy(pipeline, platform, { decisionId: id })).groundedBy, id)
  })

  it('cannot be reported, seen or ended by a token that is confined to something else', async () => {
    const { subject } = await allowed()
    const started = await deploy(pipeline, subject, { target: 'hidden' })
    const elsewhere = [await confined({ repositories: ['github.com/other/*'] }), await confined({ environments: ['staging'] })]
    for (const client of elsewhere) {
      await refused(client.get(`/v1/deployments/${started.id}`), 404, 'not_found')
      await refused(finish(started, 'failed', client), 404, 'not_found')
      assert.deepEqual((await client.get('/v1/deployments?target=hidden')).json()['items'], [])
    }
    const [foreign, staging] = elsewhere
    assert.ok(foreign && staging)
    const claimed = report(subject, { context: { repository: REPOSITORY } })
    await refused(foreign.post('/v1/deployments', claimed), 403, 'outside_confinement', 'body.context.repository')
    await refused(foreign.post('/v1/deployments', report(subject)), 422, 'repository_missing', 'body.context.repository')
    await refused(staging.post('/v1/deployments', report(subject)), 403, 'outside_confinement', 'body.environment')
    const building = await confined({ repositories: [REPOSITORY], stages: ['build'] })
    assert.equal((await deploy(building, subject)).bypass, true, 'a decision at a stage that the token may not see')
    assert.equal((await finish(started, 'succeeded')).status, 200)
  })

  it('are recorded once under one idempotency key', async () => {
    const body = report(freshDigest(), { target: 'once' })
    const key = { 'idempotency-key': 'deploy-4711-1' }
    const replies = await Promise.all(Array.from({ length: 10 }, () => pipeline.post('/v1/deployments', body, key)))
    assert.equal(replies.filter(({ status }) => status === 201).length, 1)
    assert.equal(replies.filter(({ status }) => status === 200).length, 9)
    assert.equal(new Set(replies.map((reply) => reply.json()['id'])).size, 1)
    await refused(pipeline.post('/v1/deployments', { ...body, target: 'twice' }, key), 422, 'idempotency_key_reused')
    const listed = await pipeline.get('/v1/deployments?target=once')
    assert.equal(listed.json<{ items: unknown[] }>().items.length, 1)
  })

  it('end once, whatever is reported at the same time', async () => {
    const started = await deploy(pipeline, freshDigest())
    const outcomes = Array.from({ length: 12 }, (_, at) => ['succeeded', 'failed', 'rolled-back'][at % 3] ?? '')
    const replies = await Promise.all(outcomes.map((outcome) => finish(started, outcome)))
    const { state, finishLogIndex } = (await pipeline.get(`/v1/deployments/${started.id}`)).json<Deployment>()
    for (const [at, reply] of replies.entries()) {
      assert.equal(reply.status, outcomes[at] === state ? 200 : 409, reply.text)
      if (reply.status === 200) assert.equal(reply.json<Deployment>().finishLogIndex, finishLogIndex)
    }
    assert.equal((await finish(started, state)).status, 200)
    const other = state === 'failed' ? 'succeeded' : 'failed'
    await refused(finish(started, other), 409, 'deployment_finished', 'body.outcome')
  })

  it('of names that no index could hold are refused', async () => {
    const letters = Array.from({ length: 490 }, (_, at) => String.fromCodePoint(0x20000 + ((at * 7919) % 40_000))).join('')
    const long = report(freshDigest(), { target: 'x'.repeat(256), context: { repository: letters } })
    await refused(admin.post('/v1/deployments', long), 422, 'name_malformed', 'body.context.repository')
    const source = report(`git+https://h/${letters}@${'a'.repeat(40)}`)
    await refused(admin.post('/v1/deployments', source), 422, 'subject_malformed', 'body.subject')
    await refused(pipeline.post('/v1/deployments', report(freshDigest(), { target: 'line\nbreak' })), 422, 'invalid_body', 'body.target')
  })

  it('may be dated in the past, but hardly in the future', async () => {
    const dated = (minutes: number) => report(freshDigest(), { startedAt: new Date(clock.at + minutes * MINUTE).toISOString() })
    for (const minutes of [-100_000, 0, 5]) assert.equal((await pipeline.post('/v1/deployments', dated(minutes))).status, 201)
    await refused(pipeline.post('/v1/deployments', dated(6)), 422, 'started_in_future', 'body.startedAt')
    const { startedAt } = await deploy(pipeline, freshDigest(), { startedAt: '2026-03-01T12:00:00+02:00' })
    assert.equal(startedAt, '2026-03-01T10:00:00.000Z')
  })
})
