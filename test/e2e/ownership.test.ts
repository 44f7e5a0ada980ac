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

    it('are those of the one source that the subject came from, where nobody says its repository', async () => {
      const subject = freshDigest()
      const ask = (asker: Client, source?: string) =>
        asker.decide({ subject, stage: 'production', ...(source !== undefined && { source }) }) as unknown as Promise<Decision>
      const source = (repository: string): string => `git+https://${repository}@${'a'.repeat(40)}`
      assert.equal((await ask(admin, source('github.com/acme/till'))).project, 'till')
      assert.equal((await ask(admin)).project, 'till')
      const stranger = await confined({ repositories: ['github.com/other/a', 'github.com/other/b'] })
      assert.equal((await ask(stranger)).project, null)
      // Of two sources nobody can tell which.
      await ask(admin, source('github.com/acme/shop-cart'))
      assert.equal((await ask(admin)).project, null)
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

  describe('narrow lists', () => {
    type Listed = { id: string; subject: string; repository?: string | null; name: string; index: number }
    const items = async (client: Client, path: string): Promise<Listed[]> => {
      const reply = await client.get(path)
      assert.equal(reply.status, 200, reply.text)
      return reply.json<{ items: Listed[] }>().items
    }

    /** Something of everything that a repository can have. */
    async function work(repository: string): Promise<string> {
      const ci = await confined({ repositories: [repository] })
      const { subject } = await denied(ci)
      const report = { subject, environment: 'production', startedAt: new Date().toISOString() }
      const { id } = (await ci.post('/v1/deployments', report)).json<{ id: string }>()
      assert.equal((await ci.post(`/v1/deployments/${id}/finish`, { outcome: 'failed' })).status, 200)
      return subject
    }

    it('to the repositories of a project, of a team, or of both', async () => {
      await put('/v1/teams/lists', {})
      await put('/v1/teams/idle', {})
      await put('/v1/projects/one', { repositories: ['github.com/lists/one'], owners: ['lists'] })
      await put('/v1/projects/two', { repositories: ['github.com/lists/two-*'], owners: ['lists', 'idle'] })
      const [one, two, none] = [
        await work('github.com/lists/one'),
        await work('github.com/lists/two-b'),
        await work('github.com/lists/three'),
      ]
      const expected: [string, string[]][] = [
        ['project=one', [one]],
        ['project=two', [two]],
        ['team=lists', [two, one]],
        ['team=idle', [two]],
        ['project=one&team=lists', [one]],
        ['project=one&team=idle', []],
        ['project=shop&team=lists', []],
      ]
      for (const [query, subjects] of expected) {
        for (const list of ['decisions', 'deployments', 'evidence']) {
          const seen = (await items(admin, `/v1/${list}?${query}`)).map(({ subject }) => subject)
          assert.deepEqual(seen, subjects, `${list} ${query}`)
        }
        const entries = await items(admin, `/v1/audit/entries?${query}`)
        assert.deepEqual([...new Set(entries.map(({ subject }) => subject))], subjects.toReversed(), query)
        assert.equal(entries.length, subjects.length * 4, query)
      }
      for (const list of ['decisions', 'deployments', 'evidence']) {
        assert.ok(
          (await items(admin, `/v1/${list}`)).some(({ subject }) => subject === none),
          list,
        )
      }
    })

    it('of bindings to those that could apply, and of baselines to their debt', async () => {
      await put('/v1/teams/debtors', {})
      await put('/v1/projects/debt', { repositories: ['github.com/debt/old-*'], owners: ['debtors'] })
      const ci = await confined({ repositories: ['github.com/debt/old-app'] })
      const other = await confined({ repositories: ['github.com/debt/new-app'] })
      for (const client of [ci, other]) await client.submit(freshDigest(), trivy({ severities: ['CRITICAL'] }))
      await new Promise((resolve) => setTimeout(resolve, 2))
      const baseline = {
        snapshot: new Date().toISOString(),
        owner: 'debtors',
        expires: new Date(Date.now() + 90 * 86_400_000).toISOString(),
      }
      const bind = { pack: 'vulnerabilities', stage: ['debt'], repository: ['github.com/DEBT/*'], parameters: { baseline } }
      await put('/v1/bindings/debt', bind)
      await put('/v1/bindings/elsewhere', { pack: 'tests', stage: ['debt'], repository: ['github.com/else/*'] })
      for (const client of [ci, other]) {
        const subject = freshDigest()
        await client.submit(subject, trivy({ severities: ['CRITICAL'] }))
        await client.decide({ subject, stage: 'debt' })
      }
      const names = (await items(admin, '/v1/bindings?project=debt&limit=200')).map(({ name }) => name)
      assert.ok(names.includes('debt') && names.includes('vulnerabilities') && !names.includes('elsewhere'), names.join())
      const all = (await items(admin, '/v1/baselines?binding=debt')).map(({ repository }) => repository)
      assert.deepEqual(all, ['github.com/debt/old-app', 'github.com/debt/new-app'])
      assert.deepEqual(
        (await items(admin, '/v1/baselines?team=debtors')).map(({ repository }) => repository),
        ['github.com/debt/old-app'],
      )
      assert.match((await admin.get('/metrics')).text, /portcullis_baseline_findings\{binding="debt",project="debt"\} 1/)
      await put('/v1/teams/poor', {})
      assert.deepEqual(await items(admin, '/v1/bindings?team=poor'), [])
    })

    it('of principals and tokens to members of the team, or of the teams that own the project', async () => {
      for (const [name, groups] of [
        ['dora', []],
        ['emil', ['night-shift']],
        ['fred', []],
      ] as const) {
        await put(`/v1/principals/${name}`, { kind: 'human', groups })
        await admin.issueToken({ principal: name, description: `of ${name}`, roles: ['approver'] })
      }
      await put('/v1/teams/days', { members: ['dora', 'not-yet-known'] })
      await put('/v1/teams/nights', { groups: ['night-shift'] })
      await put('/v1/projects/shifts', { repositories: ['github.com/shifts/*'], owners: ['days', 'nights'] })
      for (const [query, names] of [
        ['team=days', ['dora']],
        ['team=nights', ['emil']],
        ['project=shifts', ['dora', 'emil']],
        ['project=shifts&team=nights', ['emil']],
        ['project=shop&team=nights', []],
      ] as const) {
        assert.deepEqual(
          (await items(admin, `/v1/principals?${query}`)).map(({ name }) => name),
          names,
          query,
        )
        const tokens = (await admin.get(`/v1/tokens?${query}`)).json<{ items: { description: string }[] }>().items
        assert.deepEqual(
          tokens.map(({ description }) => description),
          names.map((name) => `of ${name}`).toReversed(),
          query,
        )
      }
    })

    it('page by page, with a cursor of the same project only', async () => {
      await put('/v1/projects/paged', { repositories: ['github.com/paged/*'], owners: ['shoppers'] })
      const ci = await confined({ repositories: ['github.com/paged/app'] })
      const made: string[] = []
      for (let n = 0; n < 5; n++) made.unshift((await denied(ci)).id)
      const first = (await admin.get('/v1/decisions?project=paged&limit=3')).json<{ items: { id: string }[]; next: string }>()
      const rest = await items(admin, `/v1/decisions?project=paged&limit=3&cursor=${first.next}`)
      assert.deepEqual(
        [...first.items, ...rest].map(({ id }) => id),
        made,
      )
      assert.equal((await admin.get(`/v1/decisions?project=shop&limit=3&cursor=${first.next}`)).json()['code'], 'cursor_invalid')
    })

    it('and widen nothing: a confined reader sees its own part, and hears nothing of a foreign project', async () => {
      await put('/v1/projects/mixed', { repositories: ['github.com/mixed/*'], owners: ['shoppers'] })
      await put('/v1/projects/foreign', { repositories: ['github.com/foreign/*'], owners: ['shoppers', 'payments'] })
      const own = await work('github.com/mixed/own')
      await work('github.com/mixed/other')
      await work('github.com/foreign/app')
      const reader = await confined({ repositories: ['github.com/mixed/own'] })
      for (const list of ['decisions', 'deployments', 'evidence', 'baselines']) {
        for (const query of ['project=mixed', 'team=shoppers', 'project=mixed&team=shoppers']) {
          const seen = await items(reader, `/v1/${list}?${query}`)
          assert.deepEqual(
            seen.map(({ subject }) => subject),
            list === 'baselines' ? [] : [own],
            `${list} ${query}`,
          )
        }
        const answers = await Promise.all(['foreign', 'missing'].map((name) => reader.get(`/v1/${list}?project=${name}`)))
        for (const { status, text, json } of answers) {
          assert.equal(status, 422, text)
          assert.deepEqual([json()['code'], json()['field']], ['project_unknown', 'query.project'])
        }
        const [foreign, missing] = answers.map(({ json }) => String(json()['detail']))
        assert.equal(foreign?.replace('foreign', 'missing'), missing)
      }
      const unknown = await reader.get('/v1/decisions?team=payments')
      assert.deepEqual([unknown.status, unknown.json()['code']], [422, 'team_unknown'])
      assert.equal((await reader.get('/v1/audit/entries?project=mixed')).json()['code'], 'scope_missing')
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
