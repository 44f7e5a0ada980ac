import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'

import type { Client } from '../support/client.ts'
import { eventually } from '../support/eventually.ts'
import { listen, type Listening } from './support/listening.ts'
import { ADMIN, DIGEST, KNOWN_ID } from './support/stub-dependencies.ts'

let service: Listening
before(async () => {
  service = await listen()
})
after(() => service[Symbol.asyncDispose]())

const DENIED = { subject: DIGEST, stage: 'production' }
const ALLOWED = { subject: DIGEST, stage: 'test' }

describe('A decision', () => {
  it('is answered with 200, allow or deny, and names where it is recorded', async () => {
    for (const request of [ALLOWED, DENIED]) {
      const reply = await service.client.post('/v1/decisions', request)
      equal(reply.status, 200)
      equal(reply.headers.get('location'), `/v1/decisions/${KNOWN_ID}`)
    }
  })

  it('is answered with the status that denyStatus asks for if it is a deny, with the same body', async () => {
    const plain = await service.client.post('/v1/decisions', DENIED)
    const denied = await service.client.post('/v1/decisions?denyStatus=422', DENIED)
    equal(denied.status, 422)
    equal(denied.text, plain.text)
    equal(denied.headers.get('content-type'), 'application/json; charset=utf-8')
    equal((await service.client.post('/v1/decisions?denyStatus=422', ALLOWED)).status, 200)
  })

  it('never is answered with a status that clients repeat', async () => {
    for (const status of ['408', '429', '500', '200']) {
      const reply = await service.client.post(`/v1/decisions?denyStatus=${status}`, DENIED)
      equal(reply.status, 400)
      equal(reply.json()['field'], 'query.denyStatus')
    }
  })

  it('of a dry run has no id, no log index and no place', async () => {
    const reply = await service.client.post('/v1/decisions', { ...DENIED, dryRun: true })
    const decision = reply.json()
    equal(reply.status, 200)
    equal('id' in decision || 'logIndex' in decision, false)
    equal(reply.headers.get('location'), null)
  })

  it('comes as JSON to curl, and as text, Markdown or JUnit to who asks for it', async () => {
    const typeFor = async (accept: string): Promise<string | null> => {
      const reply = await service.client.post('/v1/decisions?denyStatus=418', DENIED, { accept })
      equal(reply.status, 418)
      return reply.headers.get('content-type')
    }
    deepEqual(
      await Promise.all(
        ['*/*', 'application/json', 'text/plain', 'text/markdown, */*;q=0.1', 'application/junit+xml', 'text/html, text/*;q=0.5'].map(
          typeFor,
        ),
      ),
      [
        'application/json; charset=utf-8',
        'application/json; charset=utf-8',
        'text/plain; charset=utf-8',
        'text/markdown; charset=utf-8',
        'application/junit+xml; charset=utf-8',
        'text/plain; charset=utf-8',
      ],
    )
  })

  it('in words leads to all of it', async () => {
    const reply = await service.client.post('/v1/decisions', DENIED, { accept: 'text/plain' })
    match(reply.text, /^DENY/)
    ok(reply.text.includes(`${service.url}/v1/decisions/${KNOWN_ID}`), reply.text)
  })

  it('is asked for with what curl sends by itself', async () => {
    const reply = await service.client.send('POST', '/v1/decisions', JSON.stringify(ALLOWED), {
      'content-type': 'application/x-www-form-urlencoded',
      accept: '*/*',
    })
    equal(reply.status, 200)
  })
})

