import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, it } from 'node:test'

import { AppError } from '../../src/core/app-error.ts'
import type { Client, Reply } from '../support/client.ts'
import { listen, type Listening } from './support/listening.ts'
import { ADMIN } from './support/stub-dependencies.ts'

/** As a browser on this machine sees it. */
let local: Listening
/** Behind a proxy, under a name. */
let remote: Listening
let browser: Client
const PUBLIC = 'https://gate.example.com'
const BINDING = JSON.stringify({ pack: 'vulnerabilities', mode: 'enforce', stage: ['production'] })

before(async () => {
  local = await listen()
  remote = await listen({ publicUrl: PUBLIC })
  browser = local.client.as(undefined)
})
after(async () => {
  await local[Symbol.asyncDispose]()
  await remote[Symbol.asyncDispose]()
})

const SESSION = { cookie: `other=1; portcullis_session=${ADMIN}; more=2` }

describe('A session', () => {
  it('stands for a token where none is sent', async () => {
    equal((await browser.get('/v1/bindings', SESSION)).status, 200)
    equal((await browser.get('/v1/bindings', { cookie: 'portcullis_session=nonsense' })).status, 401)
  })

  it('counts for nothing beside an Authorization, even one that is worth nothing', async () => {
    for (const authorization of ['Bearer nonsense', 'Bearer', 'Digest x', '']) {
      const reply = await browser.get('/v1/bindings', { ...SESSION, authorization })
      equal(reply.status, 401, authorization)
    }
  })

  it('is taken under the name that only this host can set, where there is https', async () => {
    const client = remote.client.as(undefined)
    equal((await client.get('/v1/bindings', { cookie: `__Host-portcullis_session=${ADMIN}` })).status, 200)
    equal((await client.get('/v1/bindings', SESSION)).status, 401)
    await using plain = await listen({ publicUrl: 'http://gate.example.com' })
    equal((await plain.client.as(undefined).get('/v1/bindings', SESSION)).status, 401)
  })

  it('that comes twice is nobody’s', async () => {
    const twice = `portcullis_session=${ADMIN}; portcullis_session=${ADMIN}`
    equal((await browser.get('/v1/bindings', { cookie: twice })).status, 401)
  })

  const changes = (headers: Record<string, string>, service = local): Promise<Reply> =>
    service.client.as(undefined).send('PUT', '/v1/bindings/vulnerabilities', BINDING, { 'content-type': 'application/json', ...headers })

  it('changes something only from a page of this service', async () => {
    const own = new URL(local.url).origin
    const fine = [{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, { origin: own }]
    for (const headers of fine) equal((await changes({ ...SESSION, ...headers })).status, 200, JSON.stringify(headers))
    const foreign = [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin: own },
      { 'sec-fetch-site': '' },
      { origin: 'null' },
      { origin: 'https://evil.example' },
      { origin: `${own}.evil.example` },
      { origin: own.replace('http:', 'https:') },
      { referer: `${own}/console` },
    ]
    for (const headers of foreign) {
      const reply = await rawPut({ ...SESSION, ...headers })
      equal(reply.status, 403, JSON.stringify(headers))
      equal(reply.code, 'cross_site')
    }
    const remoteSession = { cookie: `__Host-portcullis_session=${ADMIN}` }
    equal((await changes({ ...remoteSession, origin: PUBLIC }, remote)).status, 200)
    equal((await changes({ ...remoteSession, origin: remote.url }, remote)).status, 403)
  })

  it('needs none of that to be refused: who asks is told nothing about the session', async () => {
    equal((await rawPut({ cookie: 'portcullis_session=nonsense' })).code, 'cross_site')
  })

  it('is never offered to other sites: no CORS', async () => {
    const headers = { ...SESSION, origin: 'https://evil.example' }
    const replies = [await browser.get('/v1/bindings', headers), await browser.send('OPTIONS', '/v1/bindings', undefined, headers)]
    for (const reply of replies) for (const name of reply.headers.keys()) doesNotMatch(name, /^access-control-/)
  })

  /** Node's fetch sends Sec-Fetch headers of its own. */
  async function rawPut(headers: Record<string, string>): Promise<{ status: number; code: unknown }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; code: unknown }>()
    const sent = request(`${local.url}/v1/bindings/vulnerabilities`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', ...headers },
    })
    sent.once('error', reject).once('response', (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, code: (JSON.parse(text) as { code?: unknown }).code }))
    })
    sent.end(BINDING)
    return promise
  }
})

