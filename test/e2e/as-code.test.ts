import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import { main } from '../../scripts/portcullis.ts'
import type { Client } from '../support/client.ts'
import { startService, type RunningService } from '../support/service.ts'
import { runShell, shellBlocks } from '../support/shell.ts'
import { forEachEngine } from '../support/storage.ts'

const COMMIT = 'c0ffee1234567890c0ffee1234567890c0ffee12'

const WINDOW = `
apiVersion: portcullis/v1
kind: Window
name: office
spec:
  environments: [production]
  zone: Europe/Berlin
  weekdays: [mon, tue, wed, thu]
  from: "09:00"
  to: "17:00"
`
const FREEZE = `
apiVersion: portcullis/v1
kind: Freeze
name: year-end
spec: {reason: accounts, from: "2098-12-21T00:00:00Z", until: "2099-01-04T00:00:00Z"}
`
const BINDING = `
apiVersion: portcullis/v1
kind: Binding
name: lab-tests
spec: {pack: tests, stage: [lab], mode: warn, parameters: {maxFailed: 2}}
`
const ISSUER = `
apiVersion: portcullis/v1
kind: Issuer
name: github
spec:
  kind: github
  issuer: https://token.actions.githubusercontent.com
  audiences: [https://gate.example.com]
  rules:
    - {name: cart, claims: {repository_id: "4711"}, principal: cart, roles: [pipeline]}
`

interface Planned {
  action: string
  kind: string
  name: string
  before: object | null
  after: object | null
  guarded: string | false
  drift: { commit: string | null; changedBy: string | null } | null
}
interface Report {
  applied: boolean
  changes: Planned[]
  unchanged: number
  left: { name: string }[]
}

