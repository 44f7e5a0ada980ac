import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'

import { listen, type Listening } from './support/listening.ts'
import { RawConnection, replies } from './support/raw-connection.ts'
import { ADMIN, DIGEST } from './support/stub-dependencies.ts'

const MIB = 1024 * 1024

let service: Listening
before(async () => {
  service = await listen({ maxReportBytes: MIB, maxJsonBytes: 64 * 1024 }, { headersTimeoutMs: 300 })
})
after(() => service[Symbol.asyncDispose]())

const ALLOWED = JSON.stringify({ subject: DIGEST, stage: 'test' })
const HEAD = (path: string, headers: string, method = 'POST'): string =>
  `${method} ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ADMIN}\r\n${headers}\r\n`

describe('A body', () => {
  it('that announces too much is refused before any of it is read', async () => {
    using connection = new RawConnection(service.port)
    connection.write(HEAD(`/v1/evidence?subject=${DIGEST}`, `content-length: ${10 ** 12}\r\n`))
    match(await connection.until((received) => received.includes('body_too_large')), /^HTTP\/1\.1 413 /)
  })

  it('that announces nothing is cut off where it passes the limit', async () => {
    using connection = new RawConnection(service.port)
    connection.write(HEAD(`/v1/evidence?subject=${DIGEST}`, 'transfer-encoding: chunked\r\n'))
    const chunk = Buffer.alloc(64 * 1024, 'a')
    const framed = Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')])
    const sent = await connection.flood(framed, 64 * MIB, 5000)
    match(await connection.until((received) => received.includes('body_too_large')), /^HTTP\/1\.1 413 /)
    await connection.until(() => false)
    ok(sent < 8 * MIB, `${sent} bytes were taken`)
  })

  it('of a request that is not authorised is not read, and the connection is not held open for it', async () => {
    using connection = new RawConnection(service.port)
    connection.write(`POST /v1/evidence?subject=${DIGEST} HTTP/1.1\r\nhost: x\r\ncontent-length: ${64 * MIB}\r\n\r\n`)
    const sent = await connection.flood(Buffer.alloc(64 * 1024), 64 * MIB, 5000)
    match(await connection.until((received) => received.includes('unauthenticated')), /^HTTP\/1\.1 401 /)
    await connection.until(() => false)
    ok(sent < 8 * MIB, `${sent} bytes were taken`)
    equal(service.seen.submissions.length, 0)
  })

  it('that is refused leaves the connection usable if the rest is short', async () => {
    using connection = new RawConnection(service.port)
    connection.write(`POST /v1/decisions HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello`)
    await connection.until((received) => received.includes('unauthenticated'))
    connection.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    match(await connection.until((received) => replies(received) === 2), /HTTP\/1\.1 200 /)
  })

  it('is not asked for when the request is refused anyhow', async () => {
    using connection = new RawConnection(service.port)
    connection.write(`POST /v1/decisions HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n`)
    const received = await connection.until(() => false)
    match(received, /^HTTP\/1\.1 401 /)
    match(received, /connection: close/i)
  })

  it('is asked for when it is wanted', async () => {
    using connection = new RawConnection(service.port)
    connection.write(HEAD('/v1/decisions', `expect: 100-continue\r\ncontent-length: ${ALLOWED.length}\r\n`))
    match(await connection.until((received) => received !== ''), /^HTTP\/1\.1 100 /)
    connection.write(ALLOWED)
    match(await connection.until((received) => replies(received) === 1), /HTTP\/1\.1 200 /)
  })

  it('that ends early is nothing', async () => {
    const earlier = service.seen.requests.length
    using connection = new RawConnection(service.port)
    connection.write(HEAD('/v1/decisions', `content-length: ${ALLOWED.length + 1}\r\n`) + ALLOWED)
    connection[Symbol.dispose]()
    await connection.until(() => false)
    equal((await service.client.get('/healthz')).status, 200)
    equal(service.seen.requests.length, earlier)
  })

  it('that is a bomb is given up at the limit', async () => {
    const zeros = Buffer.alloc(256 * MIB)
    for (const [encoding, bomb] of [
      ['gzip', gzipSync(zeros)],
      ['zstd', zstdCompressSync(zeros)],
    ] as const) {
      ok(bomb.length < MIB)
      const reply = await service.client.send('POST', `/v1/evidence?subject=${DIGEST}`, bomb, { 'content-encoding': encoding })
      equal(reply.status, 413)
    }
  })
})