describe('A report', () => {
  it('arrives byte by byte as it was sent, under any or no Content-Type', async () => {
    const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x00, 0xff, 0x0d, 0x0a])
    for (const type of ['application/x-www-form-urlencoded', 'text/xml; charset=utf-16', 'nonsense', '']) {
      const reply = await service.client.send('POST', `/v1/evidence?subject=${DIGEST}`, bytes, { 'content-type': type })
      equal(reply.status, 201)
      deepEqual(service.seen.submissions.at(-1)?.bytes, bytes)
    }
  })

  it('is an archive of several if format or Content-Type says so, and no other format is stated', async () => {
    const archive = { 'content-type': 'application/x-tar' }
    for (const [query, headers, isArchive] of [
      ['&format=tar', {}, true],
      ['', archive, true],
      ['&format=auto', archive, true],
      ['&format=trivy', archive, false],
      ['', {}, false],
    ] as const) {
      const reply = await service.client.send('POST', `/v1/evidence?subject=${DIGEST}${query}`, 'x', headers)
      equal(reply.status, 201)
      equal('items' in reply.json(), isArchive, `${query} ${JSON.stringify(headers)}`)
    }
  })

  it('may be compressed', async () => {
    const text = Buffer.from('<testsuites/>')
    for (const [encoding, body] of Object.entries({ gzip: gzipSync(text), zstd: zstdCompressSync(text) })) {
      const reply = await service.client.send('POST', `/v1/evidence?subject=${DIGEST}`, body, { 'content-encoding': encoding })
      equal(reply.status, 201)
      deepEqual(Buffer.from(service.seen.submissions.at(-1)?.bytes ?? []), text)
    }
  })

  it('is about the subject as it was written: a plus sign in the query stays one', async () => {
    const subject = 'git+https://github.com/acme/cart@0123456789abcdef0123456789abcdef01234567'
    await service.client.send('POST', `/v1/evidence?subject=${subject}`, 'x')
    equal(service.seen.submissions.at(-1)?.subject, subject)
  })

  it('wrapped in a form is refused with the way to send it', async () => {
    const form = new FormData()
    form.set('file', 'x')
    const reply = await fetch(`${service.url}/v1/evidence?subject=${DIGEST}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN}` },
      body: form,
    })
    equal(reply.status, 415)
    match(await reply.text(), /--data-binary/)
  })

  it('is handed out so that no browser shows or runs it', async () => {
    const { headers, text } = await service.client.get(`/v1/evidence/${KNOWN_ID}/raw`)
    equal(text, '<script>')
    equal(headers.get('content-type'), 'application/octet-stream')
    equal(headers.get('x-content-type-options'), 'nosniff')
    match(headers.get('content-disposition') ?? '', /^attachment/)
    match(headers.get('content-security-policy') ?? '', /sandbox/)
  })
})

describe('An Idempotency-Key', () => {
  it('reaches the use case as a claim on the request, bare or quoted the same', async () => {
    await service.client.post('/v1/decisions', ALLOWED, { 'idempotency-key': '4711-1' })
    await service.client.post('/v1/decisions', ALLOWED, { 'idempotency-key': '"4711-1"' })
    const [bare, quoted] = service.seen.claims.slice(-2)
    deepEqual(bare, quoted)
    equal(bare?.key, '4711-1')
    equal(bare?.path, '/v1/decisions')
  })

  it('is a claim on query and body: another of either has another fingerprint', async () => {
    const headers = { 'idempotency-key': 'k' }
    await service.client.post('/v1/decisions', ALLOWED, headers)
    await service.client.post('/v1/decisions', DENIED, headers)
    await service.client.post('/v1/decisions?denyStatus=422', ALLOWED, headers)
    equal(new Set(service.seen.claims.slice(-3).map((claim) => claim?.fingerprint)).size, 3)
  })

  it('is none if none was sent, and is taken with every POST that creates', async () => {
    await service.client.post('/v1/decisions', ALLOWED)
    equal(service.seen.claims.at(-1), undefined)
    await service.client.send('POST', `/v1/evidence?subject=${DIGEST}`, 'x', { 'idempotency-key': 'evidence' })
    equal(service.seen.claims.at(-1)?.key, 'evidence')
    await service.client.post('/v1/tokens', { principal: 'ci', description: 'x', roles: ['pipeline'] }, { 'idempotency-key': 'token' })
    equal(service.seen.claims.at(-1)?.key, 'token')
  })

  it('is refused if it is malformed', async () => {
    const reply = await service.client.post('/v1/decisions', ALLOWED, { 'idempotency-key': 'x'.repeat(256) })
    equal(reply.status, 400)
    equal(reply.json()['code'], 'idempotency_key_malformed')
  })
})

