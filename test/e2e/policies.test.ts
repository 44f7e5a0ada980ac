import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import { denyingRules, type Client, type DecisionBody, type Reply } from '../support/client.ts'
import { uploadPolicy, versionOf } from '../support/policy-upload.ts'
import { startProcess } from '../support/process.ts'
import { randomDigest } from '../storage/samples.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine, postgres } from '../support/storage.ts'
import { requireTool } from '../support/tools.ts'

const opa = requireTool('opa')
const TOKEN = 'a-token-of-the-tests-that-is-long-enough'

/** Denies everything at the stage `house`, in these words. */
function denies(sentence: string): Record<string, string> {
  return {
    'house.rego': `package house\n\ndeny contains "${sentence}" if input.stage == "house"\n`,
    'house_test.rego': 'package house_test\n\nimport data.house\n\ntest_house if count(house.deny) == 1 with input as {"stage": "house"}\n',
  }
}

/** Somebody who may do everything. */
async function hire(by: Client, name: string): Promise<Client> {
  ok((await by.put(`/v1/principals/${name}`, { kind: 'human' })).status < 300)
  return by.as(await by.issueToken({ principal: name, description: 'x', roles: ['admin'] }))
}

function activate(client: Client, version: string, reason = 'Because.'): Promise<Reply> {
  return client.post(`/v1/policies/house/versions/${version}/activate`, { reason })
}

async function bind(client: Client, over: object = {}): Promise<void> {
  const reply = await client.put('/v1/bindings/house', { pack: 'house', stage: ['house'], ...over })
  ok(reply.status < 300, reply.text)
}

/** What a decision at the stage `house` is denied for. */
async function words(client: Client): Promise<string[]> {
  const decision = await client.decide({ subject: randomDigest(), stage: 'house', dryRun: true })
  return decision.violations.filter(({ rule }) => rule.startsWith('house.')).map(({ message }) => message)
}

async function entries(client: Client, type: string): Promise<Record<string, unknown>[]> {
  return (await client.get(`/v1/audit/entries?type=${type}&limit=200`))
    .json<{ items: { body: Record<string, unknown> }[] }>()
    .items.map(({ body }) => body)
}