describe('JSON', () => {
  const post = (body: string | Uint8Array) => service.client.send('POST', '/v1/decisions', body)

  it('nested too deeply, cut short or not UTF-8 is refused with what is wrong', async () => {
    const codes = await Promise.all(
      ['{"a":'.repeat(1000), '['.repeat(10_000), '{', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), ''].map(
        async (body) => (await post(body)).json()['code'],
      ),
    )
    deepEqual(codes, ['json_too_deep', 'json_too_deep', 'json_malformed', 'json_not_utf8', 'json_malformed'])
  })

  it('can not reach the prototype of anything', async () => {
    for (const body of [
      `{"subject":"${DIGEST}","stage":"test","__proto__":{"dryRun":true}}`,
      `{"subject":"${DIGEST}","stage":"test","context":{"__proto__":{"commit":"x"}}}`,
      `{"subject":"${DIGEST}","stage":"test","context":{"labels":{"\\u005f_proto__":"x"}}}`,
      `{"subject":"${DIGEST}","stage":"test","constructor":{}}`,
    ])
      equal((await post(body)).status, 422, body)
    equal(({} as Record<string, unknown>)['dryRun'], undefined)
  })

  it('with a key given twice is refused by the name of the key', async () => {
    const reply = await post(`{"subject":"${DIGEST}","stage":"test","\\u0073tage":"staging"}`)
    equal(reply.status, 400)
    equal(reply.json()['code'], 'json_duplicate_member')
    match(String(reply.json()['detail']), /"stage"/)
  })

  it('with a number that no double holds is refused by its place', async () => {
    const reply = await post(`{"subject":"${DIGEST}","stage":"test","context":{"risk":[1,1e999]}}`)
    equal(reply.status, 400)
    deepEqual([reply.json()['code'], reply.json()['field']], ['json_number_too_large', 'body.context.risk.1'])
  })
})

describe('A query', () => {
  it('of ten thousand parameters is refused', async () => {
    const query = Array.from({ length: 2000 }, (_, at) => `p${at}=`).join('&')
    const reply = await service.client.get(`/v1/decisions?${query}`)
    equal(reply.status, 400)
    using connection = new RawConnection(service.port)
    connection.write(HEAD(`/v1/decisions?${'a=&'.repeat(10_000)}`, '', 'GET'))
    match(await connection.until(() => false), /^HTTP\/1\.1 431 /)
  })

  it('named like something of every object is refused like any unknown one', async () => {
    for (const name of ['__proto__', 'constructor', 'toString', '__proto__[x]']) {
      const reply = await service.client.get(`/v1/decisions?${encodeURIComponent(name)}=x`)
      equal(reply.status, 400, name)
      equal(reply.json()['field'], `query.${name}`)
    }
  })

  it('given twice is refused', async () => equal((await service.client.get('/v1/decisions?stage=a&stage=b')).status, 400))

  it('cursor of garbage is refused, whatever it decodes to', async () => {
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    for (const cursor of ['x', '..', encode({ after: "' OR 1=1 --" }), encode(['', '1']), encode([['a']]), 'A'.repeat(2000)]) {
      const reply = await service.client.get(`/v1/decisions?cursor=${cursor}`)
      equal(reply.status, 400, cursor)
      equal(reply.json()['code'], 'cursor_invalid', cursor)
    }
  })
})

describe('A path', () => {
  it('leads nowhere else, however it is spelled', async () => {
    for (const path of [
      '/v1/decisions/..%2f..%2fetc%2fpasswd',
      '/v1/evidence/%2e%2e/raw',
      '/docs/..%2fpage.ts',
      '/docs/%2e%2e%5cpage.ts',
      '/v1/bindings/%00',
    ]) {
      using connection = new RawConnection(service.port)
      connection.write(HEAD(path, '', 'GET'))
      match(await connection.until((received) => received.includes('requestId')), /^HTTP\/1\.1 40[04] /, path)
    }
  })

  it('with broken encoding is refused', async () => {
    for (const path of ['/v1/decisions/%ff', '/v1/decisions/%', '/v1/bindings/%zz']) {
      const reply = await service.client.get(path)
      equal(reply.status, 400, path)
      equal(reply.json()['code'], 'invalid_parameter')
    }
  })

  it('is exact in letter case and slashes', async () => {
    for (const path of ['/V1/decisions', '/v1/Decisions', '/v1/decisions/', '//v1/decisions', '/v1//decisions'])
      equal((await service.client.get(path)).status, 404, path)
  })
})