describe('A list', () => {
  it('is walked by following its Link, each item once', async () => {
    const ids: unknown[] = []
    let path: string | undefined = '/v1/decisions?limit=1&stage=production'
    while (path !== undefined) {
      const reply = await service.client.get(path)
      equal(reply.status, 200, reply.text)
      ids.push(...reply.json<{ items: { id: string }[] }>().items.map(({ id }) => id))
      path = /^<([^>]+)>; rel="next"$/.exec(reply.headers.get('link') ?? '')?.[1]
    }
    equal(ids.length, 3)
    equal(new Set(ids).size, 3)
  })

  it('holds 1 to 200 items a page', async () => {
    for (const limit of ['0', '201', '-1', 'x']) equal((await service.client.get(`/v1/decisions?limit=${limit}`)).status, 400)
    for (const limit of ['1', '200']) equal((await service.client.get(`/v1/decisions?limit=${limit}`)).status, 200)
  })

  it('refuses a time without an offset, and takes one with a plus sign', async () => {
    equal((await service.client.get('/v1/decisions?from=2026-11-01T00:00:00')).status, 400)
    equal((await service.client.get('/v1/decisions?from=2026-11-01T00:00:00+01:00')).status, 200)
  })
})

describe('A request id', () => {
  it('is taken over, made where it is missing or unsafe, and stands in reply, problem and log', async () => {
    const own = await service.client.get('/healthz', { 'x-request-id': 'run-4711' })
    equal(own.headers.get('x-request-id'), 'run-4711')
    const made = await service.client.get('/v1/nothing', { 'x-request-id': 'a b' })
    const id = made.headers.get('x-request-id')
    match(id ?? '', /^[0-9a-f-]{36}$/)
    equal(made.json()['requestId'], id)
    await logged(id)
    equal(service.log.lines().filter((line) => line['requestId'] === id && line['msg'] === 'request').length, 1)
  })
})

describe('The log', () => {
  it('has one line for each request, without token, query or body', async () => {
    const id = 'run-4712'
    await service.client.post('/v1/tokens?note=in-query', { secret: 'in-body' }, { 'x-secret': 'in-header', 'x-request-id': id })
    await logged(id)
    const lines = service.log.lines().filter((each) => each['requestId'] === id)
    equal(lines.length, 1)
    const [line = {}] = lines
    equal(line['operation'], 'createToken')
    equal(line['status'], 400)
    equal(line['code'], 'invalid_parameter')
    equal(line['principal'], 'cart-pipeline')
    doesNotMatch(service.log.text(), /admin-token|in-query|in-body|in-header|pcl_secret/)
  })

  it('has the whole failure that a caller is told nothing about', async () => {
    service.failNext(new Error('outer', { cause: new Error('the disk said no') }))
    const reply = await service.client.post('/v1/decisions', ALLOWED)
    const id = reply.headers.get('x-request-id')
    await logged(id)
    match(JSON.stringify(service.log.lines().find((line) => line['requestId'] === id && 'err' in line)), /the disk said no/)
  })
})

describe('Every reply', () => {
  it('is safe in a browser and tells nothing about the server', async () => {
    for (const path of ['/healthz', '/v1/decisions', '/nowhere', `/v1/evidence/${KNOWN_ID}/raw`, '/docs']) {
      const { headers } = await service.client.get(path)
      equal(headers.get('x-content-type-options'), 'nosniff', path)
      match(headers.get('content-security-policy') ?? '', /default-src 'none'/, path)
      equal(headers.get('referrer-policy'), 'no-referrer', path)
      equal(headers.get('x-powered-by'), null, path)
      equal(headers.get('etag'), null, path)
      equal(headers.get('access-control-allow-origin'), null, path)
    }
  })

  it('of the API is never cached', async () => {
    equal((await service.client.get('/v1/decisions')).headers.get('cache-control'), 'no-store')
  })
})

