import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import type { Client, Reply } from '../support/client.ts'
import { startService, type RunningService } from '../support/service.ts'
import { AUDIENCE, TokenIssuer } from '../support/token-issuer.ts'
import { DOCUMENTED } from '../support/workload-claims.ts'
import { GOOD, HOSTILE, ISSUERS } from '../unit/auth/jwt/hostile-tokens.ts'
import { TestClock } from '../unit/auth/memory-tokens.ts'

/** What is no bearer token at all (RFC 6750, section 2.1), never reaches who knows JWTs. */
const BEARER = /^ey[!-~]+$/
/** Bytes of all headers together. */
const LONGEST_HEAD = 24 * 1024

/** The service's clock stands still. */
const now = Math.floor(new TestClock().now() / 1000)
const TIMES = { iat: now, nbf: now, exp: now + 300 }

let service: RunningService
let admin: Client
let requests = 0

/** Each request from an address of its own, so that none is refused for what others did. */
const ask = (token: string): Promise<Reply> => {
  const forwarded = `198.51.100.${++requests % 250}, 203.0.${Math.floor(requests / 250)}.${requests % 250}`
  return admin.as(token).get('/v1/whoami', { 'x-forwarded-for': forwarded })
}

before(async () => {
  service = await startService({ PORTCULLIS_TRUSTED_PROXIES: 'loopback' }, { clock: new TestClock() })
  admin = service.admin
  equal((await admin.put('/v1/principals/ci', { kind: 'workload' })).status, 201)
})
after(() => service[Symbol.asyncDispose]())

async function configure(name: string, issuer: object): Promise<void> {
  const reply = await admin.put(`/v1/issuers/${name}`, issuer)
  ok(reply.status < 300, reply.text)
}

describe('A hostile token over HTTP', { concurrency: 16 }, () => {
  before(async () => {
    const directory = join(service.dataDir, 'issuers')
    mkdirSync(directory)
    for (const { name, issuer, audiences, algorithms, keys } of ISSUERS) {
      writeFileSync(join(directory, `${name}.json`), JSON.stringify('jwks' in keys && keys.jwks))
      const rules = [{ name: 'cart', claims: { sub: 'repo:acme/cart' }, principal: 'ci', roles: ['pipeline'], confinement: {} }]
      const times = { clockSkew: 'PT1M', maxLifetime: 'PT1H' }
      await configure(name, { kind: 'openid', issuer, audiences, algorithms, keys: { jwksFile: `${name}.json` }, ...times, rules })
    }
  })

  for (const [what, token, code] of HOSTILE) {
    const sent = token()
    // No client sends others in a header.
    if (!/^[!-~]+$/.test(sent)) continue
    it(`is refused: ${what}`, async () => {
      const reply = await ask(sent)
      if (sent.length > LONGEST_HEAD) {
        equal(reply.status, 431)
        return
      }
      deepEqual([reply.status, reply.json()['code']], [401, BEARER.test(sent) ? code : 'unauthenticated'])
      for (const part of sent.split('.').filter((each) => each.length > 8)) ok(!reply.text.includes(part))
      match(reply.headers.get('www-authenticate') ?? '', /^Bearer /)
    })
  }

  it('differs from good ones, which are let in', async () => {
    for (const [what, token] of GOOD) equal((await ask(token)).status, 200, what)
  })
})

