import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'

import { JsonClient } from '../../../src/outbound/json-client.ts'
import { selfSigned } from '../../contract/support/self-signed.ts'

const LIMITS = { deadlineMs: 300, maxBytes: 1000 }

/** What a server answers, by path. */
const ANSWERS: Readonly<Record<string, RequestListener>> = {
  '/good': (request, response) => response.end(JSON.stringify({ keys: [], accept: request.headers.accept })),
  '/redirect': (_, response) => response.writeHead(302, { location: '/good' }).end(),
  '/created': (_, response) => response.writeHead(201).end('{}'),
  '/html': (_, response) => response.end('<html>'),
  '/twice': (_, response) => response.end('{"keys":[],"keys":[]}'),
  '/deep': (_, response) => response.end('['.repeat(20) + ']'.repeat(20)),
  '/long': (_, response) => response.end(JSON.stringify('x'.repeat(1000))),
  '/endless': (_, response) => {
    const timer = setInterval(() => response.write(' '.repeat(100)), 1)
    response.once('close', () => clearInterval(timer))
  },
  '/zipped': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{}')),
  '/silent': () => undefined,
  '/slow': (_, response) => {
    const timer = setInterval(() => response.write(' '), 50)
    response.once('close', () => clearInterval(timer))
  },
  '/cut': (_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{}')
    setTimeout(() => response.destroy(), 20)
  },
}

const paths: string[] = []
const server = createServer((request, response) => {
  paths.push(request.url ?? '')
  ANSWERS[request.url ?? '']?.(request, response)
})

describe('A client that fetches JSON', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  after(() => server.closeAllConnections())
  after(() => server.close())

  it('reads what is there', async () => {
    using client = new JsonClient(LIMITS)
    assert.deepEqual(await client.fetchJson(`${origin}/good`), { keys: [], accept: 'application/json' })
  })

  const refused: readonly (readonly [path: string, why: RegExp])[] = [
    ['/redirect', /status 302/],
    ['/created', /status 201/],
    ['/html', /not valid JSON/],
    ['/twice', /twice/],
    ['/deep', /nested/],
    ['/long', /more than 1000 bytes/],
    ['/endless', /more than 1000 bytes/],
    ['/zipped', /Content-Encoding/],
    ['/silent', /abort/],
    ['/slow', /abort/],
    ['/cut', /abort/],
  ]
  for (const [path, why] of refused) {
    it(`refuses ${path.slice(1)}`, async () => {
      using client = new JsonClient(LIMITS)
      const started = performance.now()
      await assert.rejects(client.fetchJson(origin + path), why)
      assert.ok(performance.now() - started < 2000)
    })
  }

  it('follows no redirect', () => {
    assert.equal(paths.filter((path) => path === '/good').length, 1)
  })

  it('asks nobody but over https, except on this machine', async () => {
    using client = new JsonClient(LIMITS)
    for (const url of [
      'http://ci.example.com/',
      'http://127.0.0.1.example.com/',
      'file:///etc/passwd',
      'data:application/json,{}',
      'ftp://127.0.0.1/',
    ]) {
      await assert.rejects(client.fetchJson(url), /the address is not https/, url)
    }
    await assert.rejects(client.fetchJson(origin.replace('//', '//user:password@')), /user or password/)
    await assert.rejects(client.fetchJson('not a url'), /no absolute URL/)
  })

  it('believes no certificate that nobody vouches for', async () => {
    const tls = createTlsServer(selfSigned(), (_, response) => response.end('{}'))
    const listening = Promise.withResolvers<void>()
    tls.listen(0, '127.0.0.1', listening.resolve)
    await listening.promise
    try {
      using client = new JsonClient(LIMITS)
      await assert.rejects(client.fetchJson(`https://localhost:${(tls.address() as AddressInfo).port}/`), /self-signed/)
    } finally {
      tls.close()
    }
  })

  it('ends what is under way when it is disposed of', async () => {
    const client = new JsonClient({ ...LIMITS, deadlineMs: 60_000 })
    const fetching = client.fetchJson(`${origin}/silent`)
    client[Symbol.dispose]()
    await assert.rejects(fetching, /abort/)
  })
})
