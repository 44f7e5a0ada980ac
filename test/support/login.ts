import assert from 'node:assert/strict'

import type { LoginDraft } from '../../src/auth/login/login-config.ts'
import { Browser } from './browser.ts'
import type { Claims, HostileProvider } from './hostile-provider.ts'
import type { RunningService } from './service.ts'

/** What members of groups may do in tests. */
export const GROUPS: LoginDraft['groups'] = {
  readers: { roles: ['auditor'] },
  approvers: { roles: ['approver'], confinement: { repositories: ['github.com/acme/*'] } },
  admins: { roles: ['admin'] },
}

export const ANN: Claims = { sub: 'ann-1', email: 'ann@example.com', email_verified: true, groups: ['readers', 'everybody'] }

/** Configures an issuer at which people can log in. */
export async function configure(
  { admin }: Pick<RunningService, 'admin'>,
  name: string,
  issuer: string,
  login: Partial<LoginDraft> = {},
): Promise<void> {
  const body = { kind: 'openid', issuer, keys: { discovery: {} }, login: { clientId: 'portcullis', groups: GROUPS, ...login } }
  const reply = await admin.put(`/v1/issuers/${name}`, body)
  assert.ok(reply.status === 200 || reply.status === 201, reply.text)
}

/** Begins a login. @returns where the browser is sent */
export async function begin(url: string, browser: Browser, name = 'okta', query = ''): Promise<string> {
  const response = await browser.get(`${url}/auth/login?issuer=${name}${query}`)
  assert.equal(response.status, 302, await response.text())
  return response.headers.get('location') ?? ''
}

/** Logs somebody in at a provider of the tests' own. @returns what the service answers to the callback */
export async function logIn(
  url: string,
  provider: HostileProvider,
  {
    claims = ANN,
    browser = new Browser(),
    name = 'okta',
    query = '',
  }: { claims?: Claims; browser?: Browser; name?: string; query?: string } = {},
): Promise<{ browser: Browser; response: Response; callback: URL }> {
  const callback = provider.logIn(await begin(url, browser, name, query), claims)
  return { browser, response: await browser.get(callback), callback }
}

/** What the service says of whoever this browser is. */
export interface Whoami {
  principal: { id: string; name: string; kind: string; groups: string[] }
  credential: { kind: string; id: string }
  person: string | null
  roles: string[]
  scopes: string[]
  confinement: object
}

export async function whoami(url: string, browser: Browser): Promise<Whoami> {
  const response = await browser.get(`${url}/v1/whoami`, { accept: 'application/json' })
  assert.equal(response.status, 200)
  return (await response.json()) as Whoami
}
