import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import { denyingRules, type Client, type Reply } from '../support/client.ts'
import { replayEverything } from '../support/replays.ts'
import { freshDigest, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'

const HOUR = 3_600_000

await forEachEngine('A block', (engine) => {
  let service: RunningService
  let admin: Client
  const clock = { at: Date.now(), now: () => clock.at }

  before(async () => {
    const { databaseUrl } = await engine.place()
    const env =
      databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }
    service = await startService(env, { clock })
    admin = service.admin
    for (const stage of ['staging', 'production'])
      await admin.put(`/v1/bindings/loose-${stage}`, { pack: 'tests', stage: [stage], parameters: { missing: 'ignore' } })
  })
  after(() => service[Symbol.asyncDispose]())

  async function block(subject: string, more: object = {}, by: Client = admin): Promise<string> {
    const reply = await by.post('/v1/blocks', { subject, reason: 'It holds a stolen key.', ...more })
    assert.equal(reply.status, 201, reply.text)
    const { id } = reply.json<{ id: string }>()
    assert.equal(reply.headers.get('location'), `/v1/blocks/${id}`)
    return id
  }

  const lift = (id: string): Promise<Reply> => admin.send('DELETE', `/v1/blocks/${id}`)

  async function scanned(): Promise<string> {
    const subject = freshDigest()
    await admin.submit(subject, trivy())
    return subject
  }

  const rulesFor = async (subject: string, more: object = {}): Promise<string[]> =>
    denyingRules(await admin.decide({ subject, stage: 'production', ...more }))

  it('denies its subject at every stage, whatever the bindings say, until it is lifted', async () => {
    const subject = await scanned()
    assert.deepEqual(await rulesFor(subject), [])
    const admission = { stage: 'admission', environment: 'production' }
    assert.deepEqual(await rulesFor(subject, admission), [])
    const id = await block(subject)
    assert.deepEqual(await rulesFor(subject, admission), ['gate.blocked', 'verdict.no_allow'])
    const denied = await admin.decide({ subject: `registry.example/cart@${subject}`, stage: 'production' })
    assert.deepEqual([denyingRules(denied), denied.enforced], [['gate.blocked'], true])
    const [violation] = denied.violations
    assert.match(violation?.message ?? '', /^This is blocked since 20.*Z: It holds a stolen key\.$/)
    assert.ok(violation?.fix?.includes(`DELETE /v1/blocks/${id}`))
    for (const stage of ['staging', 'made-up']) assert.ok((await rulesFor(subject, { stage })).includes('gate.blocked'), stage)
    assert.deepEqual(await rulesFor(subject, { dryRun: true }), ['gate.blocked'])
    assert.equal((await lift(id)).status, 204)
    assert.deepEqual(await rulesFor(subject), [])
    assert.deepEqual((await lift(id)).json()['code'], 'block_over')
    assert.equal((await lift('019a7c1e-0000-7000-8000-000000000000')).json()['code'], 'block_not_found')
  })

  it('denies also where no binding enforces, and then counts like a denial that one enforced', async () => {
    await using observing = await startService({ PORTCULLIS_PROFILE: 'observe' })
    const subject = freshDigest()
    await block(subject, {}, observing.admin)
    const denied = await observing.admin.decide({ subject, stage: 'production' })
    assert.deepEqual([denied.verdict, denied.enforced, denyingRules(denied)], ['deny', true, ['gate.blocked']])
  })

  it('is no matter of break-glass, whatever the bindings permit', async () => {
    const subject = freshDigest()
    const breakGlass = { reason: 'Checkout is down.', incident: 'INC-1' }
    await admin.put('/v1/bindings/emergency', {
      ...{ pack: 'tests', stage: ['emergency'], parameters: { missing: 'violation' } },
      breakGlass: { maxDuration: 'PT1H' },
    })
    await admin.put('/v1/bindings/vulnerabilities', { pack: 'vulnerabilities', stage: ['!source', '!admission', '!emergency'] })
    assert.deepEqual(await rulesFor(subject, { stage: 'emergency', breakGlass }), [])
    await block(subject)
    assert.ok((await rulesFor(subject, { stage: 'emergency', breakGlass })).includes('gate.blocked'))
  })

  it('keeps what ran before from being gone back to, and names the one before that', async () => {
    const repository = 'github.com/acme/blocked'
    const released: string[] = []
    for (let n = 0; n < 3; n++) {
      const subject = await scanned()
      assert.deepEqual(await rulesFor(subject, { context: { repository } }), [])
      clock.at += 60_000
      const start = { subject, environment: 'production', startedAt: new Date(clock.at).toISOString(), context: { repository } }
      const { id } = (await admin.post('/v1/deployments', start)).json<{ id: string }>()
      await admin.post(`/v1/deployments/${id}/finish`, { outcome: 'succeeded' })
      released.push(subject)
    }
    const [oldest = '', previous = ''] = released
    const rollback = { stage: 'rollback', environment: 'production', context: { repository } }
    const candidate = async () =>
      (await admin.get(`/v1/environments/production/rollback-target?repository=${repository}`)).json<{
        candidate: { subject: string } | null
        reason: string | null
      }>()
    assert.deepEqual(await rulesFor(previous, rollback), [])
    await block(previous)
    assert.deepEqual(await rulesFor(previous, rollback), ['gate.blocked'])
    assert.equal((await candidate()).candidate?.subject, oldest)
    await block(oldest)
    assert.deepEqual([(await candidate()).candidate, (await candidate()).reason], [null, 'blocked'])
    const start = { subject: previous, environment: 'production', startedAt: new Date(clock.at).toISOString(), context: { repository } }
    assert.equal((await admin.post('/v1/deployments', start)).json()['bypass'], true, 'the allow to go back is void')
  })

  describe('reaches', () => {
    it('what was built from a blocked source', async () => {
      const source = `git+https://github.com/acme/cart@${'c'.repeat(40)}`
      const subject = await scanned()
      const { id } = await admin.decide({ subject, stage: 'production', source })
      await block(source)
      assert.ok((await admin.get(`/v1/decisions/${id}`)).json()['voidedAt'])
      const denied = await admin.decide({ subject, stage: 'production' })
      assert.deepEqual(denyingRules(denied), ['gate.blocked'])
      assert.ok(denied.violations[0]?.message.startsWith(`It is linked to ${source}, which is blocked since `))
      assert.deepEqual(await rulesFor(await scanned(), { source }), ['gate.blocked'], 'a source that is declared with the question too')
    })

    it('the platforms of a blocked index, and the index of a blocked platform, but not its neighbour', async () => {
      for (const blocked of ['index', 'one'] as const) {
        const subjects = { one: freshDigest(), other: freshDigest(), index: '' }
        const type = 'application/vnd.oci.image.index.v1+json'
        const manifests = [subjects.one, subjects.other].map((digest, at) => ({
          ...{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 1 },
          platform: { os: 'linux', architecture: at === 0 ? 'amd64' : 'arm64' },
        }))
        const bytes = JSON.stringify({ schemaVersion: 2, mediaType: type, manifests })
        subjects.index = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
        await admin.submit(subjects.index, bytes)
        await admin.submit(subjects.one, trivy())
        await admin.submit(subjects.other, trivy())
        const allows = await Promise.all(Object.values(subjects).map((subject) => admin.decide({ subject, stage: 'production' })))
        assert.deepEqual(allows.flatMap(denyingRules), [])
        await block(subjects[blocked])
        const denied = async (subject: string) => (await rulesFor(subject)).includes('gate.blocked')
        const voided = await Promise.all(allows.map(async ({ id }) => (await admin.get(`/v1/decisions/${id}`)).json()['voidedAt'] !== null))
        assert.deepEqual(
          [await denied(subjects.one), await denied(subjects.other), await denied(subjects.index)],
          [true, blocked === 'index', true],
        )
        assert.deepEqual(voided, [true, blocked === 'index', true], 'one, other, index')
      }
    })
  })

  it('ends by itself at the time that it was given', async () => {
    const subject = await scanned()
    const id = await block(subject, { expiresAt: new Date(clock.at + HOUR).toISOString() })
    const state = async () => (await admin.get(`/v1/blocks/${id}`)).json()['state']
    assert.deepEqual([await rulesFor(subject), await state()], [['gate.blocked'], 'active'])
    const tomorrow = { dryRun: true, at: new Date(clock.at + HOUR).toISOString() }
    assert.deepEqual(await rulesFor(subject, tomorrow), [], 'a look ahead sees it end')
    clock.at += HOUR
    assert.deepEqual([await rulesFor(subject), await state()], [[], 'ended'])
    assert.equal((await lift(id)).json()['code'], 'block_over')
  })

  it('is refused where it says nothing, names no digest, or is over as it begins', async () => {
    const refused = async (draft: object) => {
      const { status, json } = await admin.post('/v1/blocks', { subject: freshDigest(), reason: 'No.', ...draft })
      return [status, json()['code'], json()['field']]
    }
    assert.deepEqual(await refused({ subject: 'nginx:latest' }), [422, 'subject_is_tag', 'body.subject'])
    assert.deepEqual(await refused({ reason: ' ' }), [422, 'block_invalid', 'body.reason'])
    assert.deepEqual(await refused({ expiresAt: new Date(clock.at).toISOString() }), [422, 'block_invalid', 'body.expiresAt'])
  })

  it('leaves no allow standing of those that are asked for as it is placed', async () => {
    const subject = await scanned()
    const ask = () => admin.decide({ subject, stage: 'production' })
    const first = Array.from({ length: 20 }, ask)
    const placing = block(subject)
    const asked = await Promise.all([...first, ...Array.from({ length: 20 }, ask)])
    await placing
    const { items } = (await admin.get(`/v1/decisions?subject=${subject}&verdict=allow&limit=200`)).json<{
      items: { voidedAt: string }[]
    }>()
    assert.deepEqual(
      items.filter(({ voidedAt }) => voidedAt === null),
      [],
    )
    assert.equal(asked.length, 40)
    assert.deepEqual(await rulesFor(subject), ['gate.blocked'])
  })

  it('is in the log with its reason beside the leaf, and in the metrics', async () => {
    const count = async () => Number(/^portcullis_blocks_active (\d+)$/m.exec((await admin.get('/metrics')).text)?.[1])
    const others = await count()
    const subject = freshDigest()
    const id = await block(subject, { reason: 'Ann says so.' })
    assert.equal(await count(), others + 1)
    await lift(id)
    assert.equal(await count(), others)
    for (const type of ['block.placed', 'block.lifted']) {
      const { items } = (await admin.get(`/v1/audit/entries?type=${type}&subject=${subject}`)).json<{ items: { leaf: string }[] }>()
      assert.equal(items.length, 1, type)
      assert.ok(!JSON.stringify(items[0]?.leaf ?? '').includes('Ann says so'), type)
    }
  })

  it('is placed and lifted only by who may, and by nobody who is confined', async () => {
    const subject = freshDigest()
    const id = await block(subject)
    await admin.put('/v1/principals/blocker', { kind: 'workload' })
    const as = async (request: object): Promise<Client> =>
      admin.as(await admin.issueToken({ principal: 'blocker', description: 'x', ...request }))
    const [pipeline, confined] = [
      await as({ roles: ['pipeline'] }),
      await as({ roles: ['policy-admin'], confinement: { repositories: ['github.com/acme/*'] } }),
    ]
    for (const [by, code] of [
      [pipeline, 'scope_missing'],
      [confined, 'outside_confinement'],
    ] as const) {
      assert.equal((await by.post('/v1/blocks', { subject, reason: 'No.' })).json()['code'], code)
      assert.equal((await by.send('DELETE', `/v1/blocks/${id}`)).json()['code'], code)
    }
    assert.equal((await confined.get('/v1/blocks')).json()['code'], 'outside_confinement')
    const listed = (await pipeline.get(`/v1/blocks?subject=${subject}&state=active`)).json<{ items: { id: string; placedBy: string }[] }>()
    assert.deepEqual(
      listed.items.map((item) => [item.id, item.placedBy]),
      [[id, 'admin']],
    )
  })

  it('is placed once under one idempotency key', async () => {
    const draft = { subject: freshDigest(), reason: 'No.' }
    const [first, again] = [
      await admin.post('/v1/blocks', draft, { 'idempotency-key': 'block-1' }),
      await admin.post('/v1/blocks', draft, { 'idempotency-key': 'block-1' }),
    ]
    assert.deepEqual([first.status, again.status, again.headers.get('idempotent-replayed')], [201, 200, 'true'])
    assert.equal(first.json()['id'], again.json()['id'])
  })

  it('is lifted by two people where loosening takes two', async () => {
    await using strict = await startService({ PORTCULLIS_SECOND_PERSON: 'all' })
    const hire = async (name: string): Promise<Client> => {
      await strict.admin.put(`/v1/principals/${name}`, { kind: 'human' })
      return strict.admin.as(await strict.admin.issueToken({ principal: name, description: 'x', roles: ['admin'] }))
    }
    const [ann, ben] = [await hire('ann'), await hire('ben')]
    const subject = freshDigest()
    const id = await block(subject, {}, ann)
    const waits = await ann.send('DELETE', `/v1/blocks/${id}`)
    assert.deepEqual([waits.status, waits.json()['kind'], waits.json()['target']], [202, 'block.lift', `blocks/${id}`])
    assert.equal((await ann.get(`/v1/blocks/${id}`)).json()['state'], 'active')
    const change = waits.headers.get('location')
    assert.equal((await ann.post(`${change}/approve`, {})).json()['code'], 'own_change')
    assert.equal((await ben.post(`${change}/approve`, {})).status, 200)
    const lifted = (await ben.get(`/v1/blocks/${id}`)).json<{ state: string; liftedBy: string }>()
    assert.deepEqual([lifted.state, lifted.liftedBy], ['lifted', 'ann'])
  })

  if (engine.name === 'PostgreSQL')
    it('is seen by every replica at once', async () => {
      const { databaseUrl = '' } = await engine.place()
      const key = generateLogKey(randomOrigin())
      const token = 'one-and-the-same-token-of-the-admin'
      const env = { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: key, PORTCULLIS_ADMIN_TOKEN: token }
      await using one = await startService(env)
      await using two = await startService(env)
      const subject = freshDigest()
      await two.admin.as(token).decide({ subject, stage: 'production' })
      await block(subject, {}, one.admin.as(token))
      assert.ok(denyingRules(await two.admin.as(token).decide({ subject, stage: 'production' })).includes('gate.blocked'))
    })

  it('leaves every decision as it was when it is judged again', async () => {
    assert.ok((await replayEverything(admin)) > 20)
  })
})