describe('A login', () => {
  it('keeps what belongs to it in a cookie that no script and no other host sees', async () => {
    const reply = await remote.client.as(undefined).get('/auth/login?issuer=okta')
    equal(reply.status, 302)
    equal(reply.headers.get('location'), 'https://okta.example/authorize')
    deepEqual(reply.headers.getSetCookie(), ['__Host-portcullis_login=sealed; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure'])
    const here = await browser.get('/auth/login?issuer=okta')
    deepEqual(here.headers.getSetCookie(), ['portcullis_login=sealed; Path=/; Max-Age=600; HttpOnly; SameSite=Lax'])
  })

  it('has one redirect URI for each provider, under the configured address or this machine’s own', async () => {
    await remote.client.as(undefined).get('/auth/login?issuer=okta', { host: 'evil.example', 'x-forwarded-host': 'evil.example' })
    equal(remote.seen.wishes.at(-1)?.redirectUri, `${PUBLIC}/auth/callback/okta`)
    await browser.get('/auth/login?issuer=okta')
    equal(local.seen.wishes.at(-1)?.redirectUri, `${local.url}/auth/callback/okta`)
    await using below = await listen({ publicUrl: `${PUBLIC}/gate` })
    await below.client.get('/auth/login?issuer=okta&returnTo=/docs')
    deepEqual(below.seen.wishes.at(-1), {
      ...{ redirectUri: `${PUBLIC}/gate/auth/callback/okta`, returnTo: `${PUBLIC}/gate/docs`, group: null },
    })
  })

  it('ends with the session in its cookie, and nothing left of the login', async () => {
    const reply = await remote.client.as(undefined).get('/auth/callback/okta?state=s&code=c&iss=i&session_state=x', {
      cookie: '__Host-portcullis_login=sealed',
    })
    equal(reply.status, 303)
    equal(reply.headers.get('location'), 'http://127.0.0.1/docs')
    deepEqual(reply.headers.getSetCookie(), [
      '__Host-portcullis_session=a-session; Path=/; Max-Age=28800; HttpOnly; SameSite=Lax; Secure',
      '__Host-portcullis_login=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
    ])
    equal(reply.headers.get('cache-control'), 'no-store')
    equal(reply.headers.get('referrer-policy'), 'no-referrer')
    deepEqual(remote.seen.callbacks.at(-1), {
      answer: { state: 's', code: 'c', iss: 'i', error: undefined },
      ...{ sealed: 'sealed', address: '127.0.0.1' },
    })
  })

  const elsewhere = [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/%5cevil.example\\',
    '\\\\evil.example',
    'javascript:alert(1)',
    'evil.example',
    '',
    '/\tevil',
    '/\nevil',
    '/\u0000',
    '/ä',
    `/${'x'.repeat(1024)}`,
    '@evil.example',
    '.evil.example',
    ':80@evil.example',
  ]
  for (const path of elsewhere) {
    it(`leads nowhere else: ${JSON.stringify(path.slice(0, 30))}`, async () => {
      const reply = await browser.get(`/auth/login?issuer=okta&returnTo=${encodeURIComponent(path)}`)
      equal(reply.status, 400, reply.text)
    })
  }

  const own: Record<string, string> = {
    '/console?tab=1#x': '/console?tab=1#x',
    '/..//evil.example': '//evil.example',
    '/@evil.example': '/@evil.example',
    '/%2f/evil.example': '/%2f/evil.example',
    '/?u=https://evil.example': '/?u=https://evil.example',
  }
  for (const [path, end] of Object.entries(own)) {
    it(`stays here: ${path}`, async () => {
      const reply = await browser.get(`/auth/login?issuer=okta&returnTo=${encodeURIComponent(path)}`)
      equal(reply.status, 302)
      equal(local.seen.wishes.at(-1)?.returnTo, local.url + end)
    })
  }

  it('without a provider lists them, as a page that loads nothing, or as JSON', async () => {
    const list = await browser.get('/auth/login?returnTo=/a%2520b')
    deepEqual(list.json(), {
      items: [
        { issuer: 'dex', path: '/auth/login?issuer=dex&returnTo=%2Fa%2520b' },
        { issuer: 'okta', path: '/auth/login?issuer=okta&returnTo=%2Fa%2520b' },
      ],
      next: null,
    })
    const page = await browser.get('/auth/login', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
    equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
    match(page.text, /href="\?issuer=okta"/)
    match(
      page.headers.get('content-security-policy') ?? '',
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'/,
    )
    doesNotMatch(page.text, /<script|<form|https?:/)
  })

  it('that fails is explained to a person on a page, to a program as a problem', async () => {
    const failing = (accept: string): Promise<Reply> => {
      local.failNext(new AppError('not_entitled', 'You are <b>not</b> in a group.', { remedy: 'Ask.' }))
      return browser.get('/auth/callback/okta?state=s&code=secret-code', { accept })
    }
    const page = await failing('text/html')
    equal(page.status, 403)
    match(page.text, /You are &lt;b&gt;not&lt;\/b&gt; in a group/)
    match(page.text, /not_entitled/)
    match(page.headers.get('content-security-policy') ?? '', /form-action 'none'/)
    for (const accept of ['application/json', '*/*', 'application/problem+json'])
      equal((await failing(accept)).headers.get('content-type'), 'application/problem+json; charset=utf-8')
    const elsewhereInTheApi = await browser.get('/v1/bindings', { accept: 'text/html' })
    equal(elsewhereInTheApi.headers.get('content-type'), 'application/problem+json; charset=utf-8')
  })

  it('leaves neither code nor state nor session in the log', async () => {
    await browser.get('/auth/callback/okta?state=secret-state&code=secret-code&iss=i', { cookie: 'portcullis_login=secret-cookie' })
    await browser.get('/v1/bindings', { cookie: 'portcullis_session=secret-session' })
    const text = local.log.text()
    ok(text.includes('completeLogin'))
    doesNotMatch(text, /secret-|a-session|sealed/)
  })
})

describe('A logout', () => {
  it('ends the session and removes its cookie, if a page of this service asks', async () => {
    const headers = { cookie: '__Host-portcullis_session=abc', 'sec-fetch-site': 'same-origin' }
    const reply = await remote.client.as(undefined).send('POST', '/auth/logout', undefined, headers)
    equal(reply.status, 204)
    deepEqual(reply.headers.getSetCookie(), ['__Host-portcullis_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure'])
    deepEqual(remote.seen.loggedOut, ['abc'])
  })

  it('does nothing for who has no session, and for other sites', async () => {
    equal((await browser.send('POST', '/auth/logout')).status, 204)
    const foreign = await browser.send('POST', '/auth/logout', undefined, { ...SESSION, 'sec-fetch-site': 'cross-site' })
    equal(foreign.status, 403)
    equal(foreign.json()['code'], 'cross_site')
    deepEqual(local.seen.loggedOut, [])
    equal((await browser.get('/auth/logout')).status, 405)
  })
})
