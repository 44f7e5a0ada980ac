import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import { Browser } from '../support/browser.ts'
import { begin, configure, whoami } from '../support/login.ts'
import { startOpenIdProvider, type OpenIdProvider } from '../support/openid/provider.ts'
import { startService, type RunningService } from '../support/service.ts'
import { postgres } from '../support/storage.ts'

const SECRET = 'a secret of the client that only tests know'

// First, since node:test takes a file for finished whose registered tests have all run.
const { server, skip } = await postgres()

/**
 * Somebody logs in at a real provider (`oidc-provider`, a process of its own), page by page.
 * @param location where the service sent the browser
 * @returns where the provider sends the browser back to
 */
async function logInAt(browser: Browser, location: string, login: string): Promise<URL> {
  let { url, response } = await browser.follow(location, await browser.get(location))
  for (let page = 0; page < 4 && response.status === 200; page++) {
    const text = await response.text()
    const action = /action="([^"]+)"/.exec(text)?.[1]
    const prompt = /name="prompt" value="([^"]+)"/.exec(text)?.[1] ?? ''
    ok(action !== undefined, text)
    const answer = await browser.submit(new URL(action, url), { prompt, login, password: 'any' })
    ;({ url, response } = await browser.follow(url, answer))
  }
  return url
}

describe('With a real OpenID provider', () => {
  let service: RunningService
  let provider: OpenIdProvider

  before(async () => {
    service = await startService({ PORTCULLIS_SECOND_PERSON: 'off' })
    provider = await startOpenIdProvider({
      clients: [
        { client_id: 'portcullis', token_endpoint_auth_method: 'none', redirect_uris: [`${service.url}/auth/callback/corp`] },
        { client_id: 'another', client_secret: SECRET, redirect_uris: [`${service.url}/auth/callback/corp`] },
      ],
      accounts: {
        ann: { email: 'ann@example.com', email_verified: true, groups: ['admins', 'everybody'] },
        ben: { email: 'ben@example.com', email_verified: true, groups: ['readers'] },
        eve: { email: 'eve@example.com', email_verified: false, preferred_username: 'ann@example.com', groups: ['everybody'] },
        una: { preferred_username: 'una', groups: ['readers'] },
      },
    })
    await configure(service, 'corp', provider.issuer)
  })
  after(async () => {
    await service[Symbol.asyncDispose]()
    await provider[Symbol.asyncDispose]()
  })

  async function logIn(
    login: string,
    browser = new Browser(),
    query = '',
  ): Promise<{ browser: Browser; response: Response; callback: URL }> {
    const callback = await logInAt(browser, await begin(service.url, browser, 'corp', query), login)
    return { browser, response: await browser.get(callback), callback }
  }

  it('people log in, with the rights of their groups, and out', async () => {
    const { browser, response, callback } = await logIn('ann', new Browser(), '&returnTo=/docs')
    equal(callback.searchParams.get('iss'), provider.issuer)
    deepEqual([response.status, response.headers.get('location')], [303, `${service.url}/docs`])
    const { principal, person, roles } = await whoami(service.url, browser)
    deepEqual([principal.name, principal.kind, person], ['corp:ann@example.com', 'human', 'proven'])
    ok(roles.includes('admin'))
    equal((await browser.send('POST', `${service.url}/auth/logout`)).status, 204)
    equal((await browser.get(`${service.url}/v1/whoami`)).status, 401)
  })

  it('people are named by what is proven about them', async () => {
    equal((await whoami(service.url, (await logIn('una')).browser)).principal.name, 'corp:una')
  })

  it('nobody comes in who is in no group that means something', async () => {
    const { response, browser } = await logIn('eve')
    equal(response.status, 403)
    match(await response.text(), /not_entitled/)
    equal((await browser.get(`${service.url}/v1/whoami`)).status, 401)
  })

  it('no callback counts twice', async () => {
    const { browser, callback } = await logIn('ben')
    const sealed = new Browser()
    const location = await begin(service.url, sealed, 'corp')
    const cookie = sealed.cookie(service.url, 'portcullis_login') ?? ''
    const fresh = await logInAt(sealed, location, 'ben')
    equal((await sealed.get(fresh)).status, 303)
    sealed.setCookie(service.url, 'portcullis_login', cookie)
    notEqual((await sealed.get(fresh)).status, 303)
    notEqual((await browser.get(callback)).status, 303)
  })

  it('no login goes without PKCE, or with somebody else’s challenge', async () => {
    for (const change of [
      (url: URL) => url.searchParams.delete('code_challenge'),
      (url: URL) => url.searchParams.set('code_challenge', 'A'.repeat(43)),
    ]) {
      const browser = new Browser()
      const location = new URL(await begin(service.url, browser, 'corp'))
      change(location)
      const response = await browser.get(await logInAt(browser, location.href, 'ben'))
      notEqual(response.status, 303)
      equal((await browser.get(`${service.url}/v1/whoami`)).status, 401)
    }
  })

  it('no code of another client is taken', async () => {
    const browser = new Browser()
    const location = new URL(await begin(service.url, browser, 'corp'))
    location.searchParams.set('client_id', 'another')
    const response = await browser.get(await logInAt(browser, location.href, 'ben'))
    equal(response.status, 403)
    match(await response.text(), /login_refused/)
  })

  it('a person makes personal tokens, which lose what the groups lose', async () => {
    const { browser } = await logIn('ann')
    const issue = async (body: object): Promise<{ status: number; token: string; kind: string; id: string }> => {
      const reply = await browser.send('POST', `${service.url}/v1/tokens`, body)
      return { status: reply.status, ...((await reply.json()) as { token: string; kind: string; id: string }) }
    }
    const { status, token, kind, id } = await issue({ description: 'My laptop', roles: ['admin'] })
    deepEqual([status, kind], [201, 'personal'])
    const mine = service.admin.as(token)
    equal((await mine.get('/v1/issuers')).status, 200)
    equal((await mine.get('/v1/whoami')).json()['person'], 'proven')
    await configure(service, 'corp', provider.issuer, { groups: { everybody: { roles: ['auditor'] } } })
    equal((await mine.get('/v1/issuers')).status, 401, 'its groups at the last login mean nothing any more')
    await logIn('ann')
    equal((await mine.get('/v1/issuers')).status, 403)
    equal((await mine.get('/v1/audit/entries')).status, 200)
    await configure(service, 'corp', provider.issuer)
    equal((await browser.send('DELETE', `${service.url}/v1/tokens/${id}`)).status, 401, 'the session lost its rights too')
    const { browser: again } = await logIn('ann')
    equal((await again.send('DELETE', `${service.url}/v1/tokens/${id}`)).status, 204)
    equal((await mine.get('/v1/whoami')).status, 401)
  })

  it('a person who may only read makes personal tokens too, sees them, and ends them', async () => {
    const { browser } = await logIn('ben')
    const reply = await browser.send('POST', `${service.url}/v1/tokens`, { description: 'CI of mine', roles: ['auditor'] })
    equal(reply.status, 201)
    const { id, token } = (await reply.json()) as { id: string; token: string }
    equal((await browser.send('POST', `${service.url}/v1/tokens`, { description: 'more', roles: ['approver'] })).status, 403)
    equal(
      (await browser.send('POST', `${service.url}/v1/tokens`, { principal: 'admin', description: 'more', roles: ['auditor'] })).status,
      403,
    )
    const own = (await (await browser.get(`${service.url}/v1/tokens?principal=self`, { accept: 'application/json' })).json()) as {
      items: { id: string; kind: string }[]
    }
    ok(own.items.some((item) => item.id === id && item.kind === 'personal'))
    ok(own.items.some((item) => item.kind === 'session'))
    equal((await service.admin.as(token).send('DELETE', `/v1/tokens/${id}`)).status, 204)
    equal((await service.admin.as(token).get('/v1/whoami')).status, 401)
  })

  it('the key of the provider may change between two logins', async () => {
    await logIn('ben')
    await provider.rotate()
    equal((await logIn('ben')).response.status, 303)
  })
})