describe('A method', () => {
  it('that the path does not have is refused with those that it has', async () => {
    const reply = await service.client.send('DELETE', '/v1/decisions')
    equal(reply.status, 405)
    equal(reply.headers.get('allow'), 'GET, HEAD, POST, OPTIONS')
    equal(reply.json()['code'], 'method_not_allowed')
  })

  it('HEAD gives the headers of GET, with its authorisation, and no body', async () => {
    const [get, head] = [await service.client.get('/v1/decisions'), await service.client.send('HEAD', '/v1/decisions')]
    equal(head.status, 200)
    equal(head.text, '')
    equal(head.headers.get('content-length'), get.headers.get('content-length'))
    equal((await service.client.as(undefined).send('HEAD', '/v1/decisions')).status, 401)
  })

  it('OPTIONS tells the methods and grants nothing to other origins', async () => {
    const reply = await service.client.as(undefined).send('OPTIONS', '/v1/decisions', undefined, { origin: 'https://evil.example' })
    equal(reply.status, 204)
    equal(reply.headers.get('allow'), 'GET, HEAD, POST, OPTIONS')
    equal(reply.headers.get('access-control-allow-origin'), null)
  })
})

describe('Metrics', () => {
  it('count requests by operation and status, and unknown paths together', async () => {
    await service.client.get('/v1/no-such-path-1')
    await service.client.get('/v1/no-such-path-2')
    await service.client.post('/v1/decisions', ALLOWED)
    const { text } = await service.client.get('/metrics')
    match(text, /portcullis_http_request_duration_seconds_count\{operation="createDecision",status="200"\} [1-9]/)
    match(text, /portcullis_http_request_duration_seconds_count\{operation="unknown",status="404"\} [2-9]/)
    doesNotMatch(text, /no-such-path/)
  })
})

describe('The description', () => {
  it('is served as it is', async () => {
    const reply = await service.client.as(undefined).get('/openapi.yaml')
    equal(reply.headers.get('content-type'), 'application/yaml; charset=utf-8')
    match(reply.text, /^openapi: 3\.1\.0\n/)
  })

  it('is a page that loads nothing but its own style and script, both of which are there', async () => {
    const { text, headers } = await service.client.as(undefined).get('/docs')
    match(headers.get('content-security-policy') ?? '', /default-src 'none'; style-src 'self'; script-src 'self'/)
    const assets = [...text.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(([, path = '']) => path)
    deepEqual(assets, ['/docs/docs.css', '/docs/docs.js'])
    for (const path of assets) equal((await service.client.as(undefined).get(path)).status, 200)
  })
})

/** The log line of a request is written when the connection has seen the reply off. */
function logged(id: string | null): Promise<void> {
  return eventually('the request is logged', () =>
    service.log.lines().some((line) => line['requestId'] === id && line['msg'] === 'request'),
  )
}

describe('The link to a decision that a person reads', () => {
  const linkOf = async (client: Client, headers: Record<string, string> = {}): Promise<string | undefined> => {
    const reply = await client.get(`/v1/decisions/${KNOWN_ID}/explain`, { accept: 'text/plain', ...headers })
    return reply.text.trimEnd().split('\n').at(-1)
  }

  it('begins with the address that was set, whatever the request says', async () => {
    await using other = await listen({ publicUrl: 'https://gate.example.com/portcullis' })
    equal(await linkOf(other.client), `https://gate.example.com/portcullis/v1/decisions/${KNOWN_ID}`)
    const posted = await other.client.post('/v1/decisions', { subject: DIGEST, stage: 'test' }, { accept: 'text/plain' })
    match(posted.text, /^https:\/\/gate\.example\.com\/portcullis\/v1\/decisions\//m)
    equal(posted.headers.get('location')?.startsWith('/v1/decisions/'), true)
  })

  it('begins with what the caller took the service for if none was set', async () => {
    await using other = await listen()
    equal(await linkOf(other.client), `${other.url}/v1/decisions/${KNOWN_ID}`)
  })
})