describe('A genuine token of somebody else', () => {
  const { issuer, claims } = DOCUMENTED.github
  let github: TokenIssuer

  before(async () => {
    github = await TokenIssuer.create(issuer)
    const rule = { principal: 'ci', roles: ['pipeline'] }
    await configure('github', {
      kind: 'github',
      issuer,
      audiences: [AUDIENCE],
      keys: { jwks: github.jwks },
      rules: [
        { name: 'exact', claims: { repository: 'acme/cart', environment: 'production' }, ...rule },
        { name: 'by-id', claims: { repository_id: '777', ref: 'refs/heads/main' }, ...rule },
        {
          name: 'pattern',
          claims: { repository_owner: 'acme' },
          patterns: { repository: 'acme/lib-*', job_workflow_ref: 'acme/workflows/.github/workflows/deploy.yml@refs/tags/v*' },
          ...rule,
        },
      ],
    })
  })

  const lib = { repository: 'acme/lib-core', environment: 'test', repository_id: '5' }
  const byId = { repository: 'acme/other', environment: 'test', repository_id: '777' }
  const strange = { repository_owner: 'mallory', repository_id: '666' }
  /** Everything in them is signed by the issuer; what a stranger can choose is the name of what is theirs. */
  const foreign: readonly (readonly [what: string, changed: Record<string, unknown>])[] = [
    ['a repository whose name only begins alike', { ...strange, repository: 'acme/cart-evil' }],
    ['an owner whose name only begins alike', { ...strange, repository: 'acme-evil/cart' }],
    ['an owner whose name only ends alike', { ...strange, repository: 'not-acme/cart' }],
    ['a repository below another', { ...strange, repository: 'acme/cart/evil' }],
    ['a path to another', { ...strange, repository: 'acme/cart/../evil' }],
    ['a path with dots', { ...strange, repository: './acme/cart' }],
    ['a slash before', { ...strange, repository: '/acme/cart' }],
    ['a slash behind', { ...strange, repository: 'acme/cart/' }],
    ['two slashes', { ...strange, repository: 'acme//cart' }],
    ['a host before', { ...strange, repository: 'github.com/acme/cart' }],
    ['.git behind', { ...strange, repository: 'acme/cart.git' }],
    ['another letter case of the owner', { ...strange, repository: 'Acme/cart' }],
    ['another letter case of the name', { ...strange, repository: 'acme/CART' }],
    ['a Cyrillic letter', { ...strange, repository: 'acme/сart' }],
    ['fullwidth letters', { ...strange, repository: 'ａｃｍｅ/cart' }],
    ['a division slash', { ...strange, repository: 'acme∕cart' }],
    ['a zero-width space', { ...strange, repository: 'acme/cart\u200b' }],
    ['a soft hyphen', { ...strange, repository: 'acme/ca\u00adrt' }],
    ['a right-to-left mark', { ...strange, repository: 'acme/cart\u200f' }],
    ['a NUL', { ...strange, repository: 'acme/cart\u0000' }],
    ['a line break', { ...strange, repository: 'acme/cart\n' }],
    ['a space behind', { ...strange, repository: 'acme/cart ' }],
    ['percent-encoding', { ...strange, repository: 'acme%2Fcart' }],
    ['the repository in a list', { ...strange, repository: ['acme/cart'] }],
    ['the repository in an object', { ...strange, repository: { name: 'acme/cart' } }],
    ['the repository as true', { ...strange, repository: true }],
    ['the repository as null', { ...strange, repository: null }],
    ['no repository', { ...strange, repository: undefined }],
    ['the right repository in a claim of another letter case', { ...strange, repository: undefined, Repository: 'acme/cart' }],
    ['the right repository in sub only', { ...strange, repository: 'mallory/x', sub: 'repo:acme/cart:environment:production' }],
    ['the right repository on another environment', { ...strange, repository: 'acme/cart', environment: 'production-evil' }],
    ['the environment in another letter case', { ...strange, repository: 'acme/cart', environment: 'Production' }],
    ['no environment', { ...strange, repository: 'acme/cart', environment: undefined }],
    ['a composed letter for two', { ...strange, repository: 'acme/cart', environment: 'production\u0301' }],
    ['an id that is a number', { ...byId, repository_id: 777 }],
    ['an id with a zero before', { ...byId, repository_id: '0777' }],
    ['an id with an exponent', { ...byId, repository_id: '777e0' }],
    ['an id in a list', { ...byId, repository_id: ['777'] }],
    ['an id in digits of another script', { ...byId, repository_id: '७७७' }],
    ['a ref that only begins alike', { ...byId, ref: 'refs/heads/main-evil' }],
    ['a ref below', { ...byId, ref: 'refs/heads/main/evil' }],
    ['a tag of the same name', { ...byId, ref: 'refs/tags/main' }],
    ['a short ref', { ...byId, ref: 'main' }],
    ['a pattern over a slash', { ...lib, repository: 'acme/lib-x/evil' }],
    ['a pattern with a look-alike in it', { ...lib, repository: 'acme/lib-сore' }],
    ['a pattern with a line break in it', { ...lib, repository: 'acme/lib-x\nacme/y' }],
    ['a pattern that begins later', { ...lib, repository: 'evil/acme/lib-core' }],
    ['a pattern as the claim', { ...lib, repository: 'acme/*' }],
    ['an owner of another letter case', { ...lib, repository_owner: 'ACME' }],
    ['an owner in a list', { ...lib, repository_owner: ['acme'] }],
    ['a workflow of another repository', { ...lib, job_workflow_ref: 'mallory/workflows/.github/workflows/deploy.yml@refs/tags/v3' }],
    ['a workflow on a branch', { ...lib, job_workflow_ref: 'acme/workflows/.github/workflows/deploy.yml@refs/heads/v3' }],
    ['a workflow whose ref goes on', { ...lib, job_workflow_ref: 'acme/workflows/.github/workflows/deploy.yml@refs/tags/v3/x' }],
    ['a workflow in a longer path', { ...lib, job_workflow_ref: 'x/acme/workflows/.github/workflows/deploy.yml@refs/tags/v3' }],
  ]
  for (const [what, changed] of foreign) {
    it(`is refused by the rules: ${what}`, async () => {
      const reply = await ask(await github.token({ ...claims, ...TIMES, ...changed }))
      deepEqual([reply.status, reply.json()['code']], [403, 'identity_unknown'], reply.text)
      doesNotMatch(reply.text, /mallory|evil/)
    })
  }

  it('differs from those that the rules are for', async () => {
    for (const [rule, changed] of [
      ['exact', {}],
      ['by-id', byId],
      ['pattern', lib],
    ] as const) {
      const reply = await ask(await github.token({ ...claims, ...TIMES, ...changed }))
      equal(reply.status, 200, reply.text)
      equal(reply.json<{ credential: { id: string } }>().credential.id, `github/${rule}`)
    }
  })
})
