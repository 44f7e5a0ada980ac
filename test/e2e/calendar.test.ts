import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import type { Client, Reply } from '../support/client.ts'
import { freshDigest, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { codeBlocks, runShell, shellBlocks } from '../support/shell.ts'
import { forEachEngine } from '../support/storage.ts'

const HOUR = 60 * 60_000
/** A Wednesday, 12:00 in Berlin. */
const NOON = Date.parse('2027-01-13T11:00:00Z')
const OFFICE = { environments: ['production'], zone: 'Europe/Berlin', weekdays: ['mon', 'tue', 'wed', 'thu'], from: '09:00', to: '17:00' }

await forEachEngine('The calendar', (engine) => {
  let service: RunningService
  let admin: Client
  let subject: string
  const clock = { at: NOON, now: () => clock.at }

  before(async () => {
    const { databaseUrl } = await engine.place()
    const env =
      databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }
    service = await startService(env, { clock })
    admin = service.admin
    subject = freshDigest()
    await admin.submit(subject, trivy())
  })
  after(() => service[Symbol.asyncDispose]())

  async function put(path: string, body: object): Promise<Reply> {
    const reply = await admin.put(path, body)
    ok([200, 201].includes(reply.status), reply.text)
    return reply
  }

  async function ask(
    client = admin,
    more: object = {},
  ): Promise<Record<string, unknown> & { verdict: string; violations: { rule: string }[] }> {
    return (await client.post('/v1/decisions', { subject, stage: 'production', ...more })).json()
  }

  async function pipeline(name: string, groups: string[], confinement: object = {}): Promise<Client> {
    await admin.put(`/v1/principals/${name}`, { kind: 'workload', groups })
    return admin.as(await admin.issueToken({ principal: name, description: 'x', roles: ['pipeline'], confinement }))
  }

  async function clear(): Promise<void> {
    for (const kind of ['windows', 'freezes']) {
      const { items } = (await admin.get(`/v1/${kind}?limit=200`)).json<{ items: { name: string }[] }>()
      for (const { name } of items) equal((await admin.send('DELETE', `/v1/${kind}/${name}`)).status, 204)
    }
  }

  it('lets pass within a window, and an allow ends as it closes', async () => {
    await put('/v1/windows/office', OFFICE)
    clock.at = NOON
    const { verdict, expiresAt, nextOpen } = await ask()
    deepEqual([verdict, expiresAt, nextOpen], ['allow', '2027-01-13T16:00:00.000Z', null])
  })

  it('denies outside of all windows, and says when to ask again', async () => {
    clock.at = NOON + 6 * HOUR
    const reply = await admin.post('/v1/decisions?denyStatus=422', { subject, stage: 'production' })
    equal(reply.status, 422)
    equal(reply.json()['nextOpen'], '2027-01-14T08:00:00.000Z')
    equal(reply.headers.get('retry-after'), String((15 * HOUR) / 1000))
    const plain = await admin.post('/v1/decisions', { subject, stage: 'production' })
    deepEqual([plain.status, plain.headers.get('retry-after')], [200, null])
  })

  it('says nothing of when to ask again where something else denies as well', async () => {
    const unknown = freshDigest()
    await admin.submit(unknown, trivy({ severities: ['CRITICAL'] }))
    const reply = await admin.post('/v1/decisions?denyStatus=422', { subject: unknown, stage: 'production' })
    deepEqual([reply.json()['nextOpen'], reply.headers.get('retry-after')], [null, null])
  })

  it('tells when an environment opens and closes, at any time', async () => {
    const at = async (instant: string): Promise<Record<string, unknown>> =>
      (await admin.get(`/v1/windows/next?environment=production&at=${instant}`)).json()
    const open = await at('2027-01-13T12:00:00Z')
    deepEqual([open['open'], open['windows'], open['closesAt'], open['opensAt']], [true, ['office'], '2027-01-13T16:00:00.000Z', null])
    const closed = await at('2027-01-15T12:00:00Z')
    deepEqual([closed['open'], closed['opensAt'], closed['bindings']], [false, '2027-01-18T08:00:00.000Z', ['change-window']])
  })

  it('grounds what started within the window, and takes its end after the close', async () => {
    clock.at = NOON
    equal((await ask()).verdict, 'allow')
    clock.at = NOON + 5 * HOUR - 1000
    const report = () => ({ subject, environment: 'production', startedAt: new Date(clock.at).toISOString() })
    const started = (await admin.post('/v1/deployments', report())).json<{ id: string; grounded: boolean }>()
    equal(started.grounded, true)
    clock.at = NOON + 6 * HOUR
    equal((await admin.post(`/v1/deployments/${started.id}/finish`, { outcome: 'succeeded' })).status, 200)
    const late = (await admin.post('/v1/deployments', { ...report(), target: 'late' })).json<{ grounded: boolean }>()
    equal(late.grounded, false)
  })

  it('denies in a freeze, windows or not, until it is deleted', async () => {
    clock.at = NOON
    await put('/v1/freezes/audit', { from: '2027-01-13T00:00:00Z', until: '2027-01-14T12:00:00Z', reason: 'audit' })
    const frozen = await ask()
    deepEqual(
      frozen.violations.map(({ rule }) => rule),
      ['change-window.frozen'],
    )
    equal(frozen['nextOpen'], '2027-01-14T12:00:00.000Z')
    equal((await admin.send('DELETE', '/v1/freezes/audit')).status, 204)
    equal((await ask()).verdict, 'allow')
  })

  it('ends an allow as the next freeze begins', async () => {
    await put('/v1/freezes/soon', { from: '2027-01-13T13:30:00Z', until: '2027-01-13T14:00:00Z' })
    equal((await ask())['expiresAt'], '2027-01-13T13:30:00.000Z')
    await admin.send('DELETE', '/v1/freezes/soon')
  })

  it('excepts who is proven to be it, never who says so', async () => {
    await put('/v1/freezes/audit', {
      ...{ from: '2027-01-13T00:00:00Z', until: '2027-01-14T12:00:00Z' },
      except: [{ groups: ['severity-1'] }, { repositories: ['github.com/acme/fire'] }, { context: { ref: 'refs/heads/hotfix' } }],
    })
    const ordinary = await pipeline('ordinary', ['ci'])
    const context = { repository: 'github.com/acme/fire', ref: 'refs/heads/hotfix', labels: { severity: '1' }, groups: ['severity-1'] }
    equal((await ask(ordinary, { context })).verdict, 'deny')
    equal((await ask(await pipeline('emergency', ['severity-1']))).verdict, 'allow')
    equal((await ask(await pipeline('fire', [], { repositories: ['github.com/acme/fire'] }))).verdict, 'allow')
    equal((await ask(await pipeline('other', [], { repositories: ['github.com/acme/other'] }), {})).verdict, 'deny')
    await admin.send('DELETE', '/v1/freezes/audit')
  })

  it('counts the windows of the binding’s parameters beside the stored ones', async () => {
    clock.at = NOON + 6 * HOUR
    equal((await ask()).verdict, 'deny')
    const evening = { name: 'evening', zone: 'Europe/Berlin', weekdays: ['wed'], from: '18:00', to: '20:00' }
    await put('/v1/bindings/change-window', { pack: 'change-window', stage: ['production'], parameters: { windows: [evening] } })
    const { verdict, expiresAt } = await ask()
    deepEqual([verdict, expiresAt], ['allow', '2027-01-13T19:00:00.000Z'])
    await put('/v1/bindings/change-window', { pack: 'change-window', stage: ['production'] })
    clock.at = NOON
  })

  it('shows a confined token only what concerns its environments', async () => {
    await put('/v1/freezes/elsewhere', {
      environments: ['lab'],
      from: '2027-01-13T00:00:00Z',
      until: '2027-01-14T00:00:00Z',
      reason: 'secret',
    })
    const confined = await pipeline('eu', [], { environments: ['Production'] })
    const { text } = await confined.get('/v1/freezes')
    ok(!text.includes('elsewhere'), text)
    equal((await confined.get('/v1/freezes/elsewhere')).status, 404)
    equal((await confined.get('/v1/windows/office')).status, 200)
    equal((await confined.get('/v1/windows/next?environment=lab')).json()['code'], 'outside_confinement')
    equal((await confined.send('DELETE', '/v1/windows/office')).status, 403)
  })

  it('has every change in the log, speaking for its record', async () => {
    const { items } = (await admin.get('/v1/audit/entries?limit=200')).json<{ items: { type: string; body: { digest?: string } }[] }>()
    const types = new Set(items.filter(({ body }) => body.digest !== undefined).map(({ type }) => type))
    for (const type of ['window.changed', 'freeze.changed', 'freeze.removed']) ok(types.has(type), type)
  })

  it('has room for a hundred freezes, however many are sent at once', async () => {
    await clear()
    const span = { from: '2040-01-01T00:00:00Z', until: '2040-01-02T00:00:00Z' }
    const replies = await Promise.all(Array.from({ length: 103 }, (_, at) => admin.put(`/v1/freezes/f-${at}`, span)))
    deepEqual([replies.filter(({ status }) => status === 201).length, replies.filter(({ status }) => status === 409).length], [100, 3])
    await clear()
  })

  it('does what docs/calendar.md says', async () => {
    const page = readFileSync('docs/calendar.md', 'utf8')
    const [first = '', next = '', ...more] = shellBlocks(page)
    const run = async (script: string): Promise<string> => {
      const { status, stdout, stderr } = await runShell(
        `set -e\nURL=${service.url} TOKEN=${service.adminToken}\n${script}`,
        service.dataDir,
      )
      equal(status, 0, stdout + stderr)
      ok(!stdout.includes('"code"'), stdout)
      return stdout
    }
    await run(first)
    deepEqual(JSON.parse(await run(next)), JSON.parse(codeBlocks(page, 'json')[0] ?? ''))
    equal(more.length, 3)
    for (const block of more) await run(block)
    const christmas = (await admin.get('/v1/windows/next?environment=production&at=2028-12-25T12:00:00Z')).json<{ freezes: object[] }>()
    deepEqual(christmas.freezes, [{ name: 'holidays', reason: null, until: '2028-12-26T23:00:00.000Z' }])
    const { items } = (await admin.get('/v1/freezes')).json<{ items: { name: string; ics?: string }[] }>()
    equal(items.find(({ name }) => name === 'holidays')?.ics, '')
    ok((await admin.get('/v1/freezes/holidays')).json<{ ics: string }>().ics.startsWith('BEGIN:VCALENDAR'))
  })
})

