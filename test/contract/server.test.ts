import { deepEqual, equal, match, ok, throws } from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

import type { Reply } from '../support/client.ts'
import { eventually } from '../support/eventually.ts'
import { listen, type Listening } from './support/listening.ts'
import { RawConnection, replies } from './support/raw-connection.ts'
import { selfSigned } from './support/self-signed.ts'
import { DIGEST, STRANGER } from './support/stub-dependencies.ts'

const ALLOWED = { subject: DIGEST, stage: 'test' }

describe('A server that stops', () => {
  it('finishes what it accepted, and says that the connection ends', async () => {
    await using service = await listen()
    const release = service.hold()
    const asked = service.client.post('/v1/decisions', ALLOWED)
    await inProgress(service, 1)
    const closing = service.server.close(10_000)
    await pause(50)
    release()
    const reply = await asked
    equal(reply.status, 200)
    equal(reply.headers.get('connection'), 'close')
    equal(await closing, true)
  })

  it('accepts nothing new', async () => {
    await using service = await listen()
    const release = service.hold()
    const asked = service.client.post('/v1/decisions', ALLOWED)
    await inProgress(service, 1)
    const closing = service.server.close(10_000)
    using late = new RawConnection(service.port)
    late.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    equal(await late.until(() => false), '')
    release()
    await asked
    equal(await closing, true)
  })

  it('does not wait for connections that only stand open', async () => {
    await using service = await listen()
    using idle = new RawConnection(service.port)
    idle.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    await idle.until((received) => replies(received) === 1)
    using silent = new RawConnection(service.port)
    silent.write('GET /heal')
    await pause(50)
    const started = performance.now()
    equal(await service.server.close(120_000), true)
    ok(performance.now() - started < 60_000)
  })

  it('cuts off what does not end in time', async () => {
    await using service = await listen()
    service.hold()
    const asked = service.client.post('/v1/decisions', ALLOWED).then(
      () => 'answered',
      () => 'cut off',
    )
    await inProgress(service, 1)
    equal(await service.server.close(100), false)
    equal(await asked, 'cut off')
  })
})

describe('A server with too much to do', () => {
  it('refuses more at once, stays healthy, and goes on when there is room', async () => {
    await using service = await listen({ maxInFlight: 2 })
    const release = service.hold()
    const held = [service.client, service.client.as(STRANGER)].map((client) => client.post('/v1/decisions', ALLOWED))
    await inProgress(service, 2)
    const refused = await service.client.post('/v1/decisions', ALLOWED)
    equal(refused.status, 503)
    equal(refused.json()['code'], 'overloaded')
    match(refused.headers.get('retry-after') ?? '', /^\d+$/)
    equal((await service.client.get('/healthz')).status, 200)
    release()
    const answers: Reply[] = await Promise.all(held)
    deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    )
    equal((await service.client.post('/v1/decisions', ALLOWED)).status, 200)
  })

  it('drops connections beyond its bound', async () => {
    await using service = await listen({}, { maxConnections: 1 })
    using first = new RawConnection(service.port)
    first.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    await first.until((received) => replies(received) === 1)
    using second = new RawConnection(service.port)
    second.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    equal(await second.until(() => false), '')
  })
})

describe('The address of a client', () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7', 'x-forwarded-proto': 'https' }

  it('is that of the connection: anybody can write a header', async () => {
    await using service = await listen()
    await service.client.get('/v1/decisions', forwarded)
    await firstLine(service)
    equal(service.log.lines()[0]?.['address'], '127.0.0.1')
  })

  it('is what trusted proxies say, and no more than they can know', async () => {
    await using service = await listen({ trustedProxies: ['127.0.0.0/8', '198.51.100.7'] })
    const reply = await service.client.get('/v1/decisions', forwarded)
    await firstLine(service)
    equal(service.log.lines()[0]?.['address'], '203.0.113.9')
    match(reply.headers.get('strict-transport-security') ?? '', /max-age/)
  })

  it('may be that of a proxy in front of the trusted one', async () => {
    await using service = await listen({ trustedProxies: ['127.0.0.1'] })
    await service.client.get('/v1/decisions', forwarded)
    await firstLine(service)
    equal(service.log.lines()[0]?.['address'], '198.51.100.7')
  })
})

describe('A server with TLS', () => {
  it('shows its certificate, and insists on encryption', async () => {
    using files = new CertificateFiles()
    await using service = await listen({}, { tls: files })
    match(service.url, /^https:/)
    using connection = await TlsConnection.open(service.port)
    equal(connection.fingerprint, files.fingerprint)
    match(await connection.get('/healthz'), /strict-transport-security: max-age/i)
  })

  it('shows a new certificate when it is told to look, without dropping open connections', async () => {
    using files = new CertificateFiles()
    await using service = await listen({}, { tls: files })
    using open = await TlsConnection.open(service.port)
    const old = files.fingerprint
    files.renew()
    service.server.reloadCertificate()
    using fresh = await TlsConnection.open(service.port)
    equal(fresh.fingerprint, files.fingerprint)
    equal(open.fingerprint, old)
    match(await open.get('/healthz'), /^HTTP\/1\.1 200/)
  })

  it('keeps the old certificate while the files do not fit together, and says so', async () => {
    using files = new CertificateFiles()
    await using service = await listen({}, { tls: files })
    const old = files.fingerprint
    for (const text of [selfSigned().cert, 'nonsense', '']) {
      writeFileSync(files.certFile, text)
      service.server.reloadCertificate()
      using connection = await TlsConnection.open(service.port)
      equal(connection.fingerprint, old)
    }
    equal(service.log.lines().filter(({ level }) => level === 50).length, 3)
  })

  it('does not start with files that do not fit together', async () => {
    using files = new CertificateFiles()
    writeFileSync(files.keyFile, selfSigned().key)
    await listen({}, { tls: files }).then(
      () => ok(false, 'it started'),
      (error: unknown) =>
        throws(() => {
          throw error
        }, /do not belong together/),
    )
  })
})

class CertificateFiles implements Disposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'portcullis-tls-'))
  readonly certFile = join(this.#directory, 'tls.crt')
  readonly keyFile = join(this.#directory, 'tls.key')
  fingerprint = ''

  constructor() {
    this.renew()
  }

  renew(): void {
    const { cert, key } = selfSigned()
    writeFileSync(this.certFile, cert)
    writeFileSync(this.keyFile, key, { mode: 0o600 })
    this.fingerprint = new X509Certificate(cert).fingerprint256
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true })
  }
}

class TlsConnection implements Disposable {
  readonly #socket: TLSSocket
  readonly fingerprint: string

  private constructor(socket: TLSSocket) {
    this.#socket = socket
    this.fingerprint = socket.getPeerCertificate().fingerprint256
  }

  static async open(port: number): Promise<TlsConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, resolve)
    socket.once('error', reject)
    await promise
    return new TlsConnection(socket)
  }

  async get(path: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>()
    this.#socket.once('data', (chunk) => resolve(chunk.toString()))
    this.#socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    return promise
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}

/** Until so many requests are in progress. */
function inProgress(service: Listening, requests: number): Promise<void> {
  return eventually(`${requests} requests are in progress`, () => service.dependencies.lifecycle.inFlight === requests)
}

function firstLine({ log }: Listening): Promise<void> {
  return eventually('a line is logged', () => log.lines().length > 0)
}
