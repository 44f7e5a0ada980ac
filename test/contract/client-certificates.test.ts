import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'

import { pino } from 'pino'

import { readConfig } from '../../src/config/config.ts'
import { createService, type Service } from '../../src/service.ts'
import { ANY_USAGE, CertificateAuthority, SERVER_AUTH, type CertificateFacts, type Issued } from '../support/certificate-authority.ts'
import { selfSigned } from './support/self-signed.ts'

const ADMIN = 'an-admin-token-of-more-than-32-characters'
const DAY_MS = 24 * 3_600_000

const API = CertificateAuthority.root('API clients')
const CLUSTERS = CertificateAuthority.root('Clusters')
const IMPOSTOR = CertificateAuthority.root('API clients')
/** What a client may show so that the rules of this test know it. */
const DEPLOYER: CertificateFacts = {
  subject: [
    ['CN', 'deployer'],
    ['O', 'acme'],
  ],
}
const CLUSTER: CertificateFacts = { subject: [['CN', 'eu-1']] }

const RULES = [
  {
    name: 'deployer',
    claims: { subject_cn: 'deployer', subject_o: 'acme' },
    principal: 'deployer',
    roles: ['pipeline'],
    confinement: {},
  },
  { name: 'spiffe', patterns: { san_uri: 'spiffe://acme.example/ns/ci/**' }, principal: 'other', roles: ['auditor'], confinement: {} },
]