await forEachEngine('Policy as code', (engine) => {
  let service: RunningService
  let admin: Client
  let directory: string

  before(async () => {
    const { databaseUrl } = await engine.place()
    const env =
      databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }
    service = await startService(env)
    admin = service.admin
    await admin.put('/v1/principals/cart', { kind: 'workload' })
  })
  after(() => service[Symbol.asyncDispose]())
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'portcullis-as-code-'))
  })

  function files(contents: Record<string, string>): void {
    for (const [name, text] of Object.entries(contents)) {
      mkdirSync(join(directory, name, '..'), { recursive: true })
      writeFileSync(join(directory, name), text)
    }
  }

  async function run(...args: string[]): Promise<{ code: number; output: string }> {
    const lines: string[] = []
    const env = { PORTCULLIS_URL: service.url, PORTCULLIS_TOKEN: service.adminToken }
    const code = await main([...args, '-f', directory], env, (line) => lines.push(line))
    return { code, output: lines.join('\n') }
  }

  it('shows what it would do, does it, and then has nothing left to do', async () => {
    files({ 'calendar/office.yaml': WINDOW, 'rest.yml': `${FREEZE}---${BINDING}---${ISSUER}`, 'README.md': 'not one of them' })
    const dry = await run('apply', '--dry-run', '--commit', COMMIT)
    equal(dry.code, 0, dry.output)
    match(dry.output, /^create {2}Window\/office$/m)
    match(dry.output, /^ {2}\+ to: "17:00"$/m)
    match(dry.output, /4 changes, 0 as they are; nothing was changed$/)
    equal((await admin.get('/v1/windows/office')).status, 404)
    const applied = await run('apply', '--commit', COMMIT)
    equal(applied.code, 0, applied.output)
    equal((await admin.get('/v1/windows/office')).status, 200)
    equal((await admin.get('/v1/issuers/github')).status, 200)
    match((await run('apply', '--commit', COMMIT)).output, /^0 changes, 4 as they are$/)
  })

  it('names the commit in the entry of every change', async () => {
    const { items } = (await admin.get('/v1/audit/entries?limit=200')).json<{ items: { type: string; body: { commit?: string } }[] }>()
    const ofCommit = items.filter(({ body }) => body.commit === COMMIT).map(({ type }) => type)
    deepEqual(ofCommit.toSorted(), ['binding.changed', 'freeze.changed', 'issuer.changed', 'resources.applied', 'window.changed'])
  })

  it('tells who changed something otherwise since, and makes it as the documents say again', async () => {
    files({ 'office.yaml': WINDOW, 'rest.yaml': `${FREEZE}---${BINDING}---${ISSUER}` })
    const window = { environments: ['production'], zone: 'Europe/Berlin', weekdays: ['mon'], from: '09:00', to: '16:00' }
    equal((await admin.put('/v1/windows/office', window)).status, 200)
    equal((await admin.send('DELETE', '/v1/freezes/year-end')).status, 204)
    const { output } = await run('apply')
    match(output, new RegExp(`^update {2}Window/office {2}\\(drift: changed by admin at .*, since commit ${COMMIT} was applied at `, 'm'))
    match(output, /^ {2}- to: "16:00"\n {2}\+ to: "17:00"$/m)
    match(output, /^create {2}Freeze\/year-end {2}\(drift: removed since/m)
    equal((await admin.get('/v1/windows/office')).json()['to'], '17:00')
  })

  it('leaves what has no document any more until it is told to prune, and never what it did not apply', async () => {
    files({ 'office.yaml': WINDOW, 'rest.yaml': `${BINDING}---${ISSUER}` })
    await admin.put('/v1/freezes/by-hand', { from: '2098-01-01T00:00:00Z', until: '2098-01-02T00:00:00Z' })
    match((await run('apply')).output, /^left {4}Freeze\/year-end /m)
    equal((await admin.get('/v1/freezes/year-end')).status, 200)
    const empty = { resources: [], prune: true }
    deepEqual((await admin.put('/v1/resources/another', empty)).json<Report>().changes, [])
    match((await run('apply', '--prune')).output, /^delete {2}Freeze\/year-end$/m)
    equal((await admin.get('/v1/freezes/year-end')).status, 404)
    equal((await admin.get('/v1/freezes/by-hand')).status, 200)
  })

  it('changes nothing at all if any document is wrong, and names its file and line', async () => {
    files({
      'a.yaml': WINDOW.replace('17:00', '18:00'),
      'b.yaml': `${FREEZE}---${BINDING.replace('lab-tests', 'other').replace('maxFailed: 2', 'maxFailed: -2')}`,
    })
    const { code, output } = await run('apply')
    equal(code, 1)
    match(output, /b\.yaml:7: Binding\/other: .*\(parameters_invalid\)$/m)
    equal((await admin.get('/v1/windows/office')).json()['to'], '17:00')
    equal((await admin.get('/v1/freezes/year-end')).status, 404)
  })

  it('refuses a document twice, an unknown field and a token without the scope', async () => {
    files({ 'a.yaml': WINDOW, 'b.yaml': WINDOW })
    match((await run('apply')).output, /b\.yaml:2: .*resource_repeated/)
    rmSync(join(directory, 'b.yaml'))
    files({ 'a.yaml': WINDOW.replace('zone:', 'zune:') })
    match((await run('apply')).output, /a\.yaml:2: .*(zune|zone).*invalid_body/)
    await admin.put('/v1/principals/policies', { kind: 'workload' })
    const token = await admin.issueToken({ principal: 'policies', description: 'x', roles: ['policy-admin'] })
    const body = {
      resources: [{ apiVersion: 'portcullis/v1', kind: 'Issuer', name: 'x', spec: { kind: 'openid', issuer: 'https://x.example' } }],
    }
    equal((await admin.as(token).put('/v1/resources/default', body)).json()['code'], 'scope_missing')
    const { items } = (await admin.as(token).get('/v1/resources?limit=200')).json<{ items: { kind: string }[] }>()
    ok(items.length > 0 && !items.some(({ kind }) => kind === 'Issuer'))
  })

  it('exports what holds, and to apply that changes nothing', async () => {
    await admin.put('/v1/freezes/holidays', {
      zone: 'UTC',
      ics: 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20990101\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n',
    })
    await admin.put('/v1/windows/night', {
      zone: 'UTC',
      dtstart: '2027-01-05T22:00',
      duration: 'PT4H',
      rrule: 'FREQ=MONTHLY;BYDAY=1TU',
      reason: 'no: yes',
    })
    const written = await run('export')
    equal(written.code, 0, written.output)
    const { output } = await run('apply', '--dry-run')
    match(output, /^0 changes, \d+ as they are; nothing was changed$/m)
  })

  it('takes the commit of the repository only if the files are as committed', async () => {
    files({ 'office.yaml': WINDOW.replace('17:00', '16:30') })
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', directory, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { encoding: 'utf8' }).trim()
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'x')
    await run('apply')
    const { items } = (await admin.get('/v1/resources?kind=Window&limit=200')).json<{
      items: { name: string; commit: string; drifted: boolean }[]
    }>()
    deepEqual(
      items.filter(({ name }) => name === 'office').map(({ commit, drifted }) => [commit, drifted]),
      [[git('rev-parse', 'HEAD'), false]],
    )
    files({ 'office.yaml': WINDOW })
    match((await run('apply')).output, /^no commit is named, since the files differ from/m)
  })

  it('carries out one of two that are sent at once, and the other finds it done', async () => {
    const resources = [
      {
        apiVersion: 'portcullis/v1',
        kind: 'Freeze',
        name: 'at-once',
        spec: { from: '2098-01-01T00:00:00Z', until: '2098-01-02T00:00:00Z' },
      },
    ]
    const replies = await Promise.all(Array.from({ length: 4 }, () => admin.put('/v1/resources/races', { resources })))
    ok(
      replies.every(({ status }) => [200, 409].includes(status)),
      replies.map(({ text }) => text).join('\n'),
    )
    const { items } = (await admin.get('/v1/audit/entries?type=freeze.changed&limit=200')).json<{ items: { body: { freeze: string } }[] }>()
    equal(items.filter(({ body }) => body.freeze === 'at-once').length, 1)
  })
})