describe('Loosening the calendar, where that takes two people', () => {
  it('waits for the second, and whatever closes more does not', async () => {
    const clock = { at: NOON, now: () => clock.at }
    await using service = await startService({ PORTCULLIS_SECOND_PERSON: 'all' }, { clock })
    const { admin } = service
    await admin.put('/v1/principals/ann', { kind: 'human' })
    const ann = admin.as(await admin.issueToken({ principal: 'ann', description: 'x', roles: ['admin'] }))
    await admin.put('/v1/principals/ben', { kind: 'human' })
    const granted = await ann.put('/v1/windows/office', OFFICE)
    equal(granted.status, 201, granted.text)
    equal((await ann.put('/v1/windows/office', { ...OFFICE, to: '16:00' })).status, 200)
    const wider = await ann.put('/v1/windows/office', OFFICE)
    equal(wider.status, 202, wider.text)
    const { id, kind } = wider.json<{ id: string; kind: string }>()
    equal(kind, 'window.put')
    equal((await ann.post(`/v1/changes/${id}/approve`, {})).json()['code'], 'own_change')
    equal((await admin.get('/v1/windows/office')).json()['to'], '16:00')
    equal((await ann.put('/v1/freezes/audit', { from: '2027-01-13T00:00:00Z', until: '2027-01-14T12:00:00Z' })).status, 201)
    const deletion = await ann.send('DELETE', '/v1/freezes/audit')
    equal(deletion.status, 202, deletion.text)
    equal((await ann.get('/v1/freezes/audit')).status, 200)
  })
})