await forEachEngine('A policy of somebody’s own', (engine) => {
  let service: RunningService
  let admin: Client
  before(async () => {
    const { databaseUrl } = await engine.place()
    service = await startService(
      databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) },
    )
    admin = service.admin
  })
  after(() => service[Symbol.asyncDispose]())

  it('is uploaded, shadowed, enforced, replaced and rolled back, each step in the log', { skip: opa.skip }, async () => {
    const first = await uploadPolicy(admin, '/v1/policies/house', denies('one'))
    equal(first.status, 201, first.text)
    const one = versionOf(first)
    equal(first.headers.get('location'), `/v1/policies/house/versions/${one}`)
    deepEqual(
      [first.json()['active'], first.json()['origin'], (await uploadPolicy(admin, '/v1/policies/house', denies('one'))).status],
      [true, 'custom', 200],
    )
    await bind(admin, { mode: 'shadow' })
    deepEqual(await words(admin), [])
    await bind(admin)
    deepEqual(await words(admin), ['one'])

    const second = await uploadPolicy(admin, '/v1/policies/house/versions', denies('two'), 'POST')
    const two = versionOf(second)
    equal(second.json()['active'], false)
    deepEqual(await words(admin), ['one'])
    deepEqual((await activate(admin, two)).json(), { name: 'house', latest: two, previous: one, moved: true })
    deepEqual(await words(admin), ['two'])
    equal((await activate(admin, one, 'It burns.')).status, 200)
    deepEqual(await words(admin), ['one'])

    const policy = (await admin.get('/v1/policies/house')).json<{ latest: string; versions: { digest: string; active: boolean }[] }>()
    deepEqual(
      policy.versions.map(({ digest, active }) => [digest, active]),
      [
        [two, false],
        [one, true],
      ],
    )
    deepEqual(
      (await entries(admin, 'policy.published')).filter(({ pack }) => pack === 'house').map(({ version }) => version),
      [one, two],
    )
    deepEqual(
      (await entries(admin, 'policy.activated')).filter(({ pack }) => pack === 'house').map(({ from, to }) => [from, to]),
      [
        [null, one],
        [one, two],
        [two, one],
      ],
    )
  })

  it('runs the version that a binding pins, whatever latest is', { skip: opa.skip }, async () => {
    const one = versionOf(await uploadPolicy(admin, '/v1/policies/house', denies('one')))
    await bind(admin, { version: one })
    versionOf(await uploadPolicy(admin, '/v1/policies/house', denies('three')))
    deepEqual(await words(admin), ['one'])
    await bind(admin)
    deepEqual(await words(admin), ['three'])
    const unknown = await admin.put('/v1/bindings/house', { pack: 'house', version: `sha256:${'0'.repeat(64)}` })
    deepEqual([unknown.status, unknown.json()['code']], [422, 'policy_version_not_found'])
  })

  it('gives the same version again when what it was made from is downloaded and sent back', { skip: opa.skip }, async () => {
    const one = versionOf(await uploadPolicy(admin, '/v1/policies/house/versions', denies('one'), 'POST'))
    const token = { authorization: `Bearer ${service.adminToken}` }
    const bundle = await fetch(`${service.url}/v1/policies/house/versions/${one}/bundle`, { headers: token })
    equal(bundle.headers.get('content-type'), 'application/gzip')
    const again = await admin.send('POST', '/v1/policies/house/versions', new Uint8Array(await bundle.arrayBuffer()))
    deepEqual([again.status, versionOf(again)], [200, one])
  })

  it('shows to a confined token only with a binding that it sees', { skip: opa.skip }, async () => {
    const one = versionOf(await uploadPolicy(admin, '/v1/policies/house', denies('one')))
    const confinement = { repositories: ['github.com/acme/cart'] }
    const token = await admin.issueToken({ principal: 'admin', description: 'x', roles: ['auditor'], confinement })
    const confined = admin.as(token)
    const paths = ['', '/versions', `/versions/${one}`, `/versions/${one}/bundle`].map((path) => `/v1/policies/house${path}`)
    const seen = async () => {
      const listed = (await confined.get('/v1/policies')).json<{ items: { name: string }[] }>().items.some(({ name }) => name === 'house')
      return [listed, ...(await Promise.all(paths.map(async (path) => (await confined.get(path)).status)))]
    }
    await bind(admin, { repository: ['github.com/acme/shop'] })
    deepEqual(await seen(), [false, 404, 404, 404, 404])
    await bind(admin, { repository: ['github.com/acme/*'] })
    deepEqual(await seen(), [true, 200, 200, 200, 200])
    await bind(admin)
  })

  it('is deleted only when no binding names it', { skip: opa.skip }, async () => {
    versionOf(await uploadPolicy(admin, '/v1/policies/house', denies('one')))
    await bind(admin, { mode: 'shadow' })
    const used = await admin.send('DELETE', '/v1/policies/house')
    deepEqual([used.status, used.json()['code']], [409, 'policy_in_use'])
    equal((await admin.send('DELETE', '/v1/bindings/house')).status, 204)
    equal((await admin.send('DELETE', '/v1/policies/house')).status, 204)
    equal((await admin.get('/v1/policies/house')).status, 404)
  })

  it('is refused with everything that is wrong with it, by file and line, and keeps nothing', { skip: opa.skip }, async () => {
    const reply = await uploadPolicy(admin, '/v1/policies/reach', {
      'lib/net.rego': 'package reach\n\nanswer := http.send({"method": "get", "url": "http://127.0.0.1/"})\n',
      'main.rego': 'package reach\n\ndeny contains "late" if time.now_ns() > 0\n',
    })
    deepEqual([reply.status, reply.json()['code']], [422, 'policy_refused'], reply.text)
    const { findings } = reply.json<{ findings: { code: string; file: string; line: number; message: string }[] }>()
    const banned = findings.filter(({ code }) => code === 'builtin_banned')
    deepEqual(
      banned.map(({ file, line }) => [file, line]),
      [
        ['lib/net.rego', 3],
        ['main.rego', 3],
      ],
    )
    match(banned.map(({ message }) => message).join(' '), /http\.send.*time\.now_ns/s)
    equal((await admin.get('/v1/policies/reach')).status, 404)
  })

  it('is no policy that Portcullis ships, and has a name that rules can begin with', async () => {
    const taken = await uploadPolicy(admin, '/v1/policies/tests', denies('one'))
    deepEqual([taken.status, taken.json()['code']], [409, 'policy_name_taken'])
    for (const name of ['gate', 'a.b', '1st', 'two--dashes']) {
      equal((await uploadPolicy(admin, `/v1/policies/${name}`, denies('one'))).json()['code'], 'policy_name_malformed', name)
    }
  })

  it('is activated by two people at once: one chain of moves, and both replies are true', { skip: opa.skip }, async () => {
    const [a, b] = [
      versionOf(await uploadPolicy(admin, '/v1/policies/pair/versions', denies('a'), 'POST')),
      versionOf(await uploadPolicy(admin, '/v1/policies/pair/versions', denies('b'), 'POST')),
    ]
    const move = (version: string) => admin.post(`/v1/policies/pair/versions/${version}/activate`, {})
    const replies = await Promise.all(Array.from({ length: 10 }, (_, n) => move(n % 2 === 0 ? a : b)))
    ok(replies.every(({ status }) => status === 200 || status === 409))
    const moves = (await entries(admin, 'policy.activated')).filter(({ pack }) => pack === 'pair')
    equal(moves.length, replies.filter((reply) => reply.status === 200 && reply.json()['moved'] === true).length)
    moves.forEach(({ from }, at) => equal(from, at === 0 ? null : moves[at - 1]?.['to']))
    equal((await admin.get('/v1/policies/pair')).json()['latest'], moves.at(-1)?.['to'])
  })
})

