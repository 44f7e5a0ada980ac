import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import type { Review } from '../../src/decisions/reviews/review.ts'
import type { Rollback } from '../../src/decisions/rollback/marked.ts'
import type { RollbackTarget } from '../../src/decisions/rollback/rollback-target.ts'
import type { Deployment } from '../../src/decisions/deployments/deployment.ts'
import { denyingRules, type Client, type DecisionBody, type Reply } from '../support/client.ts'
import { freshDigest, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

type RollbackDecision = DecisionBody & { rollback: Rollback | null; review: Review | null }

await forEachEngine('A rollback', (engine) => {
  let service: RunningService
  let admin: Client
  const clock = { at: Date.now(), now: () => clock.at }

  before(async () => {
    const { databaseUrl } = await engine.place()
    const env =
      databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }
    service = await startService(env, { clock })
    admin = service.admin
  })
  after(() => service[Symbol.asyncDispose]())

  let repositories = 0
  /** The pipeline of a repository of its own. */
  function freshPipeline(confinement: object = {}): Promise<{ pipeline: Client; repository: string }> {
    return pipelineOf(`github.com/acme/app-${++repositories}`, confinement)
  }

  async function pipelineOf(repository: string, confinement: object = {}): Promise<{ pipeline: Client; repository: string }> {
    const principal = `ci-${repositories}`
    await admin.put(`/v1/principals/${principal}`, { kind: 'workload' })
    const request = { principal, description: 'pipeline', roles: ['pipeline'], confinement: { repositories: [repository], ...confinement } }
    return { pipeline: admin.as(await admin.issueToken(request)), repository }
  }

  async function allow(pipeline: Client, subject = freshDigest()): Promise<string> {
    await pipeline.submit(subject, trivy())
    const decision = await pipeline.decide({ subject, stage: 'production' })
    assert.equal(decision.verdict, 'allow', JSON.stringify(decision.violations))
    return subject
  }

  async function start(pipeline: Client, subject: string, more: object = {}): Promise<Deployment> {
    clock.at += MINUTE
    const report = { subject, environment: 'production', startedAt: new Date(clock.at).toISOString(), ...more }
    const reply = await pipeline.post('/v1/deployments', report)
    assert.equal(reply.status, 201, reply.text)
    return reply.json()
  }

  function finish(pipeline: Client, { id }: { id: string }, outcome = 'succeeded'): Promise<Reply> {
    return pipeline.post(`/v1/deployments/${id}/finish`, { outcome })
  }

  /** Deployed by an allow, successfully. */
  async function release(pipeline: Client, more: object = {}, subject?: string): Promise<{ subject: string; deployment: Deployment }> {
    const allowed = await allow(pipeline, subject)
    const deployment = await start(pipeline, allowed, more)
    assert.equal(deployment.grounded, true)
    await finish(pipeline, deployment)
    return { subject: allowed, deployment }
  }

  async function back(pipeline: Client, subject: string, more: object = {}): Promise<RollbackDecision> {
    return (await pipeline.decide({ subject, stage: 'rollback', environment: 'production', ...more })) as RollbackDecision
  }

  async function rolledBack(pipeline: Client, subject: string, more: object = {}): Promise<Deployment> {
    const decision = await back(pipeline, subject)
    assert.equal(decision.verdict, 'allow', JSON.stringify(decision.violations))
    const deployment = await start(pipeline, subject, more)
    assert.deepEqual([deployment.bypass, deployment.decisionId], [false, decision.id])
    await finish(pipeline, deployment)
    return deployment
  }

  const rulesOf = async (pipeline: Client, subject: string, more: object = {}): Promise<string[]> =>
    denyingRules(await back(pipeline, subject, more))

  async function target(pipeline: Client, query = ''): Promise<RollbackTarget> {
    const reply = await pipeline.get(`/v1/environments/production/rollback-target${query}`)
    assert.equal(reply.status, 200, reply.text)
    return reply.json()
  }

  it('passes during a freeze with an expired scan, in one call, while what is new is denied', async () => {
    const { pipeline } = await freshPipeline()
    const [previous, running] = [await release(pipeline), await release(pipeline)]
    clock.at += 30 * DAY
    const now = new Date(clock.at)
    const freeze = { name: 'holidays', from: new Date(clock.at - DAY).toISOString(), until: new Date(clock.at + DAY).toISOString() }
    await admin.put('/v1/bindings/change-window', { pack: 'change-window', stage: ['production'], parameters: { freezes: [freeze] } })
    await admin.put('/v1/bindings/fresh', { pack: 'vulnerabilities', parameters: { maxScanAgeDays: 7 } })
    const denied = (await pipeline.decide({ subject: previous.subject, stage: 'production' })) as RollbackDecision
    assert.deepEqual(denyingRules(denied), ['change-window.frozen', 'vulnerabilities.scan_too_old'])
    const fresh = freshDigest()
    await pipeline.submit(fresh, trivy())
    assert.equal((await pipeline.decide({ subject: fresh, stage: 'production' })).verdict, 'deny')
    const rollback = await back(pipeline, previous.subject)
    assert.deepEqual([rollback.verdict, rollback.enforced, rollback.violations], ['allow', true, []])
    assert.deepEqual(rollback.rollback, {
      deployment: previous.deployment.id,
      subject: previous.subject,
      targets: [null],
      startedAt: previous.deployment.receivedAt,
      finishedAt: previous.deployment.receivedAt,
      groundedBy: previous.deployment.groundedBy,
      replaces: { deployment: running.deployment.id, subject: running.subject, state: 'succeeded' },
    })
    assert.deepEqual([rollback.review?.state, rollback.review?.kind], ['open', 'rollback'])
    assert.equal(denied.review, null)
    assert.ok(Date.parse(rollback.expiresAt) <= now.getTime() + 60 * MINUTE)
    await admin.send('DELETE', '/v1/bindings/fresh')
    await admin.put('/v1/bindings/change-window', { pack: 'change-window', stage: ['production'] })
  })

  describe('goes back', () => {
    it('to a grounded deployment that succeeded here and started before', async () => {
      const { pipeline } = await freshPipeline()
      const { subject } = await release(pipeline)
      assert.deepEqual(await rulesOf(pipeline, subject), ['rollback.runs_already'])
      assert.deepEqual(await rulesOf(pipeline, freshDigest()), ['rollback.never_deployed'])
      const failed = await allow(pipeline)
      await finish(pipeline, await start(pipeline, failed), 'failed')
      assert.deepEqual(await rulesOf(pipeline, failed), ['rollback.never_deployed'])
      await start(pipeline, await allow(pipeline))
      assert.deepEqual(await rulesOf(pipeline, subject), [], 'what started since may run by now, whether or not anybody says so')
    })

    it('again and further back, but not forward', async () => {
      const { pipeline } = await freshPipeline()
      const first = await release(pipeline)
      const second = await release(pipeline)
      const third = await release(pipeline)
      await rolledBack(pipeline, second.subject)
      assert.deepEqual(await rulesOf(pipeline, second.subject), ['rollback.runs_already'])
      assert.deepEqual(await rulesOf(pipeline, third.subject), ['rollback.not_older'])
      await rolledBack(pipeline, first.subject)
      for (const { subject } of [second, third]) assert.deepEqual(await rulesOf(pipeline, subject), ['rollback.not_older'])
      await release(pipeline, {}, third.subject)
      assert.deepEqual(await rulesOf(pipeline, second.subject), [], 'an allow of its own stage led forward')
    })

    it('to what a bypass replaced, which makes nothing else older', async () => {
      const { pipeline } = await freshPipeline()
      const first = await release(pipeline)
      const second = await release(pipeline)
      await rolledBack(pipeline, first.subject)
      const stranger = freshDigest()
      const bypass = await start(pipeline, stranger)
      assert.equal(bypass.bypass, true)
      await finish(pipeline, bypass)
      assert.deepEqual(await rulesOf(pipeline, second.subject), ['rollback.not_older'])
      assert.deepEqual(await rulesOf(pipeline, first.subject), [])
      await release(pipeline)
      assert.deepEqual(await rulesOf(pipeline, stranger), ['rollback.never_deployed'], 'a bypass vouches for nothing')
    })

    it('once more after the first attempt failed', async () => {
      const { pipeline } = await freshPipeline()
      const [first] = [await release(pipeline), await release(pipeline)]
      await back(pipeline, first.subject)
      await finish(pipeline, await start(pipeline, first.subject), 'failed')
      assert.deepEqual(await rulesOf(pipeline, first.subject), [])
    })

    it('within 90 days of the success, and the allow ends with them', async () => {
      const { pipeline: earlier, repository } = await freshPipeline()
      const [first] = [await release(earlier), await release(earlier)]
      const end = Date.parse(first.deployment.receivedAt) + 90 * DAY
      clock.at = end - 10 * MINUTE
      const { pipeline } = await pipelineOf(repository)
      const decision = await back(pipeline, first.subject)
      assert.deepEqual([decision.verdict, Date.parse(decision.expiresAt)], ['allow', end])
      clock.at = end + 1000
      assert.deepEqual(await rulesOf(pipeline, first.subject), ['rollback.too_old'])
      assert.equal((await target(pipeline)).reason, 'too_old')
    })

    it('to the platform of an index that was deployed', async () => {
      const { pipeline } = await freshPipeline()
      const platform = freshDigest()
      const type = 'application/vnd.oci.image.index.v1+json'
      const manifest = {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        size: 500,
        platform: { os: 'linux', architecture: 'amd64' },
      }
      const bytes = JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [{ ...manifest, digest: platform }] })
      const index = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
      await pipeline.submit(index, bytes)
      await pipeline.submit(platform, trivy())
      assert.equal((await pipeline.decide({ subject: index, stage: 'production' })).verdict, 'allow')
      await finish(pipeline, await start(pipeline, index))
      await release(pipeline)
      for (const subject of [index, platform]) assert.equal((await back(pipeline, subject)).rollback?.subject, index)
    })

    it('in the targets where it ran only', async () => {
      const { pipeline } = await freshPipeline()
      const first = await release(pipeline, { target: 'eu' })
      const second = await release(pipeline, { target: 'eu' })
      await release(pipeline, { target: 'us' }, first.subject)
      const decision = await back(pipeline, first.subject)
      assert.deepEqual(decision.rollback?.targets, ['eu'])
      assert.equal((await start(pipeline, first.subject, { target: 'asia' })).bypass, false, 'the allow of production holds')
      clock.at += 8 * DAY
      await back(pipeline, first.subject)
      assert.equal((await start(pipeline, first.subject, { target: 'us' })).bypass, true)
      assert.equal((await start(pipeline, first.subject, { target: 'eu' })).bypass, false)
      assert.deepEqual(await rulesOf(pipeline, second.subject, { context: { target: 'us' } }), ['rollback.never_deployed'])
    })
  })

  describe('is no way around', () => {
    it('for what another repository or environment ran, in any spelling', async () => {
      const [one, other] = [await freshPipeline(), await freshPipeline()]
      const [first] = [await release(one.pipeline), await release(one.pipeline)]
      await release(other.pipeline)
      assert.deepEqual(await rulesOf(other.pipeline, first.subject), ['rollback.never_deployed'])
      for (const environment of ['staging', 'Production'])
        assert.deepEqual(await rulesOf(one.pipeline, first.subject, { environment }), ['rollback.never_deployed'])
      const foreign = { subject: first.subject, stage: 'rollback', environment: 'production', context: { repository: one.repository } }
      assert.equal((await other.pipeline.post('/v1/decisions', foreign)).json()['code'], 'outside_confinement')
    })

    it('for a confined token that names no repository, or a request that names no environment', async () => {
      const several = await freshPipeline({ repositories: ['github.com/acme/a', 'github.com/acme/b'] })
      const subject = freshDigest()
      const nowhere = await several.pipeline.post('/v1/decisions', { subject, stage: 'rollback', environment: 'production' })
      assert.deepEqual([nowhere.status, nowhere.json()['code']], [422, 'repository_missing'])
      for (const stage of ['rollback', 'ROLLBACK']) {
        const unnamed = await admin.post('/v1/decisions', { subject, stage })
        assert.deepEqual(
          [unnamed.status, unnamed.json()['code'], unnamed.json()['field']],
          [422, 'environment_missing', 'body.environment'],
        )
      }
    })

    it('by policies that are meant for other stages, nor by none', async () => {
      const { pipeline } = await freshPipeline()
      const [first] = [await release(pipeline), await release(pipeline)]
      await admin.put('/v1/bindings/all', { pack: 'tests', parameters: { missing: 'violation' } })
      assert.deepEqual(await rulesOf(pipeline, first.subject), [])
      await admin.send('DELETE', '/v1/bindings/all')
      await admin.send('DELETE', '/v1/bindings/rollback')
      assert.deepEqual(await rulesOf(pipeline, first.subject), ['gate.no_binding'])
      assert.equal((await target(pipeline)).reason, 'no_binding')
      await admin.put('/v1/bindings/rollback', { pack: 'rollback', stage: ['rollback'], validFor: 'PT1H' })
    })
  })

  describe('has its target named', () => {
    it('with what it replaces, or why there is none', async () => {
      const { pipeline, repository } = await freshPipeline()
      assert.deepEqual(await target(pipeline), {
        ...{ environment: 'production', repository, target: null, withinDays: 90 },
        ...{ replaces: null, candidate: null, reason: 'nothing_deployed' },
      })
      const first = await release(pipeline, { target: 'eu' })
      assert.equal((await target(pipeline)).reason, 'nothing_older')
      const second = await release(pipeline, { target: 'eu' })
      const named = await target(pipeline)
      assert.deepEqual([named.target, named.reason], ['eu', null])
      assert.deepEqual([named.candidate?.subject, named.candidate?.deployment], [first.subject, first.deployment.id])
      assert.deepEqual([named.replaces?.subject, named.replaces?.state], [second.subject, 'succeeded'])
      assert.deepEqual(await target(pipeline, '?target=us'), {
        ...{ environment: 'production', repository, target: 'us', withinDays: 90 },
        ...{ replaces: null, candidate: null, reason: 'nothing_deployed' },
      })
      assert.equal((await target(admin, `?repository=${repository}`)).candidate?.subject, first.subject)
    })

    it('only to those who may see the repository', async () => {
      const [one, other] = [await freshPipeline(), await freshPipeline()]
      const reply = await other.pipeline.get(`/v1/environments/production/rollback-target?repository=${one.repository}`)
      assert.deepEqual([reply.status, reply.json()['code']], [403, 'outside_confinement'])
      const several = await freshPipeline({ repositories: ['github.com/acme/a', 'github.com/acme/b'] })
      const nobody = await several.pipeline.get('/v1/environments/production/rollback-target')
      assert.deepEqual([nobody.status, nobody.json()['code']], [422, 'repository_missing'])
    })
  })

  it('admits to a cluster what the allow of its own stage no longer would', async () => {
    const { pipeline } = await freshPipeline()
    const [first] = [await release(pipeline), await release(pipeline)]
    clock.at += 10 * DAY
    const admission = { subject: first.subject, stage: 'admission', environment: 'production' }
    assert.deepEqual(denyingRules(await pipeline.decide(admission)), ['verdict.expired'])
    const freeze = { name: 'now', from: new Date(clock.at - DAY).toISOString(), until: new Date(clock.at + DAY).toISOString() }
    await admin.put('/v1/bindings/change-window', { pack: 'change-window', stage: ['production'], parameters: { freezes: [freeze] } })
    assert.equal((await pipeline.decide({ subject: first.subject, stage: 'production' })).verdict, 'deny')
    await admin.put('/v1/bindings/change-window', { pack: 'change-window', stage: ['production'] })
    assert.deepEqual(denyingRules(await pipeline.decide(admission)), ['verdict.denied'])
    clock.at += 5
    const rollback = await back(pipeline, first.subject)
    const admitted = await pipeline.decide(admission)
    assert.deepEqual(
      [admitted.verdict, Date.parse(admitted.expiresAt)],
      ['allow', Math.floor(Date.parse(rollback.expiresAt) / 1000) * 1000],
    )
    await rolledBack(pipeline, first.subject)
    assert.deepEqual(await rulesOf(pipeline, first.subject), ['rollback.runs_already'])
  })
})