describe('A header', () => {
  it('of the request can not put one into the reply or a line into the log', async () => {
    using connection = new RawConnection(service.port)
    connection.write(`GET /healthz HTTP/1.1\r\nhost: x\r\nx-request-id: a\u0001b\tset-cookie: x\r\n\r\n`)
    const received = await connection.until((text) => text.includes('\r\n\r\n'))
    ok(!/set-cookie/i.test(received), received)
  })

  it('field in excess is refused before it takes memory', async () => {
    using connection = new RawConnection(service.port)
    connection.write(HEAD('/healthz', `x-large: ${'a'.repeat(64 * 1024)}\r\n`, 'GET'))
    match(await connection.until(() => false), /^HTTP\/1\.1 431 /)
  })

  it('Authorization is taken in one form only', async () => {
    for (const authorization of [
      `Basic ${ADMIN}`,
      ADMIN,
      'Bearer',
      `Bearer ${ADMIN} x`,
      `Bearer ${'x'.repeat(5000)}`,
      `Bearer, Bearer ${ADMIN}`,
    ]) {
      const reply = await service.client.as(undefined).get('/v1/decisions', { authorization })
      equal(reply.status, 401, authorization)
    }
    equal((await service.client.as(undefined).get('/v1/decisions', { authorization: `bearer ${ADMIN}` })).status, 200)
  })
})

describe('A long token', () => {
  const told = async (authorization: string): Promise<string | null> => {
    const reply = await service.client.as(undefined).get('/v1/decisions', { authorization })
    equal(reply.status, 401)
    return reply.headers.get('www-authenticate')
  }
  const basic = (password: string): string => `Basic ${Buffer.from(`jenkins:${password}`).toString('base64')}`

  it('is refused as a wrong one and not taken for none, whether as a bearer or as a Basic password', async () => {
    for (const length of [12 * 1024, 12 * 1024 + 1, 15 * 1024]) {
      match((await told(`Bearer ${'x'.repeat(length)}`)) ?? '', /invalid_token/, String(length))
    }
    // In base64 it takes a third more of what a header can hold.
    match((await told(basic('x'.repeat(11 * 1024)))) ?? '', /invalid_token/)
  })
})

describe('A slow sender', () => {
  it('can not hold a connection with the head of a request', async () => {
    using connection = new RawConnection(service.port)
    connection.write('GET /healthz HTTP/1.1\r\nhost: x\r\n')
    const started = performance.now()
    match(await connection.until(() => false), /^HTTP\/1\.1 408 /)
    // Node's own limit is a minute.
    ok(performance.now() - started < 30_000)
  })
})

describe('What is not HTTP', () => {
  it('is answered once and cut off', async () => {
    for (const garbage of ['nonsense\r\n\r\n', '\u0016\u0003\u0001', 'GET / HTTP/1.1\r\nbad header\r\n\r\n']) {
      using connection = new RawConnection(service.port)
      connection.write(garbage)
      match(await connection.until(() => false), /^HTTP\/1\.1 400 /)
    }
  })

  it('or could be read in two ways is refused: a length beside chunks, two lengths', async () => {
    for (const headers of ['content-length: 5\r\ntransfer-encoding: chunked\r\n', 'content-length: 5\r\ncontent-length: 6\r\n']) {
      using connection = new RawConnection(service.port)
      connection.write(`${HEAD('/v1/decisions', headers)}0\r\n\r\nGET /v1/tokens HTTP/1.1\r\nhost: x\r\n\r\n`)
      const received = await connection.until(() => false)
      match(received, /^HTTP\/1\.1 400 /)
      equal(replies(received), 1)
    }
  })
})