describe('A policy that goes wrong', { skip: opa.skip }, () => {
  let service: RunningService
  before(async () => {
    service = await startService()
    const upload = async (name: string, body: string): Promise<void> => {
      versionOf(await uploadPolicy(service.admin, `/v1/policies/${name}`, { 'main.rego': `package ${name}\n\n${body}` }))
      equal((await service.admin.put(`/v1/bindings/${name}`, { pack: name, stage: [name] })).status, 201)
    }
    await upload(
      'looping',
      'deny contains "many" if {\n\tinput.context.loop == "yes"\n\tr := numbers.range(1, 20000)\n\tcount([1 | some a in r; some b in r; a * b == 7]) > 3\n}\n',
    )
    await upload(
      'torn',
      'side := "left" if input.context.torn == "yes"\n\nside := "right" if input.context.torn == "yes"\n\ndeny contains side if input.stage == "torn"\n',
    )
  })
  after(() => service[Symbol.asyncDispose]())

  const ask = (stage: string, context: object): Promise<DecisionBody> =>
    service.admin.decide({ subject: randomDigest(), stage, context, dryRun: true })
  const own = (decision: DecisionBody): string[] => denyingRules(decision).filter((rule) => rule.startsWith('gate.'))

  it('by looping denies at the deadline, and the service stays up', async () => {
    deepEqual(own(await ask('looping', {})), [])
    const started = performance.now()
    const [looped, beside] = await Promise.all([ask('looping', { loop: 'yes' }), ask('torn', {})])
    deepEqual([own(looped), looped.verdict], [['gate.policy_timeout'], 'deny'])
    ok(performance.now() - started < 20_000)
    deepEqual(own(beside), [])
    deepEqual(own(await ask('looping', {})), [])
    equal((await service.admin.get('/readyz')).status, 200)
  })

  it('by contradicting itself 1,000 times leaves the next question alone', async () => {
    for (let round = 0; round < 20; round++) {
      const torn = await Promise.all(Array.from({ length: 50 }, () => ask('torn', { torn: 'yes' })))
      ok(torn.every((decision) => decision.verdict === 'deny' && own(decision).join() === 'gate.policy_error'))
    }
    deepEqual(own(await ask('torn', {})), [])
  })
})

