import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import type { BacktestResult } from '../../src/decisions/backtest/backtest-kind.ts'
import type { Flip } from '../../src/decisions/backtest/flip.ts'
import type { Operation } from '../../src/operations/model.ts'
import type { Client, Reply } from '../support/client.ts'
import { freshDigest, lcov, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'

const PERIOD = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }

await forEachEngine('Backtests', (engine) => {
  let service: RunningService
  let admin: Client
  let versions: ReadonlyMap<string, string>

  before(async () => {
    const { databaseUrl } = await engine.place()
    service = await startService(
      databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) },
    )
    admin = service.admin
    const { items } = (await admin.get('/v1/policies')).json<{ items: { name: string; latest: string }[] }>()
    versions = new Map(items.map(({ name, latest }) => [name, latest]))
    for (const severity of ['HIGH', 'MEDIUM', 'LOW']) {
      const subject = freshDigest()
      await admin.submit(subject, trivy({ severities: [severity] }))
      await admin.submit(subject, lcov(50))
      await admin.decide({ subject, stage: 'production', context: { repository: `acme/${severity.toLowerCase()}` } })
    }
  })
  after(() => service[Symbol.asyncDispose]())

  const start = (pack: string, more: object = {}, client = admin): Promise<Reply> =>
    client.post(`/v1/policies/${pack}/versions/${versions.get(pack)}/backtest`, { ...PERIOD, ...more })

  async function ended(path: string): Promise<Operation & { result: BacktestResult }> {
    for (;;) {
      const operation = (await admin.get(path)).json<Operation & { result: BacktestResult }>()
      if (operation.state !== 'running') return operation
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async function run(pack: string, more: object = {}): Promise<{ operation: Operation & { result: BacktestResult }; flips: Flip[] }> {
    const reply = await start(pack, more)
    assert.equal(reply.status, 202, reply.text)
    const location = reply.headers.get('location') ?? ''
    const operation = await ended(location)
    assert.equal(operation.state, 'succeeded', JSON.stringify(operation.error))
    return { operation, flips: (await admin.get(`${location}/flips`)).json<{ items: Flip[] }>().items }
  }

  it('change nothing where the version and its parameters are those that ran', async () => {
    const { operation, flips } = await run('vulnerabilities')
    const { decisions, same, allowToDeny, denyToAllow, errors } = operation.result
    assert.deepEqual([decisions, same, allowToDeny, denyToAllow, errors, flips], [3, 3, 0, 0, [], []])
    assert.deepEqual(operation.progress, { done: 3, total: 3, percent: 100 })
  })

  it('list the verdicts that other parameters would give, by rule, repository and environment', async () => {
    const { operation, flips } = await run('vulnerabilities', { parameters: { max: { critical: 0, high: 5, medium: 0 }, fixableOnly: [] } })
    assert.deepEqual(
      flips.map(({ repository, from, to }) => [repository, from, to]),
      [
        ['acme/high', 'deny', 'allow'],
        ['acme/medium', 'allow', 'deny'],
      ],
    )
    const { byRule, byEnvironment, byRepository } = operation.result
    assert.deepEqual(byRule, [{ name: 'vulnerabilities.max_severity', allowToDeny: 1, denyToAllow: 1 }])
    assert.deepEqual(byEnvironment, [{ name: 'production', allowToDeny: 1, denyToAllow: 1 }])
    assert.deepEqual(
      byRepository.map(({ name }) => name),
      ['acme/high', 'acme/medium'],
    )
  })

  it('are listed page by page and by filter', async () => {
    const reply = await start('vulnerabilities', { parameters: { max: { critical: 0, high: 5, medium: 0 }, fixableOnly: [] } })
    const path = reply.headers.get('location') ?? ''
    await ended(path)
    const first = (await admin.get(`${path}/flips?limit=1`)).json<{ items: Flip[]; next: string }>()
    const second = (await admin.get(`${path}/flips?limit=1&cursor=${first.next}`)).json<{ items: Flip[]; next: null }>()
    assert.deepEqual(
      [...first.items, ...second.items].map(({ to }) => to),
      ['allow', 'deny'],
    )
    assert.equal(second.next, null)
    const denied = (await admin.get(`${path}/flips?to=deny&repository=acme%2Fmedium`)).json<{ items: Flip[] }>().items
    assert.deepEqual(
      denied.map(({ repository }) => repository),
      ['acme/medium'],
    )
  })

  it('tell what a binding that only warns would deny', async () => {
    const { flips } = await run('coverage', { mode: 'enforce' })
    assert.deepEqual(
      flips.map(({ repository, to }) => [repository, to]),
      [
        ['acme/medium', 'deny'],
        ['acme/low', 'deny'],
      ],
    )
  })

  it('are in the log as they begin and end, and change no decision', async () => {
    const decisions = (await admin.get('/v1/decisions')).text
    const { operation } = await run('vulnerabilities')
    assert.equal((await admin.get('/v1/decisions')).text, decisions)
    for (const type of ['backtest.started', 'backtest.finished']) {
      const { items } = (await admin.get(`/v1/audit/entries?type=${type}&limit=200`)).json<{ items: { leaf?: string }[] }>()
      assert.ok(JSON.stringify(items).includes(operation.id), type)
    }
  })

  it('refuse a period that ends before it begins, an unknown binding or version, and parameters that do not fit', async () => {
    const codes = [
      await start('vulnerabilities', { to: '2019-01-01T00:00:00Z' }),
      await start('vulnerabilities', { binding: 'nobody' }),
      await start('vulnerabilities', { parameters: { surely: 'not' } }),
    ].map((reply) => [reply.status, reply.json()['code']])
    assert.deepEqual(codes, [
      [422, 'backtest_period'],
      [422, 'backtest_binding_unknown'],
      [422, 'parameters_invalid'],
    ])
    assert.equal((await admin.post(`/v1/policies/tests/versions/${freshDigest()}/backtest`, PERIOD)).status, 404)
  })

  it('see only what a confined token may see, and are nobody else’s', async () => {
    await admin.put('/v1/principals/ci-low', { kind: 'workload' })
    const confinement = { repositories: ['acme/low'] }
    const scopes = ['policies:read', 'policies:write']
    const own = admin.as(await admin.issueToken({ principal: 'ci-low', description: 'confined', scopes, confinement }))
    const reply = await start('coverage', { mode: 'enforce' }, own)
    assert.equal(reply.status, 202, reply.text)
    const path = reply.headers.get('location') ?? ''
    assert.deepEqual((await ended(path)).result.decisions, 1)
    const other = admin.as(
      await admin.issueToken({ principal: 'ci-low', description: 'other', scopes, confinement: { repositories: ['acme/high'] } }),
    )
    assert.equal((await own.get(path)).status, 200)
    assert.deepEqual([(await other.get(path)).status, (await other.get(`${path}/flips`)).status], [404, 404])
    assert.equal((await other.send('DELETE', path)).status, 404)
  })

  it('can be cancelled, once', async () => {
    const path = (await start('vulnerabilities')).headers.get('location') ?? ''
    const reply = await admin.send('DELETE', path)
    assert.ok(reply.status === 200 || reply.status === 409, reply.text)
    const { state } = await ended(path)
    assert.equal(state, reply.status === 200 ? 'cancelled' : 'succeeded')
    assert.equal((await admin.send('DELETE', path)).status, 409)
  })

  it('count the waivers of the time, also those that nothing needed then', async () => {
    const people = await Promise.all(
      ['ann', 'ben'].map(async (name) => {
        await admin.put(`/v1/principals/${name}`, { kind: 'human' })
        return admin.as(await admin.issueToken({ principal: name, description: 'x', roles: ['admin'] }))
      }),
    )
    const [ann = admin, ben = admin] = people
    const subject = freshDigest()
    await admin.submit(subject, trivy({ severities: ['MEDIUM'] }))
    const scope = { rule: 'vulnerabilities.max_severity', subject, vulnerability: 'CVE-2026-1000' }
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const { id } = (await ann.post('/v1/waivers', { scope, reason: 'x', expiresAt })).json<{ id: string }>()
    assert.equal((await ben.post(`/v1/waivers/${id}/approve`, {})).status, 200)
    const from = new Date().toISOString()
    const { waived } = await admin.decide({ subject, stage: 'production', context: { repository: 'acme/waived' } })
    assert.deepEqual(waived, [])
    const { operation, flips } = await run('vulnerabilities', { from, parameters: { max: { critical: 0, medium: 0 }, fixableOnly: [] } })
    assert.deepEqual([operation.result.decisions, operation.result.same, flips], [1, 1, []])
  })

  it('try a binding in shadow as if it enforced, and one that warns as it is', async () => {
    for (const mode of ['shadow', 'warn']) {
      const reply = await admin.put(`/v1/bindings/lab-${mode}`, { pack: 'coverage', mode, stage: [`lab-${mode}`] })
      assert.equal(reply.status, 201, reply.text)
      const subject = freshDigest()
      await admin.submit(subject, lcov(50))
      await admin.submit(subject, trivy({ severities: ['LOW'] }))
      const { verdict } = await admin.decide({ subject, stage: `lab-${mode}`, context: { repository: `acme/${mode}` } })
      assert.equal(verdict, 'allow')
    }
    const flipped = async (binding: string): Promise<unknown[]> =>
      (await run('coverage', { binding })).flips.map(({ repository, to }) => [repository, to])
    assert.deepEqual(await flipped('lab-shadow'), [['acme/shadow', 'deny']])
    assert.deepEqual(await flipped('lab-warn'), [])
  })
})