let directory: string
let service: Service
let url: string
let clock: { at: number; now: () => number }
const lines: string[] = []

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'portcullis-mtls-'))
  clock = { at: Date.now(), now: () => clock.at }
  const { cert, key } = selfSigned()
  const env = {
    PORTCULLIS_PORT: '0',
    PORTCULLIS_DATA_DIR: join(directory, 'data'),
    PORTCULLIS_ADMIN_TOKEN: ADMIN,
    PORTCULLIS_TLS_CERT_FILE: put('tls.crt', cert),
    PORTCULLIS_TLS_KEY_FILE: put('tls.key', key),
    PORTCULLIS_CLIENT_CA_FILE: put('api.crt', API.cert),
    PORTCULLIS_ADMISSION_CLIENT_CA_FILE: put('clusters.crt', CLUSTERS.cert),
  }
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  service = await createService(
    readConfig(env, () => ''),
    { logger, clock },
  )
  url = (await service.listen()).url
  for (const name of ['deployer', 'cluster', 'other'])
    equal((await admin('PUT', `/v1/principals/${name}`, { kind: 'workload' })).status, 201)
  const made = await admin('PUT', '/v1/issuers/mtls', { kind: 'certificate', issuer: 'certificate:api', rules: RULES })
  equal(made.status, 201, made.text)
  const clusters = [{ name: 'any', patterns: { subject_cn: 'eu-*' }, principal: 'cluster', roles: ['admission'], confinement: {} }]
  const reply = await admin('PUT', '/v1/issuers/clusters', {
    kind: 'certificate',
    issuer: 'certificate:admission',
    rules: clusters,
  })
  equal(reply.status, 201, reply.text)
})
after(async () => {
  await service[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

describe('A client with a certificate', () => {
  it('is whom the rules make of it, with their rights', async () => {
    const { status, body } = await whoami(API.issue(DEPLOYER))
    equal(status, 200)
    deepEqual(
      [body['principal'], body['credential'], body['roles'], body['person']].map(
        (each) => (each as { name?: string } | null)?.name ?? each,
      ),
      ['deployer', { kind: 'certificate', id: 'mtls/deployer' }, ['pipeline'], null],
    )
    deepEqual(body['identity'], { issuer: 'mtls', kind: 'certificate', subject: 'deployer', facts: {} })
  })

  it('may be called by its URI, and come by an authority between, if it sends that one too', async () => {
    const between = API.intermediate('Between')
    const own = between.issue({ alternativeNames: [{ type: 'uri', value: 'spiffe://acme.example/ns/ci/sa/build' }] })
    const { status, body } = await whoami({ ...own, cert: own.cert + between.cert })
    deepEqual([status, (body['identity'] as { subject: string }).subject], [200, 'spiffe://acme.example/ns/ci/sa/build'])
    await refused(own)
  })

  it('needs none: a token alone is as good as ever, and a token beside a certificate is what counts', async () => {
    equal((await ask({ headers: bearer(ADMIN) })).status, 200)
    const { status, body } = await whoami(API.issue(DEPLOYER), bearer(ADMIN))
    deepEqual([status, (body['credential'] as { kind: string }).kind], [200, 'token'])
    equal((await whoami(API.issue(DEPLOYER), bearer('wrong'))).status, 401)
    equal((await whoami(API.issue(DEPLOYER), { authorization: 'Digest x' })).status, 401)
    equal((await whoami(IMPOSTOR.issue(DEPLOYER), bearer(ADMIN))).status, 200)
    equal((await ask({ path: '/healthz', client: IMPOSTOR.issue(DEPLOYER) })).status, 200)
  })

  it('is nobody if no rule knows it', async () => {
    const { status, body } = await whoami(API.issue({ subject: [['CN', 'stranger']] }))
    deepEqual([status, body['code']], [403, 'identity_unknown'])
    match(String(body['detail']), /certificate is genuine/)
  })

  it('is shut out by a rule for its fingerprint alone, before the others, whose principal is disabled', async () => {
    const [lost, other] = [API.issue(DEPLOYER), API.issue(DEPLOYER)]
    equal((await whoami(lost)).status, 200)
    const claims = { fingerprint: new X509Certificate(lost.cert).fingerprint256.replaceAll(':', '').toLowerCase() }
    const rules = [{ name: 'lost', claims, principal: 'nobody', roles: ['pipeline'], confinement: {} }, ...RULES]
    equal((await admin('PUT', '/v1/principals/nobody', { kind: 'workload' })).status, 201)
    equal((await admin('PUT', '/v1/issuers/mtls', { kind: 'certificate', issuer: 'certificate:api', rules })).status, 200)
    equal((await admin('PUT', '/v1/principals/nobody', { kind: 'workload', disabled: true })).status, 200)
    equal((await whoami(lost)).body['code'], 'identity_refused')
    equal((await whoami(other)).status, 200)
  })

  it('is a workload with the rights of its rule and no others', async () => {
    equal((await ask({ path: '/v1/tokens', client: API.issue(DEPLOYER) })).body['code'], 'scope_missing')
    equal((await ask({ path: '/v1/decisions', client: API.issue(DEPLOYER) })).status, 200)
  })
})

describe('A browser with a certificate', () => {
  it('sends what changes something only from a page of this service, as other sites can make it send anything', async () => {
    const client = API.issue(DEPLOYER)
    const post = (headers: Record<string, string>): Promise<Answer> =>
      ask({
        method: 'POST',
        path: '/v1/decisions',
        client,
        headers,
        send: { subject: `sha256:${'4b'.repeat(32)}`, stage: 'test', dryRun: true },
      })
    equal((await post({})).status, 200)
    const other = { origin: 'https://evil.example.com' }
    for (const headers of [
      other,
      { ...other, 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ])
      equal((await post(headers)).body['code'], 'cross_site', JSON.stringify(headers))
    equal((await post({ origin: url, 'sec-fetch-site': 'same-origin' })).status, 200)
    equal((await post({ origin: url })).status, 200)
    equal((await post({ ...other, ...bearer(ADMIN) })).status, 200)
  })
})

describe('A token that is issued for a certificate', () => {
  it('is shown once: a repeat has no secret that could open it', async () => {
    const rules = [{ name: 'issuer', claims: { subject_cn: 'issuer' }, principal: 'other', roles: ['admin'], confinement: {} }]
    const issuer = { kind: 'certificate', issuer: 'certificate:api', rules: [...RULES, ...rules] }
    equal((await admin('PUT', '/v1/issuers/mtls', issuer)).status, 200)
    const client = API.issue({ subject: [['CN', 'issuer']] })
    const asked: Asked = {
      ...{ method: 'POST', path: '/v1/tokens', client, headers: { 'idempotency-key': 'k-1' } },
      send: { principal: 'other', description: 'x', roles: ['pipeline'] },
    }
    equal((await ask(asked)).status, 201)
    equal((await ask(asked)).body['code'], 'idempotency_key_reused')
  })
})

describe('A certificate is refused', () => {
  it('of another authority, also of one that has the same name, and of none', async () => {
    await refused(IMPOSTOR.issue(DEPLOYER))
    const own = IMPOSTOR.issue(DEPLOYER)
    await refused({ ...own, cert: own.cert + IMPOSTOR.cert })
    await refused({ ...own, cert: own.cert + API.cert })
    await refused(API.forge(DEPLOYER))
    await refused(CertificateAuthority.root('deployer', { ...DEPLOYER, ca: undefined, keyUsage: [0] }))
  })

  it('that has expired, or is not valid yet', async () => {
    await refused(API.issue({ ...DEPLOYER, notAfter: Date.now() - 1000 }))
    await refused(API.issue({ ...DEPLOYER, notBefore: Date.now() + DAY_MS, notAfter: Date.now() + 2 * DAY_MS }))
    const expired = API.intermediate('Expired', { notAfter: Date.now() - 1000 })
    const own = expired.issue(DEPLOYER)
    await refused({ ...own, cert: own.cert + expired.cert })
  })

  it('that is not meant for clients', async () => {
    await refused(API.issue({ ...DEPLOYER, extendedKeyUsage: [SERVER_AUTH] }))
    await refused(API.issue({ ...DEPLOYER, extendedKeyUsage: [] }))
    await refused(API.issue({ ...DEPLOYER, extendedKeyUsage: [ANY_USAGE] }))
    await refused(API)
  })

  it('that somebody issued who may issue none, or none so deep', async () => {
    const own = API.issue(DEPLOYER)
    const pretender = API.intermediate('Pretender', { ca: undefined, keyUsage: [0] })
    const issued = pretender.issue(DEPLOYER)
    await refused({ ...issued, cert: issued.cert + pretender.cert })
    const flat = API.intermediate('Flat', { ca: { pathLength: 0 } })
    const deeper = flat.intermediate('Deeper')
    const deep = deeper.issue(DEPLOYER)
    await refused({ ...deep, cert: deep.cert + deeper.cert + flat.cert })
    equal((await whoami(own)).status, 200)
  })

  it('whose text in a header is all there is', async () => {
    const { cert } = API.issue(DEPLOYER)
    const value = encodeURIComponent(cert)
    for (const name of [
      'x-forwarded-client-cert',
      'x-client-cert',
      'ssl-client-cert',
      'x-ssl-client-cert',
      'client-cert',
      'x-amzn-mtls-clientcert',
    ])
      equal((await ask({ headers: { [name]: name === 'x-forwarded-client-cert' ? `Cert="${value}"` : value } })).status, 401, name)
  })

  it('with an entry that says so and quotes nothing of it', async () => {
    await refused(IMPOSTOR.issue({ subject: [['CN', 'a-name-nobody-else-has']] }))
    await service.refusals.flush()
    const entries = await admin('GET', '/v1/audit/entries?type=login.refused')
    ok(entries.text.includes('certificate_refused'))
    ok(!entries.text.includes('a-name-nobody-else-has'))
    ok(!lines.join('').includes('a-name-nobody-else-has'))
  })
})

describe('Purposes of certificates', () => {
  it('are kept apart: one of a cluster gets nothing of the API, and one of the API nothing of a cluster', async () => {
    const { body } = await whoami(CLUSTERS.issue(CLUSTER))
    deepEqual(body['scopes'], ['admission:review', 'inventory:report'])
    for (const path of ['/v1/decisions', '/v1/evidence', '/v1/tokens', '/metrics', '/v1/bindings'])
      equal((await ask({ path, client: CLUSTERS.issue(CLUSTER) })).body['code'], 'scope_missing', path)
    equal((await whoami(CLUSTERS.issue(DEPLOYER))).status, 403)
    equal((await whoami(API.issue(CLUSTER))).status, 403)
  })

  it('are not mixed up by what else is sent along', async () => {
    const own = CLUSTERS.issue(DEPLOYER)
    equal((await whoami({ ...own, cert: own.cert + API.cert })).status, 403)
    const crossed = CLUSTERS.intermediate('Crossed')
    const either = crossed.issue(DEPLOYER)
    await refused({ ...either, cert: either.cert + crossed.crossSignedBy(IMPOSTOR) })
  })

  it('are not served by one authority', async () => {
    const both = {
      PORTCULLIS_CLIENT_CA_FILE: put('both.crt', CLUSTERS.cert + API.cert),
      PORTCULLIS_ADMISSION_CLIENT_CA_FILE: put('c.crt', CLUSTERS.cert),
    }
    await rejects(start(both), { code: 'certificate_unusable', message: /same authority/ })
  })
})

describe('A connection', () => {
  it('has one client: what the next one shows is judged by itself', async () => {
    clock.at += 180_000
    const clients = [API.issue(DEPLOYER), CLUSTERS.issue(CLUSTER), undefined, IMPOSTOR.issue(DEPLOYER)]
    const replies = await Promise.all(Array.from({ length: 24 }, (_, i) => ask({ client: clients[i % 4] })))
    deepEqual(
      replies.map(({ status, body }) => (body['principal'] as { name: string } | undefined)?.name ?? status),
      Array.from({ length: 24 }, (_, i) => ['deployer', 'cluster', 401, 401][i % 4]),
    )
  })

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`begins anew each time with ${version}: no session is resumed under an identity that nobody proved again`, async () => {
      const client = API.issue(DEPLOYER)
      const options = { cert: client.cert, key: client.key, minVersion: version, maxVersion: version }
      let session: Buffer | undefined
      const first = await open(options)
      first.on('session', (ticket: Buffer) => (session = ticket))
      match(await get(first, '/v1/whoami'), /"deployer"/)
      session ??= first.getSession()
      first.destroy()
      const again = await open({ ...options, ...(session && { session }) })
      equal(again.isSessionReused(), false)
      match(await get(again, '/v1/whoami'), /"deployer"/)
      again.destroy()
      const without = await open({ minVersion: version, maxVersion: version, ...(session && { session }) })
      equal(without.isSessionReused(), false)
      match(await get(without, '/v1/whoami'), /^HTTP\/1\.1 401/)
      without.destroy()
    })
  }

  it('that stays open is let in no longer when its certificate has expired', async () => {
    const client = API.issue({ ...DEPLOYER, notAfter: Date.now() + 3_600_000 })
    const socket = await open(client)
    match(await get(socket, '/v1/whoami'), /^HTTP\/1\.1 200/)
    clock.at += 2 * 3_600_000
    match(await get(socket, '/v1/whoami'), /^HTTP\/1\.1 401/)
    clock.at -= 2 * 3_600_000
    socket.destroy()
  })

  it('that stays open is let in no longer when its authority is gone, and others come in at once', async () => {
    const socket = await open(API.issue(DEPLOYER))
    match(await get(socket, '/v1/whoami'), /^HTTP\/1\.1 200/)
    const root = CertificateAuthority.root('Next')
    const next = root.intermediate('Part of it')
    put('api.crt', next.cert + root.cert)
    service.reloadCertificate()
    match(await get(socket, '/v1/whoami'), /certificate_refused/)
    await refused(API.issue(DEPLOYER))
    await refused(root.issue(DEPLOYER))
    equal((await whoami(next.issue(DEPLOYER))).status, 200)
    equal((await whoami(CLUSTERS.issue(CLUSTER))).status, 200)
    put('api.crt', API.cert)
    service.reloadCertificate()
    match(await get(socket, '/v1/whoami'), /^HTTP\/1\.1 200/)
    socket.destroy()
  })

  it('keeps the authorities of before while their file does not work, and says so', async () => {
    for (const text of ['', 'nonsense', API.issue().cert, CLUSTERS.cert]) {
      put('api.crt', text)
      lines.length = 0
      service.reloadCertificate()
      match(lines.join(''), /the old ones stay in use/)
      equal((await whoami(API.issue(DEPLOYER))).status, 200)
    }
    put('api.crt', API.cert)
    service.reloadCertificate()
  })

  it('of a trusted proxy shows the certificate of the proxy, which speaks for nobody else', async () => {
    await using proxied = await start({ PORTCULLIS_TRUSTED_PROXIES: 'loopback' })
    const at = (await proxied.listen()).url
    equal((await ask({ at, client: API.issue(DEPLOYER) })).status, 401)
    equal((await ask({ at, client: API.issue(DEPLOYER), headers: bearer(ADMIN) })).status, 200)
  })
})

describe('Failing certificates', () => {
  it('are damped like failing tokens, while those that were good before still come in', async () => {
    const good = API.issue(DEPLOYER)
    clock.at += 180_000
    equal((await whoami(good)).status, 200)
    const codes: unknown[] = []
    for (let i = 0; i < 60; i++) codes.push((await whoami(IMPOSTOR.issue(DEPLOYER))).body['code'])
    ok(codes.slice(0, 20).every((code) => code === 'certificate_refused'))
    ok(codes.includes('too_many_failed_logins'))
    equal((await whoami(good)).status, 200)
  })
})

function put(name: string, text: string): string {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

/** Another service with the same certificate, and client authorities as set. */
function start(env: Record<string, string>): Promise<Service> {
  const all = {
    PORTCULLIS_PORT: '0',
    PORTCULLIS_DATA_DIR: mkdtempSync(join(directory, 'other-')),
    PORTCULLIS_ADMIN_TOKEN: ADMIN,
    PORTCULLIS_TLS_CERT_FILE: join(directory, 'tls.crt'),
    PORTCULLIS_TLS_KEY_FILE: join(directory, 'tls.key'),
    PORTCULLIS_CLIENT_CA_FILE: join(directory, 'api.crt'),
    ...env,
  }
  return createService(
    readConfig(all, () => ''),
    { logger: pino({ level: 'silent' }) },
  )
}

interface Asked {
  at?: string
  method?: string
  path?: string
  client?: Pick<Issued, 'cert' | 'key'> | undefined
  headers?: Record<string, string>
  send?: object
}

interface Answer {
  status: number
  text: string
  body: Record<string, unknown>
}

/** Each request on a connection of its own. */
async function ask({ at = url, method = 'GET', path = '/v1/whoami', client, headers = {}, send }: Asked): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const type = send ? { 'content-type': 'application/json' } : {}
  const options = {
    method,
    headers: { ...type, ...headers },
    agent: false,
    rejectUnauthorized: false,
    cert: client?.cert,
    key: client?.key,
  }
  const asked = request(at + path, options, (response) => {
    let text = ''
    response.on('data', (chunk: Buffer) => (text += chunk.toString()))
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, text, body: text.startsWith('{') ? (JSON.parse(text) as Answer['body']) : {} }),
    )
  })
  asked.on('error', reject)
  asked.end(send && JSON.stringify(send))
  return promise
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

function admin(method: string, path: string, send?: object): Promise<Answer> {
  return ask({ method, path, headers: bearer(ADMIN), ...(send && { send }) })
}

function whoami(client: Pick<Issued, 'cert' | 'key'>, headers: Record<string, string> = {}): Promise<Answer> {
  return ask({ client, headers })
}

/** So many failures of one address would make it wait: each is taken to come minutes after the one before. */
async function refused(client: Pick<Issued, 'cert' | 'key'>): Promise<void> {
  clock.at += 180_000
  const { status, body, text } = await whoami(client)
  deepEqual([status, body['code']], [401, 'certificate_refused'], `${text} ${new X509Certificate(client.cert).subject}`)
}

async function open(options: ConnectionOptions): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', rejectUnauthorized: false, ...options }, resolve)
  socket.once('error', reject)
  await promise
  return socket
}

async function get(socket: TLSSocket, path: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  socket.once('data', (chunk: Buffer) => resolve(chunk.toString()))
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  return promise
}
