import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import { randomDigest } from '../storage/samples.ts'
import type { Client } from '../support/client.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'

interface WouldDeny {
  mode: string
  decisions: number
  repositories: number
  complete: boolean
  teams: { team: string; repositories: number; decisions: number }[]
  items: {
    repository: string | null
    teams: string[]
    decisions: number
    deniedAnyway: number
    rules: { rule: string; decisions: number }[]
  }[]
}

const SHADOW = { pack: 'tests', mode: 'shadow', stage: ['production'], parameters: { missing: 'violation' } }

async function ask(client: Client, repository: string | undefined, stage = 'production'): Promise<string> {
  const context = repository === undefined ? {} : { repository }
  const reply = await client.post('/v1/decisions', { subject: randomDigest(), stage, context })
  equal(reply.status, 200, reply.text)
  return reply.json<{ verdict: string }>().verdict
}

async function put(client: Client, path: string, body: object): Promise<void> {
  const reply = await client.put(path, body)
  ok([200, 201].includes(reply.status), reply.text)
}

async function onlyBindings(client: Client, bindings: Readonly<Record<string, object>>): Promise<void> {
  const { items } = (await client.get('/v1/bindings?limit=200')).json<{ items: { name: string }[] }>()
  for (const { name } of items) await client.send('DELETE', `/v1/bindings/${name}`)
  for (const [name, body] of Object.entries(bindings)) await put(client, `/v1/bindings/${name}`, body)
}

await forEachEngine('What bindings amount to', (engine) => {
  let service: RunningService
  let admin: Client
  before(async () => {
    const { databaseUrl } = await engine.place()
    const env =
      databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }
    service = await startService(env)
    admin = service.admin
    await put(admin, '/v1/teams/shop', {})
    await put(admin, '/v1/projects/shop', { repositories: ['code.example/acme/*'], owners: ['shop'] })
  })
  after(() => service[Symbol.asyncDispose]())

  const wouldDeny = async (query = ''): Promise<WouldDeny> => (await admin.get(`/v1/bindings/new/would-deny${query}`)).json<WouldDeny>()

  it('lists by team and repository whom a shadow would deny, and nobody whom others denied or who passes', async () => {
    await onlyBindings(admin, { new: SHADOW, open: { pack: 'change-window' } })
    for (let at = 0; at < 3; at++) equal(await ask(admin, 'code.example/acme/cart'), 'allow')
    equal(await ask(admin, 'code.example/other/pay'), 'allow')
    equal(await ask(admin, undefined), 'allow')
    equal(await ask(admin, 'code.example/acme/cart', 'build'), 'allow')
    await put(admin, '/v1/bindings/hard', { pack: 'coverage', parameters: { missing: 'violation' } })
    equal(await ask(admin, 'code.example/acme/cart'), 'deny')

    const { mode, decisions, repositories, complete, teams, items } = await wouldDeny()
    deepEqual({ mode, decisions, repositories, complete }, { mode: 'shadow', decisions: 5, repositories: 3, complete: true })
    deepEqual(teams, [{ team: 'shop', repositories: 1, decisions: 3 }])
    deepEqual(
      items.map(({ repository, teams: names, decisions: count, deniedAnyway }) => [repository, names, count, deniedAnyway]),
      [
        [null, [], 1, 0],
        ['code.example/acme/cart', ['shop'], 3, 1],
        ['code.example/other/pay', [], 1, 0],
      ],
    )
    deepEqual(items[1]?.rules, [{ rule: 'tests.missing_evidence', decisions: 4 }])
    deepEqual(
      (await wouldDeny('?team=shop')).items.map(({ repository }) => repository),
      ['code.example/acme/cart'],
    )
  })

  it('pages its repositories, and shows a confined token its own only', async () => {
    const first = (await admin.get('/v1/bindings/new/would-deny?limit=1')).json<{ items: object[]; next: string; decisions: number }>()
    const second = (await admin.get(`/v1/bindings/new/would-deny?limit=1&cursor=${first.next}`)).json<WouldDeny>()
    deepEqual([first.items.length, second.items[0]?.repository, second.decisions], [1, 'code.example/acme/cart', first.decisions])
    const confined = admin.as(
      await admin.issueToken({
        principal: 'admin',
        description: 'x',
        roles: ['auditor'],
        confinement: { repositories: ['code.example/other/pay'] },
      }),
    )
    const own = (await confined.get('/v1/bindings/new/would-deny')).json<WouldDeny>()
    deepEqual([own.decisions, own.teams, own.items.length], [1, [], 1])
  })

  it('begins anew when the binding changes, unless an earlier time is asked for', async () => {
    await put(admin, '/v1/bindings/new', { ...SHADOW, mode: 'warn' })
    equal((await wouldDeny()).decisions, 0)
    equal((await wouldDeny('?from=2020-01-01T00:00:00Z')).decisions, 5)
    equal((await wouldDeny('?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z')).decisions, 0)
  })

  it('counts no warning, and nothing of a binding that enforces', async () => {
    await onlyBindings(admin, { new: { ...SHADOW, parameters: { missing: 'warning' } }, sure: { ...SHADOW, mode: 'enforce' } })
    equal(await ask(admin, 'code.example/acme/cart'), 'deny')
    equal((await wouldDeny()).items.length, 0)
    equal((await admin.get('/v1/bindings/sure/would-deny')).json<WouldDeny>().items.length, 0)
  })

  it('is told before anything is asked: what applies, with which parameters, and what does not, and why', async () => {
    await onlyBindings(admin, {
      strict: { pack: 'tests', parameters: { maxFailed: 3, environments: { Production: { maxFailed: 0 } } }, stage: ['production'] },
      others: { pack: 'tests', repository: ['code.example/other/*'] },
      ours: { pack: 'tests', team: ['shop'], mode: 'warn' },
      staging: { pack: 'tests', stage: ['staging'] },
    })
    const effective = async (query: string) => {
      const reply = await admin.get(`/v1/effective?subject=${randomDigest()}&stage=production${query}`)
      equal(reply.status, 200, reply.text)
      return reply.json<{
        enforced: boolean
        bindings: { name: string; parameters: { maxFailed: number }; version: string }[]
        excluded: { name: string; by: string }[]
        owners: { team: string }[]
      }>()
    }
    const own = await effective('&repository=code.example/acme/cart')
    deepEqual(
      own.bindings.map(({ name, parameters }) => [name, parameters.maxFailed]),
      [
        ['ours', 0],
        ['strict', 0],
      ],
    )
    ok(own.bindings.every(({ version }) => version.startsWith('sha256:')))
    deepEqual(
      own.excluded.map(({ name, by }) => [name, by]),
      [
        ['others', 'repository'],
        ['staging', 'stage'],
      ],
    )
    deepEqual([own.enforced, own.owners.map(({ team }) => team)], [true, ['shop']])
    const others = await effective('&repository=code.example/other/pay')
    deepEqual(
      others.excluded.map(({ name, by }) => [name, by]),
      [
        ['ours', 'team'],
        ['staging', 'stage'],
      ],
    )
    deepEqual(
      (await effective('')).bindings.map(({ name }) => name),
      ['others', 'ours', 'strict'],
    )
    equal((await admin.get('/v1/effective?stage=production')).status, 400)
    equal((await admin.get('/v1/effective?subject=cart:latest&stage=production')).status, 422)
  })
})
