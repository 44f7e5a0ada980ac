import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import type { Decision } from '../../src/decisions/decision.ts'
import type { Client } from '../support/client.ts'
import { freshDigest, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'

await forEachEngine('Owners', (engine) => {
  let service: RunningService
  let admin: Client

  before(async () => {
    const { databaseUrl } = await engine.place()
    const env =
      databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }
    service = await startService(env)
    admin = service.admin
    await put('/v1/teams/shoppers', { contact: 'chat #shop', members: ['ann'] })
    await put('/v1/teams/payments', { members: ['ben'] })
    await put('/v1/projects/shop', { repositories: ['github.com/acme/shop-*'], owners: ['shoppers', 'payments'] })
    await put('/v1/projects/till', { repositories: ['github.com/acme/till'], owners: ['payments'], contact: 'till@example.com' })
  })
  after(() => service[Symbol.asyncDispose]())

  async function put(path: string, body: object): Promise<void> {
    const reply = await admin.put(path, body)
    assert.ok(reply.status === 200 || reply.status === 201, reply.text)
  }

  let principals = 0
  async function confined(confinement: object, role = 'pipeline'): Promise<Client> {
    const principal = `ci-${++principals}`
    await admin.put(`/v1/principals/${principal}`, { kind: 'workload' })
    return admin.as(await admin.issueToken({ principal, description: 'pipeline', roles: [role], confinement }))
  }

  async function denied(asker: Client, repository?: string): Promise<Decision> {
    const subject = freshDigest()
    await asker.submit(subject, trivy({ severities: ['CRITICAL'] }))
    const context = repository === undefined ? {} : { repository }
    const decision = (await asker.decide({ subject, stage: 'production', context })) as unknown as Decision
    assert.equal(decision.verdict, 'deny')
    return decision
  }

  describe('of what a decision is about', () => {
    it('stand in it as they were when it was made', async () => {
      const ci = await confined({ repositories: ['github.com/acme/shop-cart'] })
      const decision = await denied(ci)
      assert.deepEqual(
        [decision.project, decision.owners],
        [
          'shop',
          [
            { team: 'shoppers', contact: 'chat #shop' },
            { team: 'payments', contact: null },
          ],
        ],
      )
      await put('/v1/teams/shoppers', { contact: 'chat #new', members: ['ann'] })
      assert.deepEqual((await ci.get(`/v1/decisions/${decision.id}`)).json()['owners'], decision.owners)
      assert.deepEqual((await denied(ci)).owners[0], { team: 'shoppers', contact: 'chat #new' })
      await put('/v1/teams/shoppers', { contact: 'chat #shop', members: ['ann'] })
    })

    it('are reached where the project says, and are nobody for what is in none', async () => {
      const till = await denied(admin, 'github.com/ACME/Till')
      assert.deepEqual([till.project, till.owners], ['till', [{ team: 'payments', contact: 'till@example.com' }]])
      for (const repository of ['github.com/acme/till-evil', undefined]) {
        const { project, owners } = await denied(admin, repository)
        assert.deepEqual([project, owners], [null, []])
      }
    })

    it('are named by a denial in words, and by its leaf', async () => {
      const { id, logIndex } = (await denied(admin, 'github.com/acme/till')) as Decision & { logIndex: number }
      for (const [accept, words] of [
        ['text/plain', 'project till, owned by payments (till@example.com)'],
        ['text/markdown', 'Belongs to project till, owned by payments'],
        ['application/junit+xml', 'Belongs to project till, owned by payments (till@example.com).</failure>'],
      ] as const) {
        const { text } = await admin.send('GET', `/v1/decisions/${id}/explain`, undefined, { accept })
        assert.ok(text.includes(words), text)
      }
      type Entry = { index: number; body: Record<string, unknown> }
      const { items } = (await admin.get('/v1/audit/entries?type=decision&limit=200')).json<{ items: Entry[] }>()
      const leaf = items.find(({ index }) => index === logIndex)?.body
      assert.equal(leaf?.['project'], 'till')
      assert.doesNotMatch(JSON.stringify(leaf), /till@example\.com/)
    })

    it('can be told by metrics of decisions, deployments and bypasses', async () => {
      await put('/v1/projects/counted', { repositories: ['github.com/acme/counted'], owners: ['shoppers', 'payments'] })
      const ci = await confined({ repositories: ['github.com/acme/counted'] })
      const { subject } = await denied(ci)
      const report = { subject, environment: 'counted', startedAt: new Date().toISOString() }
      assert.equal((await ci.post('/v1/deployments', report)).status, 201)
      const { text } = await admin.get('/metrics')
      assert.match(text, /portcullis_decisions_total\{verdict="deny",stage="production",dry_run="false",project="counted"\} 1/)
      assert.match(text, /portcullis_deployments_total\{environment="counted",grounded="false",outcome="started",project="counted"\} 1/)
      assert.match(text, /portcullis_deployment_bypasses_total\{environment="counted",project="counted"\} 1/)
      for (const team of ['shoppers', 'payments']) assert.ok(text.includes(`portcullis_project_owner{project="counted",team="${team}"} 1`))
    })
  })

  describe('as a confined token sees them', () => {
    it('are those of the projects that its repositories may be in, and no others', async () => {
      const ci = await confined({ repositories: ['github.com/acme/shop-cart'] })
      const names = async (client: Client, path: string): Promise<string[]> =>
        (await client.get(path)).json<{ items: { name: string }[] }>().items.map(({ name }) => name)
      assert.deepEqual(await names(ci, '/v1/projects'), ['shop'])
      assert.deepEqual(await names(ci, '/v1/projects?repository=github.com/acme/till'), [])
      assert.deepEqual(await names(ci, '/v1/projects?repository=github.com/acme/shop-x'), ['shop'])
      assert.deepEqual(await names(ci, '/v1/teams'), ['payments', 'shoppers'])
      const stranger = await confined({ repositories: ['github.com/other/*'] })
      for (const path of ['/v1/projects/shop', '/v1/teams/shoppers']) {
        assert.equal((await ci.get(path)).status, 200)
        const hidden = await stranger.get(path)
        const missing = await stranger.get(path.replace(/[^/]+$/, 'nothing'))
        assert.equal(hidden.status, 404)
        assert.equal(hidden.json()['code'], missing.json()['code'])
      }
      assert.deepEqual([await names(stranger, '/v1/projects'), await names(stranger, '/v1/teams')], [[], []])
      assert.deepEqual(await names(await confined({ environments: ['staging'] }), '/v1/projects?team=payments'), [
        'counted',
        'shop',
        'till',
      ])
    })
  })

  describe('change', () => {
    it('leaves entries in the log that hold no free text', async () => {
      await put('/v1/teams/passing', { contact: 'cat@example.com', members: ['cat@example.com'], description: 'Cat and Dog' })
      const own = { repositories: ['github.com/acme/passing'], owners: ['passing'], contact: 'cat@example.com' }
      await put('/v1/projects/passing', own)
      const refused = await admin.send('DELETE', '/v1/teams/passing')
      assert.deepEqual([refused.status, refused.json()['code']], [409, 'team_owns_projects'])
      assert.match(refused.text, /passing/)
      assert.equal((await admin.send('DELETE', '/v1/projects/passing')).status, 204)
      assert.equal((await admin.send('DELETE', '/v1/teams/passing')).status, 204)
      assert.equal((await admin.send('DELETE', '/v1/projects/passing')).status, 404)
      for (const type of ['project.changed', 'project.removed', 'team.changed', 'team.removed']) {
        type Entry = { body: Record<string, unknown>; detail: Record<string, unknown> }
        const { items } = (await admin.get(`/v1/audit/entries?type=${type}&limit=200`)).json<{ items: Entry[] }>()
        const entry = items.at(-1)
        assert.equal(entry?.body[type.split('.')[0] ?? ''], 'passing')
        assert.doesNotMatch(JSON.stringify(entry?.body), /cat|Dog/i)
        assert.equal(entry?.detail['updatedBy'], 'admin')
      }
    })

    it('is refused to who may only read, and where another project has the place', async () => {
      const policies = await confined({}, 'policy-admin')
      const pipeline = await confined({})
      const project = { repositories: ['github.com/acme/*'], owners: ['payments'] }
      assert.equal((await pipeline.put('/v1/projects/all', project)).json()['code'], 'scope_missing')
      const overlapping = await policies.put('/v1/projects/all', project)
      assert.deepEqual(
        [overlapping.status, overlapping.json()['code'], overlapping.json()['field']],
        [409, 'project_overlaps', 'body.repositories'],
      )
      assert.match(overlapping.text, /\\"(shop|till|counted)\\"/)
      assert.equal((await policies.put('/v1/projects/more', { ...project, repositories: ['github.com/acme/more'] })).status, 201)
      assert.equal((await policies.send('DELETE', '/v1/projects/more')).status, 204)
    })
  })
})