describe('Several replicas on one PostgreSQL', { skip }, () => {
  it('share logins in progress, sessions, logouts and what is worth nothing any more', async () => {
    const TOKEN = 'an-admin-token-of-both-replicas-'
    const databaseUrl = (await server?.createDatabase()) ?? ''
    const env = { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()), PORTCULLIS_ADMIN_TOKEN: TOKEN }
    // Both are reached under one name, as behind a load balancer.
    await using one = await startService(env)
    const publicUrl = one.url
    await using two = await startService({ ...env, PORTCULLIS_PUBLIC_URL: publicUrl, PORTCULLIS_SECOND_PERSON: 'off' })
    await using provider = await startOpenIdProvider({
      clients: [{ client_id: 'portcullis', token_endpoint_auth_method: 'none', redirect_uris: [`${publicUrl}/auth/callback/corp`] }],
      accounts: { ann: { email: 'ann@example.com', email_verified: true, groups: ['admins'] } },
    })
    const both = { admin: two.admin.as(TOKEN) }
    await configure(both, 'corp', provider.issuer)
    const browser = new Browser()
    const atOther = (url: string | URL): string => String(url).replace(publicUrl, two.url)
    const carry = (name: string): void => browser.setCookie(two.url, name, browser.cookie(publicUrl, name) ?? '')

    const callback = await logInAt(browser, await begin(publicUrl, browser, 'corp'), 'ann')
    carry('portcullis_login')
    equal((await browser.get(atOther(callback))).status, 303, 'the other replica ends what the first began')
    browser.setCookie(publicUrl, 'portcullis_session', browser.cookie(two.url, 'portcullis_session') ?? '')
    equal((await browser.get(`${publicUrl}/v1/issuers`)).status, 200)
    const again = await browser.get(callback)
    notEqual(again.status, 303, 'and it counts once, wherever it comes')

    await configure(both, 'corp', provider.issuer, { groups: { admins: { roles: ['auditor'] } } })
    equal((await browser.get(`${publicUrl}/v1/issuers`)).status, 403)
    equal((await browser.send('POST', `${publicUrl}/auth/logout`)).status, 204)
    equal((await browser.get(`${two.url}/v1/whoami`)).status, 401)
  })
})
