import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'

import { generateKeyPair } from 'jose'
import { pino } from 'pino'

import { Browser } from '../support/browser.ts'
import { HostileProvider, type Claims, type Misbehaviour } from '../support/hostile-provider.ts'
import { ANN, begin, configure, logIn, whoami } from '../support/login.ts'
import { startService, type RunningService } from '../support/service.ts'

/** The code of a problem page. */
async function codeOf(response: Response): Promise<string> {
  return /<code>([a-z_]+)<\/code>/.exec(await response.text())?.[1] ?? 'none'
}

describe('Logging in', () => {
  let service: RunningService
  let provider: HostileProvider
  let other: HostileProvider
  let clock: { at: number; now: () => number }

  before(async () => {
    clock = { at: Date.now(), now: () => clock.at }
    service = await startService({ PORTCULLIS_TRUSTED_PROXIES: 'loopback', PORTCULLIS_SECOND_PERSON: 'off' }, { clock })
    provider = await new HostileProvider().start()
    other = await new HostileProvider().start()
    await configure(service, 'okta', provider.issuer)
    await configure(service, 'dex', other.issuer)
  })
  after(async () => {
    await service[Symbol.asyncDispose]()
    await provider[Symbol.asyncDispose]()
    await other[Symbol.asyncDispose]()
  })
  afterEach(() => {
    provider.misbehaviour = {}
    clock.at = Date.now()
  })

  it('leads to the provider with a code flow that only this browser can end', async () => {
    const browser = new Browser()
    const url = new URL(await begin(service.url, browser))
    equal(`${url.origin}${url.pathname}`, `${provider.issuer}/authorize`)
    const { state, nonce, code_challenge: challenge, ...rest } = Object.fromEntries(url.searchParams)
    deepEqual(rest, {
      ...{ tenant: '1', response_type: 'code', client_id: 'portcullis', scope: 'openid profile email', code_challenge_method: 'S256' },
      redirect_uri: `${service.url}/auth/callback/okta`,
    })
    for (const random of [state, nonce, challenge]) match(random ?? '', /^[\w-]{43}$/)
    ok(!(browser.cookie(service.url, 'portcullis_login') ?? '').includes(state ?? ''))
    equal((await fetch(`${service.url}/auth/login?issuer=nobody`, { redirect: 'manual' })).status, 404)
  })

  it('opens a session as a proven person with the rights of their groups', async () => {
    const { browser, response } = await logIn(service.url, provider, { query: '&returnTo=/docs' })
    equal(response.status, 303)
    equal(response.headers.get('location'), `${service.url}/docs`)
    const { principal, credential, person, roles } = await whoami(service.url, browser)
    deepEqual([principal.name, principal.kind, principal.groups], ['okta:ann@example.com', 'human', ['okta:readers']])
    deepEqual([credential.kind, person, roles], ['session', 'proven', ['auditor']])
    equal(browser.cookie(service.url, 'portcullis_login'), undefined)
    const form = provider.forms.at(-1)
    equal(form?.authorization, undefined)
    match(form?.form['code_verifier'] ?? '', /^[\w-]{43}$/)
    equal(form?.form['client_id'], 'portcullis')
  })

  it('is told to the log, with the address beside the leaf', async () => {
    const { browser } = await logIn(service.url, provider)
    const { credential, principal } = await whoami(service.url, browser)
    const { items } = (await service.admin.get(`/v1/audit/entries?type=token.issued&actor=${principal.id}`)).json<{
      items: { body: Claims; detail: Claims }[]
    }>()
    const entry = items.find(({ body }) => body['id'] === credential.id)
    deepEqual([entry?.body['kind'], entry?.body['principalId'], entry?.detail['address']], ['session', principal.id, '127.0.0.1'])
    doesNotMatch(JSON.stringify(items), new RegExp(browser.cookie(service.url, 'portcullis_session') ?? 'none'))
  })

  it('that is refused is told to the log too, with the reason and the issuer', async () => {
    await logIn(service.url, provider, { claims: { ...ANN, sub: 'ian', groups: [] } })
    await service.service.refusals.flush()
    const { items } = (await service.admin.get('/v1/audit/entries?type=login.refused')).json<{
      items: { body: Claims; detail: Claims }[]
    }>()
    const entry = items.find(({ body }) => body['reason'] === 'not_entitled')
    deepEqual([entry?.body['issuer'], entry?.detail['address']], ['okta', '127.0.0.1'])
  })

  it('leaves no secret in any log', async () => {
    const lines: string[] = []
    const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
    await using logging = await startService({}, { logger })
    await mkdir(join(logging.dataDir, 'issuers'))
    await writeFile(join(logging.dataDir, 'issuers', 'secret'), 'the-secret-of-the-client')
    await configure(logging, 'okta', provider.issuer, { clientSecretFile: 'secret', userinfo: true })
    const idTokens: string[] = []
    const secrets = ['the-secret-of-the-client', 'an-access-token']
    for (const [at, misbehaviour] of [
      {},
      { status: { userinfo: 500 } },
      { status: { token: 400 } },
      { claims: { nonce: 'other' } },
    ].entries()) {
      const forge = async (claims: Claims): Promise<string> => {
        const idToken = await provider.sign(claims)
        idTokens.push(idToken)
        return idToken
      }
      provider.misbehaviour = { userinfo: { sub: 'ann-1', groups: ['readers'] }, forge, ...misbehaviour }
      const browser = new Browser()
      const location = await begin(logging.url, browser)
      secrets.push(browser.cookie(logging.url, 'portcullis_login') ?? '', ...new URL(location).searchParams.getAll('state'))
      const callback = provider.logIn(location, ANN)
      secrets.push(callback.searchParams.get('code') ?? '')
      equal((await browser.get(callback)).status === 303, at === 0)
      secrets.push(provider.forms.at(-1)?.form['code_verifier'] ?? '')
      if (at === 0) secrets.push(browser.cookie(logging.url, 'portcullis_session') ?? '')
    }
    await logging.service.refusals.flush()
    const told = lines.join('') + (await logging.admin.get('/v1/audit/entries?limit=200')).text
    ok(told.includes('completeLogin') && told.includes('login_provider_failed'))
    for (const secret of [...secrets, ...idTokens]) {
      ok(secret.length > 10)
      ok(!told.includes(secret), `${secret.slice(0, 6)}… is in the log`)
    }
  })

  it('ends with a logout, for every replica and for ever', async () => {
    const { browser } = await logIn(service.url, provider)
    const stolen = browser.cookie(service.url, 'portcullis_session') ?? ''
    equal((await browser.send('POST', `${service.url}/auth/logout`)).status, 204)
    equal(browser.cookie(service.url, 'portcullis_session'), undefined)
    browser.setCookie(service.url, 'portcullis_session', stolen)
    equal((await browser.get(`${service.url}/v1/whoami`)).status, 401)
  })

  it('lasts as long as the issuer says, or until nobody used it for an hour', async () => {
    const { browser } = await logIn(service.url, provider)
    const get = async (): Promise<number> => (await browser.get(`${service.url}/v1/whoami`)).status
    for (let minutes = 0; minutes < 8 * 60; minutes += 60) {
      equal(await get(), 200)
      clock.at += 60 * 60_000
    }
    equal(await get(), 401)
    clock.at = Date.now()
    const { browser: idle } = await logIn(service.url, provider)
    clock.at += 60 * 60_000 + 1000
    equal((await idle.get(`${service.url}/v1/whoami`)).status, 401)
  })

  it('is refused who is in no group that means something, on a page that says so', async () => {
    const { browser, response } = await logIn(service.url, provider, { claims: { ...ANN, sub: 'bob', groups: ['everybody'] } })
    equal(response.status, 403)
    equal(await codeOf(response), 'not_entitled')
    equal(browser.cookie(service.url, 'portcullis_session'), undefined)
  })

  it('takes away what a group gave at the next login, from older sessions and for ever', async () => {
    const claims = { ...ANN, sub: 'carl', email: 'carl@example.com' }
    const { browser } = await logIn(service.url, provider, { claims: { ...claims, groups: ['admins'] } })
    equal((await browser.get(`${service.url}/v1/issuers`)).status, 200)
    const { browser: again } = await logIn(service.url, provider, { claims: { ...claims, groups: ['readers'] } })
    for (const each of [browser, again]) {
      equal((await each.get(`${service.url}/v1/issuers`)).status, 403)
      equal((await each.get(`${service.url}/v1/audit/entries`)).status, 200)
    }
    equal((await whoami(service.url, browser)).principal.id, (await whoami(service.url, again)).principal.id)
  })

  it('follows a change of what groups mean at once', async () => {
    const claims = { ...ANN, sub: 'dora', email: 'dora@example.com', groups: ['admins'] }
    const { browser } = await logIn(service.url, provider, { claims })
    await configure(service, 'okta', provider.issuer, { groups: { admins: { roles: ['auditor'] } } })
    deepEqual((await whoami(service.url, browser)).roles, ['auditor'])
    await configure(service, 'okta', provider.issuer, { groups: { others: { roles: ['auditor'] } } })
    equal((await browser.get(`${service.url}/v1/whoami`)).status, 401)
    await configure(service, 'okta', provider.issuer)
  })

  it('asks for a group where rights don’t add up', async () => {
    const claims = { ...ANN, sub: 'eve', email: 'eve@example.com', groups: ['readers', 'approvers'] }
    const { browser } = await logIn(service.url, provider, { claims })
    deepEqual([(await whoami(service.url, browser)).roles, (await whoami(service.url, browser)).confinement], [['auditor'], {}])
    const { browser: approving } = await logIn(service.url, provider, { claims, query: '&group=approvers' })
    const { roles, confinement } = await whoami(service.url, approving)
    deepEqual([roles, confinement], [['approver', 'auditor'], { repositories: ['github.com/acme/*'] }])
    equal((await logIn(service.url, provider, { claims, query: '&group=admins' })).response.status, 403)
  })

  it('knows a person by the subject: an address that changes hands takes nobody along', async () => {
    const claims = { ...ANN, sub: 'fay-1', email: 'fay@example.com', groups: ['admins'] }
    const { browser } = await logIn(service.url, provider, { claims })
    const successor = await logIn(service.url, provider, { claims: { ...claims, sub: 'fay-2', groups: ['readers'] } })
    equal(successor.response.status, 409)
    equal(await codeOf(successor.response), 'identity_taken')
    const { id } = (await whoami(service.url, browser)).principal
    const { browser: renamed } = await logIn(service.url, provider, { claims: { ...claims, email: 'fay.lee@example.com' } })
    const { principal } = await whoami(service.url, renamed)
    deepEqual([principal.id, principal.name], [id, 'okta:fay@example.com'])
  })

  it('lets no other provider name somebody', async () => {
    const claims = { ...ANN, sub: 'gus', email: 'gus@example.com' }
    const { browser } = await logIn(service.url, provider, { claims })
    equal((await logIn(service.url, other, { claims, name: 'dex' })).response.status, 409)
    const { browser: unverified } = await logIn(service.url, other, { claims: { ...claims, email_verified: false }, name: 'dex' })
    const [one, two] = [await whoami(service.url, browser), await whoami(service.url, unverified)]
    ok(one.principal.id !== two.principal.id)
    equal(two.principal.name, 'dex:gus')
  })

  it('refuses whom an administrator disabled, and ends what they have', async () => {
    const claims = { ...ANN, sub: 'hal', email: 'hal@example.com' }
    const { browser } = await logIn(service.url, provider, { claims })
    const { name } = (await whoami(service.url, browser)).principal
    equal((await service.admin.put(`/v1/principals/${encodeURIComponent(name)}`, { kind: 'human', disabled: true })).status, 200)
    equal((await browser.get(`${service.url}/v1/whoami`)).status, 401)
    equal((await logIn(service.url, provider, { claims })).response.status, 403)
  })

  describe('is not possible', () => {
    const REFUSED = [400, 'login_state_invalid'] as const

    /** Each failure comes from somewhere else, so that none is damped. */
    let addresses = 0
    const stranger = (): Browser => new Browser(`198.51.100.${++addresses}`)

    async function expectRefused(response: Response, [status, code]: readonly [number, string]): Promise<void> {
      deepEqual([response.status, await codeOf(response)], [status, code])
      deepEqual(response.headers.getSetCookie(), [])
    }

    it('with a state that is wrong or missing', async () => {
      for (const state of ['wrong', '', undefined]) {
        const browser = stranger()
        const callback = provider.logIn(await begin(service.url, browser), ANN)
        if (state === undefined) callback.searchParams.delete('state')
        else callback.searchParams.set('state', state)
        await expectRefused(await browser.get(callback), REFUSED)
      }
      equal(provider.asked.filter((path) => path === '/token').length, provider.forms.length)
    })

    it('twice with one callback', async () => {
      const browser = stranger()
      const location = await begin(service.url, browser)
      const sealed = browser.cookie(service.url, 'portcullis_login') ?? ''
      const callback = provider.logIn(location, ANN)
      equal((await browser.get(callback)).status, 303)
      await expectRefused(await browser.get(callback), REFUSED)
      browser.setCookie(service.url, 'portcullis_login', sealed)
      await expectRefused(await browser.get(callback), [403, 'login_refused'])
      provider.misbehaviour = { careless: true }
      await expectRefused(await browser.get(callback), REFUSED)
    })

    it('in a browser that did not begin it: nobody is logged in as somebody else', async () => {
      const callback = provider.logIn(await begin(service.url, stranger()), ANN)
      await expectRefused(await stranger().get(callback), REFUSED)
      const victim = stranger()
      await begin(service.url, victim)
      await expectRefused(await victim.get(callback), REFUSED)
    })

    it('after ten minutes', async () => {
      const browser = stranger()
      const callback = provider.logIn(await begin(service.url, browser), ANN)
      clock.at += 10 * 60_000
      await expectRefused(await browser.get(callback), REFUSED)
    })

    it('with a cookie that somebody made or changed', async () => {
      const browser = stranger()
      const callback = provider.logIn(await begin(service.url, browser), ANN)
      const sealed = browser.cookie(service.url, 'portcullis_login') ?? ''
      const changed = (sealed.startsWith('A') ? 'B' : 'A') + sealed.slice(1)
      for (const value of [changed, '', 'A'.repeat(sealed.length)]) {
        browser.setCookie(service.url, 'portcullis_login', value)
        await expectRefused(await browser.get(callback), REFUSED)
      }
    })

    it('with the code of another login: PKCE, and where the provider is careless the nonce', async () => {
      const [victim, attacker] = [stranger(), stranger()]
      const stolen = provider.logIn(await begin(service.url, victim), { ...ANN, sub: 'victim' }).searchParams.get('code') ?? ''
      for (const [careless, refused] of [
        [false, [403, 'login_refused']],
        [true, [403, 'login_token_invalid']],
      ] as const) {
        provider.misbehaviour = { careless }
        const callback = provider.logIn(await begin(service.url, attacker), ANN)
        callback.searchParams.set('code', stolen)
        await expectRefused(await attacker.get(callback), refused)
      }
    })

    it('by a mix-up: each provider comes back to its own address, and says who it is', async () => {
      const browser = stranger()
      const atOther = other.logIn(await begin(service.url, browser, 'dex'), ANN)
      const { length } = other.forms
      const elsewhere = new URL(atOther.href.replace('/callback/dex', '/callback/okta'))
      await expectRefused(await browser.get(elsewhere), REFUSED)
      const asked = provider.logIn(await begin(service.url, browser), ANN)
      asked.searchParams.set('code', atOther.searchParams.get('code') ?? '')
      asked.searchParams.set('iss', other.issuer)
      await expectRefused(await browser.get(asked), REFUSED)
      asked.searchParams.delete('iss')
      await expectRefused(await browser.get(asked), REFUSED)
      equal(other.forms.length, length)
    })

    it('with the ID token of another provider', async () => {
      provider.misbehaviour = { forge: (claims) => other.sign({ ...claims, iss: other.issuer }) }
      await expectRefused((await logIn(service.url, provider)).response, [403, 'login_token_invalid'])
    })

    it('if the provider refuses, whatever text it sends', async () => {
      const browser = stranger()
      const callback = provider.logIn(await begin(service.url, browser), ANN)
      callback.searchParams.set('error', 'access_denied')
      callback.searchParams.set('error_description', 'Call 555-1234')
      const response = await browser.get(callback)
      equal(response.status, 403)
      const page = await response.text()
      match(page, /access_denied/)
      doesNotMatch(page, /555/)
    })

    const unsigned = (claims: Claims): string =>
      [{ alg: 'none', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + '.'
    const half = (text: string): string => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
    const hostile: Record<string, Misbehaviour> = {
      'without a signature (alg none)': { forge: unsigned },
      'with a made-up signature': { forge: (claims) => `${unsigned(claims)}AAAA` },
      'signed with the client’s id': {
        forge: async (claims) => provider.sign(claims, { alg: 'HS256' }, Buffer.from('portcullis'.repeat(4)) as never),
      },
      'of another key under the same kid': {
        forge: async (claims) => provider.sign(claims, { alg: 'RS256', kid: 'k1' }, (await generateKeyPair('RS256')).privateKey),
      },
      'of an algorithm that is not configured': {
        forge: async (claims) => provider.sign(claims, { alg: 'ES256', kid: 'k1' }, (await generateKeyPair('ES256')).privateKey),
      },
      'with the nonce of another login': { claims: { nonce: 'other' } },
      'without a nonce': { claims: { nonce: undefined } },
      'for another client': { claims: { aud: 'other' } },
      'for several clients without saying to whom': { claims: { aud: ['portcullis', 'other'] } },
      'issued to another client': { claims: { azp: 'other' } },
      'of another issuer': { claims: { iss: 'https://idp.example.com' } },
      'of the same issuer with a slash': { forge: (claims) => provider.sign({ ...claims, iss: `${provider.issuer}/` }) },
      expired: { claims: { iat: 1_700_000_000, exp: 1_700_000_300 } },
      'of the future': { claims: { iat: 4_000_000_000, exp: 4_000_000_300 } },
      'without an end': { claims: { exp: undefined } },
      'without a subject': { claims: { sub: undefined } },
      'with a subject that is no text': { claims: { sub: ['ann-1'] } },
      'with a subject that is too long': { claims: { sub: 'a'.repeat(256) } },
      'with a subject outside ASCII': { claims: { sub: 'änn' } },
      'with the hash of another code': { claims: { c_hash: half('other') } },
      'with the hash of another access token': { claims: { at_hash: half('other') } },
      'that is no JWT': { forge: () => 'nonsense' },
      'longer than 12 KiB': { claims: { padding: 'x'.repeat(16_000) } },
    }
    for (const [what, misbehaviour] of Object.entries(hostile)) {
      it(`with an ID token ${what}`, async () => {
        provider.misbehaviour = misbehaviour
        await expectRefused((await logIn(service.url, provider, { browser: stranger() })).response, [403, 'login_token_invalid'])
      })
    }

    it('over and over again: failures of one address are damped', async () => {
      provider.misbehaviour = { claims: { nonce: 'other' } }
      const browser = stranger()
      const statuses = new Set<number>()
      while (!statuses.has(429)) statuses.add((await logIn(service.url, provider, { browser })).response.status)
      deepEqual([...statuses], [403, 429])
    })

    it('and the right hashes don’t hinder it', async () => {
      provider.misbehaviour = { claims: { at_hash: half('an-access-token'), azp: 'portcullis', aud: ['portcullis', 'other'] } }
      equal((await logIn(service.url, provider)).response.status, 303)
    })

    const failing: Record<string, Misbehaviour> = {
      'answers with an error': { status: { token: 500 } },
      'answers with no ID token': { answer: { id_token: undefined } },
      'answers with an ID token that is no text': { answer: { id_token: 7 } },
    }
    for (const [what, misbehaviour] of Object.entries(failing)) {
      it(`while the provider ${what}`, async () => {
        provider.misbehaviour = misbehaviour
        await expectRefused((await logIn(service.url, provider)).response, [502, 'login_provider_failed'])
      })
    }
  })
})

describe('A login provider', () => {
  it('may have endpoints of its own origin or of configured ones only', async () => {
    await using service = await startService()
    await using provider = await new HostileProvider().start()
    await using elsewhere = await new HostileProvider().start()
    const discoveries: Claims[] = [
      { issuer: `${provider.issuer}/` },
      { token_endpoint: `${elsewhere.issuer}/token` },
      { authorization_endpoint: `${elsewhere.issuer}/authorize` },
      { authorization_endpoint: 'javascript:alert(1)' },
      { token_endpoint: 'http://169.254.169.254/token' },
      { token_endpoint: undefined },
    ]
    for (const [at, discovery] of discoveries.entries()) {
      provider.misbehaviour = { discovery }
      await configure(service, `p${at}`, provider.issuer)
      const response = await fetch(`${service.url}/auth/login?issuer=p${at}`, { redirect: 'manual' })
      equal(response.status, 502, JSON.stringify(discovery))
      equal((await service.admin.send('DELETE', `/v1/issuers/p${at}`)).status, 204)
    }
    provider.misbehaviour = { discovery: { token_endpoint: `${elsewhere.issuer}/token` } }
    await configure(service, 'fine', provider.issuer, { endpointOrigins: [elsewhere.issuer] })
    await begin(service.url, new Browser(), 'fine')
  })

  it('is asked for its configuration once, and left alone for a while when that failed', async () => {
    const clock = { at: Date.now(), now: () => clock.at }
    await using service = await startService({}, { clock })
    await using provider = await new HostileProvider().start()
    await configure(service, 'okta', provider.issuer)
    const asked = (): number => provider.asked.filter((path) => path.includes('openid-configuration')).length
    const get = async (): Promise<number> => (await fetch(`${service.url}/auth/login?issuer=okta`, { redirect: 'manual' })).status
    provider.misbehaviour = { status: { discovery: 500 } }
    deepEqual([await get(), await get(), await get(), asked()], [502, 502, 502, 1])
    provider.misbehaviour = {}
    clock.at += 5001
    deepEqual([await get(), await get(), asked()], [302, 302, 2])
    clock.at += 10 * 60_000
    deepEqual([await get(), asked()], [302, 3])
  })

  it('gets the secret of the client from a file, by the way that is configured', async () => {
    await using service = await startService()
    await using provider = await new HostileProvider().start()
    const files = join(service.dataDir, 'issuers')
    await configure(service, 'okta', provider.issuer, { clientSecretFile: 'okta-secret' })
    equal((await logIn(service.url, provider)).response.status, 502, 'the file is not there')
    await mkdir(files)
    await writeFile(join(files, 'okta-secret'), 's3cret: %+/\n')
    equal((await logIn(service.url, provider)).response.status, 303)
    const basic = Buffer.from('portcullis:s3cret%3A+%25%2B%2F').toString('base64')
    deepEqual([provider.forms.at(-1)?.authorization, provider.forms.at(-1)?.form['client_secret']], [`Basic ${basic}`, undefined])
    await configure(service, 'okta', provider.issuer, { clientSecretFile: 'okta-secret', clientAuthentication: 'client_secret_post' })
    equal((await logIn(service.url, provider)).response.status, 303)
    deepEqual([provider.forms.at(-1)?.authorization, provider.forms.at(-1)?.form['client_secret']], [undefined, 's3cret: %+/'])
  })

  it('is asked for groups at its UserInfo endpoint if that is configured, and must speak of the same person', async () => {
    await using service = await startService()
    await using provider = await new HostileProvider().start()
    await configure(service, 'okta', provider.issuer, { userinfo: true })
    const claims = { sub: 'ann-1' }
    provider.misbehaviour = { userinfo: { sub: 'ann-1', groups: ['readers'], email: 'ann@example.com', email_verified: true } }
    const { browser, response } = await logIn(service.url, provider, { claims })
    equal(response.status, 303)
    equal((await whoami(service.url, browser)).principal.name, 'okta:ann@example.com')
    provider.misbehaviour = { userinfo: { sub: 'bob', groups: ['admins'] } }
    equal(await codeOf((await logIn(service.url, provider, { claims })).response), 'login_token_invalid')
    provider.misbehaviour = { userinfo: { groups: ['admins'] } }
    equal(await codeOf((await logIn(service.url, provider, { claims })).response), 'login_token_invalid')
    provider.misbehaviour = { status: { userinfo: 401 } }
    equal(await codeOf((await logIn(service.url, provider, { claims })).response), 'login_provider_failed')
    const half = { sub: 'ann-2', email: 'ceo@example.com', groups: ['readers'] }
    provider.misbehaviour = { userinfo: { sub: 'ann-2', email: 'ann2@example.com', email_verified: true, preferred_username: 'ann2' } }
    const { browser: second } = await logIn(service.url, provider, { claims: half })
    equal((await whoami(service.url, second)).principal.name, 'okta:ann2', 'no address is put together from two statements')
  })
})