describe('Where two people are wanted', { skip: opa.skip }, () => {
  it('one of them uploads and the other lets bindings run it; the version is kept meanwhile', async () => {
    await using service = await startService({ PORTCULLIS_SECOND_PERSON: 'all' })
    const [ann, ben] = [await hire(service.admin, 'ann'), await hire(service.admin, 'ben')]
    const one = versionOf(await uploadPolicy(ann, '/v1/policies/house', denies('one')))
    await bind(ann)
    const reply = await uploadPolicy(ann, '/v1/policies/house', denies('two'))
    equal(reply.status, 202, reply.text)
    const change = reply.json<{ id: string; kind: string; before: object; after: { latest: string } }>()
    deepEqual([change.kind, change.before], ['policy.activate', { latest: one }])
    deepEqual(await words(ann), ['one'])
    equal((await ann.get(`/v1/policies/house/versions/${change.after.latest}`)).json()['active'], false)
    equal((await ann.post(`/v1/changes/${change.id}/approve`, {})).json()['code'], 'own_change')
    equal((await ben.post(`/v1/changes/${change.id}/approve`, {})).status, 200)
    deepEqual(await words(ann), ['two'])
    equal((await activate(ann, one)).status, 202)
    equal((await activate(ann, change.after.latest)).json()['moved'], false)
  })
})

describe('Where policies have to be signed', { skip: opa.skip }, () => {
  it('one without a signature is refused, and one that is signed is taken', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await using service = await startService({ PORTCULLIS_POLICY_KEYS: publicKey.export({ type: 'spki', format: 'pem' }) })
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-signed-'))
    try {
      const files = denies('one')
      for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text)
      const key = join(service.dataDir, 'signing.pem')
      writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }))
      const options = ['sign', '--signing-key', key, '--signing-alg', 'ES256', '--bundle', '.']
      execFileSync(opa.path ?? '', options, { cwd: folder })
      const unsigned = await uploadPolicy(service.admin, '/v1/policies/house', files)
      deepEqual([unsigned.status, unsigned.json()['code']], [422, 'bundle_unsigned'])
      const signatures = { '.signatures.json': readFileSync(join(folder, '.signatures.json'), 'utf8') }
      const other = await uploadPolicy(service.admin, '/v1/policies/house', { ...denies('two'), ...signatures })
      deepEqual([other.status, other.json()['code']], [422, 'bundle_signature_invalid'])
      equal((await uploadPolicy(service.admin, '/v1/policies/house', { ...files, ...signatures })).status, 201)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('Two processes that share a database', { skip: opa.skip }, () => {
  it('decide by what the other uploaded and activated, from the next question on', async (context) => {
    const { server, skip } = await postgres()
    if (!server) return context.skip(skip)
    const databaseUrl = await server.createDatabase()
    const log = { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }
    const shared = { ...log, PORTCULLIS_ADMIN_TOKEN: TOKEN }
    await using one = await startService(shared)
    await using other = await startProcess({ ...shared, PORTCULLIS_DATA_DIR: one.dataDir })
    const [here, there] = [one.admin.as(TOKEN), other.client(TOKEN)]
    const first = versionOf(await uploadPolicy(here, '/v1/policies/house', denies('one')))
    await bind(there)
    deepEqual([await words(here), await words(there)], [['one'], ['one']])
    for (let round = 0; round < 5; round++) {
      const next = versionOf(await uploadPolicy(there, '/v1/policies/house', denies(`round ${round}`)))
      deepEqual(await words(here), [`round ${round}`])
      equal((await activate(here, first)).status, 200)
      deepEqual(await words(there), ['one'])
      const replies = await Promise.all([activate(here, next), activate(there, next)])
      equal(replies.filter((reply) => reply.json()['moved'] === true).length, 1)
      deepEqual([await words(here), await words(there)], [[`round ${round}`], [`round ${round}`]])
    }
  })
})

describe('A process that is killed', { skip: opa.skip }, () => {
  it('between upload and activation keeps the version, and runs what was active', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-killed-'))
    const env = { PORTCULLIS_DATA_DIR: dataDir, PORTCULLIS_ADMIN_TOKEN: TOKEN }
    try {
      let [one, two] = ['', '']
      {
        await using process = await startProcess(env)
        const client = process.client(TOKEN)
        one = versionOf(await uploadPolicy(client, '/v1/policies/house', denies('one')))
        await bind(client)
        two = versionOf(await uploadPolicy(client, '/v1/policies/house/versions', denies('two'), 'POST'))
        await process.end('SIGKILL')
      }
      await using process = await startProcess(env)
      const client = process.client(TOKEN)
      deepEqual(await words(client), ['one'])
      equal((await client.get('/v1/policies/house')).json()['latest'], one)
      equal((await activate(client, two)).status, 200)
      deepEqual(await words(client), ['two'])
    } finally {
      rmSync(dataDir, { recursive: true, force: true })
    }
  })
})