describe('Policy as code, where loosening takes two people', () => {
  it('waits as a whole for the second, even if each change alone would not', async () => {
    await using service = await startService({ PORTCULLIS_SECOND_PERSON: 'all' })
    const { admin } = service
    const office = { environments: ['production'], zone: 'UTC', weekdays: ['mon'], from: '09:00', to: '17:00' }
    const document = (name: string): object => ({ apiVersion: 'portcullis/v1', kind: 'Window', name, spec: office })
    await admin.put('/v1/principals/ann', { kind: 'human' })
    await admin.put('/v1/principals/ben', { kind: 'human' })
    const ann = admin.as(await admin.issueToken({ principal: 'ann', description: 'x', roles: ['admin'] }))
    const ben = admin.as(await admin.issueToken({ principal: 'ben', description: 'x', roles: ['admin'] }))
    equal((await ann.put('/v1/resources/default', { resources: [document('one'), document('two')] })).status, 200)
    const dry = (await ann.put('/v1/resources/default', { resources: [], prune: true, dryRun: true })).json<Report>()
    deepEqual(
      dry.changes.map(({ action, guarded }) => [action, guarded]),
      [
        ['delete', false],
        ['delete', false],
      ],
    )
    const reply = await ann.put('/v1/resources/default', { resources: [], prune: true, commit: COMMIT })
    equal(reply.status, 202, reply.text)
    const { id } = reply.json<{ id: string }>()
    equal((await admin.get('/v1/windows/one')).status, 200)
    const approved = await ben.post(`/v1/changes/${id}/approve`, {})
    equal(approved.status, 200, approved.text)
    equal((await admin.get('/v1/windows/one')).status, 404)
    equal((await admin.get('/v1/windows/two')).status, 404)
  })

  it('is outdated once anything that it is about is changed otherwise', async () => {
    await using service = await startService({ PORTCULLIS_SECOND_PERSON: 'all' })
    const { admin } = service
    await admin.put('/v1/principals/ann', { kind: 'human' })
    await admin.put('/v1/principals/ben', { kind: 'human' })
    const ann = admin.as(await admin.issueToken({ principal: 'ann', description: 'x', roles: ['admin'] }))
    const ben = admin.as(await admin.issueToken({ principal: 'ben', description: 'x', roles: ['admin'] }))
    const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString()
    const span = { from: inDays(1), until: inDays(3) }
    const document = { apiVersion: 'portcullis/v1', kind: 'Freeze', name: 'span', spec: { ...span, until: inDays(2) } }
    equal((await ann.put('/v1/freezes/span', span)).status, 201)
    const { id } = (await ann.put('/v1/resources/default', { resources: [document] })).json<{ id: string }>()
    equal((await ann.put('/v1/freezes/span', { ...span, until: inDays(400) })).status, 200)
    const approval = await ben.post(`/v1/changes/${id}/approve`, {})
    equal(approval.json()['code'], 'change_outdated', approval.text)
    ok(String((await admin.get('/v1/freezes/span')).json()['until']) > inDays(300))
  })
})

describe('A mounted directory', () => {
  it('is applied at each start, and what has no document any more goes', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'portcullis-mounted-'))
    const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-mounted-data-'))
    const env = {
      PORTCULLIS_APPLY_DIR: directory,
      PORTCULLIS_APPLY_COMMIT: COMMIT,
      PORTCULLIS_DATA_DIR: dataDir,
      PORTCULLIS_SECOND_PERSON: 'all',
    }
    writeFileSync(join(directory, 'a.yaml'), `${WINDOW}---${FREEZE}`)
    {
      await using service = await startService(env)
      const { items } = (await service.admin.get('/v1/resources?kind=Freeze')).json<{ items: object[] }>()
      equal(items.length, 1)
      deepEqual(
        items.map((item) => ({ ...item, spec: 0, updatedAt: 0 })),
        [
          {
            apiVersion: 'portcullis/v1',
            kind: 'Freeze',
            name: 'year-end',
            spec: 0,
            set: 'mounted',
            commit: COMMIT,
            drifted: false,
            updatedAt: 0,
            updatedBy: 'system',
          },
        ],
      )
    }
    writeFileSync(join(directory, 'a.yaml'), WINDOW)
    await using service = await startService(env)
    equal((await service.admin.get('/v1/freezes/year-end')).status, 404)
    equal((await service.admin.get('/v1/windows/office')).status, 200)
  })

  it('keeps the service from starting if any of it is wrong, naming file and line', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'portcullis-mounted-'))
    writeFileSync(join(directory, 'a.yaml'), `${FREEZE}---${WINDOW.replace('Europe/Berlin', 'Mars/Base')}`)
    const started = await startService({ PORTCULLIS_APPLY_DIR: directory }).then(
      async (service) => {
        await service[Symbol.asyncDispose]()
        return 'started'
      },
      (error: unknown) => String(error),
    )
    match(started, /a\.yaml:7: Window\/office: .*Mars\/Base/)
  })
})

describe('docs/as-code.md', () => {
  it('does what it says', async () => {
    await using service = await startService({})
    const page = readFileSync('docs/as-code.md', 'utf8')
    const [apply = '', request = '', back = ''] = shellBlocks(page)
    const directory = mkdtempSync(join(tmpdir(), 'portcullis-page-'))
    const run = async (script: string): Promise<string> => {
      const here = script.replaceAll(' gate', ` ${directory}/gate`).replaceAll(' exported', ` ${directory}/exported`)
      const { status, stdout, stderr } = await runShell(`set -e\nURL=${service.url} TOKEN=${service.adminToken}\n${here}`, process.cwd())
      equal(status, 0, stdout + stderr)
      return stdout
    }
    const applied = await run(apply)
    match(applied, /^create {2}Window\/office$[^]*^2 changes, 0 as they are; nothing was changed$[^]*^2 changes, 0 as they are$/m)
    const plan = JSON.parse(await run(request)) as Report
    deepEqual(
      plan.changes.map((change) => [change.before, change.after]),
      [[{ mode: 'warn' }, { mode: 'enforce' }]],
    )
    const environment = 'export PORTCULLIS_URL=$URL PORTCULLIS_TOKEN=$TOKEN\n'
    match(await run(environment + back), /^0 changes, \d+ as they are; nothing was changed$/m)
  })
})
