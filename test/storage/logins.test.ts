import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'

import type { ProvenLogin, Standing } from '../../src/auth/login/ports.ts'
import { newId } from '../../src/core/id.ts'
import { formatInstant } from '../../src/core/time.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { AT, CAUSE } from './samples.ts'

const NOW = Date.parse(AT)
const HOUR = 3_600_000

/** Ann at her first login, unless something else is said. */
function login(over: Partial<ProvenLogin> = {}, standing: Partial<Standing> = {}): ProvenLogin {
  const at = standing.at ?? AT
  return {
    standing: { provider: 'okta', issuer: 'https://okta.example', subject: 'ann-1', groups: ['readers'], rights: [], ...standing, at },
    email: 'ann@example.com',
    linkByEmail: false,
    names: ['okta:ann@example.com', 'okta:ann@example.com+1'],
    session: {
      ...{ id: newId(), hash: randomBytes(32).toString('hex'), hint: 'abcd', login: 'okta' },
      ...{ rights: { roles: ['auditor'], scopes: [], confinement: {} }, createdAt: at, expiresAt: formatInstant(Date.parse(at) + HOUR) },
    },
    state: { key: randomBytes(16).toString('hex'), expiresAt: NOW + HOUR },
    address: '192.0.2.7',
    requestId: 'r-1',
    ...over,
  }
}

async function typesSince(storage: Storage, size: number): Promise<string[]> {
  const { size: now } = await storage.log.head()
  const entries = await Promise.all(Array.from({ length: now - size }, (_, at) => storage.log.entry(size + at)))
  return entries.map((entry) => (JSON.parse(entry?.leaf ?? '{}') as { type: string }).type)
}

await forEachEngine('Logins', ({ open, place }) => {
  it('make a principal, link what was proven, and open a session, with the log told of both', async () => {
    await using storage = await open()
    const { size } = await storage.log.head()
    const first = login()
    const principal = await storage.logins.logIn(first)
    assert.deepEqual([principal.name, principal.kind, principal.groups], ['okta:ann@example.com', 'human', ['okta:readers']])
    const proof = { verifiedBy: 'provider', at: AT, by: 'okta' }
    assert.deepEqual(principal.identities, [
      { kind: 'issuer:okta', value: 'ann-1', ...proof },
      { kind: 'email', value: 'ann@example.com', ...proof },
    ])
    const found = await storage.tokens.findByHash(first.session.hash)
    assert.deepEqual(found?.principal, principal)
    assert.deepEqual([found.token.kind, found.token.login, found.token.person, found.token.issuerIds], ['session', 'okta', 'proven', []])
    assert.deepEqual(await storage.logins.standing(principal.id, 'okta'), first.standing)
    assert.deepEqual(await typesSince(storage, size), ['principal.changed', 'token.issued'])
    const entry = await storage.log.entry(size + 1)
    assert.equal(entry?.detail['address']?.value, '192.0.2.7')
    assert.ok(!entry?.leaf.includes('192.0.2.7'))
  })

  it('lead to the same principal by issuer and subject, whatever else has changed', async () => {
    await using storage = await open()
    const before = await storage.logins.logIn(login())
    const { size } = await storage.log.head()
    const revision = await storage.tokens.revision()
    assert.deepEqual(await storage.logins.logIn(login()), before)
    assert.deepEqual(await typesSince(storage, size), ['token.issued'], 'a login that changes nothing tells of the session alone')
    assert.ok((await storage.tokens.revision()) > revision)
    const married = login(
      { email: 'ann.lee@example.com', names: ['okta:ann.lee@example.com'] },
      { groups: ['admins'], at: '2026-03-02T12:00:00.000Z' },
    )
    const after = await storage.logins.logIn(married)
    assert.deepEqual([after.id, after.name, after.groups], [before.id, 'okta:ann@example.com', ['okta:admins']])
    assert.deepEqual(
      after.identities.map(({ value }) => value),
      ['ann-1', 'ann@example.com', 'ann.lee@example.com'],
    )
    assert.deepEqual((await storage.logins.standing(before.id, 'okta'))?.groups, ['admins'])
  })

  it('open one session each', async () => {
    await using storage = await open()
    const first = login()
    await storage.logins.logIn(first)
    const { size } = await storage.log.head()
    const replayed = login({ state: first.state })
    await assert.rejects(storage.logins.logIn(replayed), { code: 'login_state_invalid' })
    assert.equal(await storage.tokens.findByHash(replayed.session.hash), undefined)
    assert.equal((await storage.log.head()).size, size)
    const twice = [login(), login()].map((each) => ({ ...each, state: { key: 'same', expiresAt: NOW + HOUR } }))
    const results = await Promise.allSettled(twice.map((each) => storage.logins.logIn(each)))
    assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  })

  it('never give somebody a principal because the address is the same', async () => {
    await using storage = await open()
    await storage.logins.logIn(login())
    const successor = login({}, { subject: 'ann-2' })
    const elsewhere = login({ names: ['dex:ann@example.com'] }, { provider: 'dex', issuer: 'https://dex.example', subject: 'ann-1' })
    for (const other of [successor, elsewhere]) await assert.rejects(storage.logins.logIn(other), { code: 'identity_taken' })
    const withoutAddress = await storage.logins.logIn({ ...successor, email: null })
    assert.equal(withoutAddress.name, 'okta:ann@example.com+1', 'the name that is taken is marked')
    const subjectOfAnother = await storage.logins.logIn({ ...elsewhere, email: null })
    assert.equal(subjectOfAnother.name, 'dex:ann@example.com')
  })

  it('take no principal that an administrator made, unless the issuer says so and nobody logs in as it', async () => {
    await using storage = await open()
    const made = { id: newId(), name: 'ann@example.com', kind: 'human', disabled: false, groups: ['git'], createdBy: 'an-admin' } as const
    await storage.tokens.putPrincipal(made, CAUSE)
    const apart = await storage.logins.logIn(login({ email: 'other@example.com' }, { subject: 'other' }))
    assert.notEqual(apart.id, made.id)
    const linked = await storage.logins.logIn(login({ linkByEmail: true }))
    assert.deepEqual([linked.id, linked.name, linked.groups], [made.id, 'ann@example.com', ['git', 'okta:readers']])
    await assert.rejects(storage.logins.logIn(login({ linkByEmail: true }, { subject: 'ann-2' })), { code: 'identity_taken' })
  })

  it('take no workload, and nothing that the service made, by an address', async () => {
    await using storage = await open()
    for (const over of [{ kind: 'workload' as const }, { createdBy: 'system' }]) {
      const name = `${newId().slice(-12)}@example.com`
      const made = { id: newId(), name, kind: 'human' as const, disabled: false, groups: [], createdBy: 'an-admin', ...over }
      await storage.tokens.putPrincipal(made, CAUSE)
      const other = await storage.logins.logIn(login({ email: name, linkByEmail: true, names: [`okta:${name}`] }, { subject: name }))
      assert.notEqual(other.id, made.id)
    }
  })

  it('follow the link of an administrator', async () => {
    await using storage = await open()
    const made = { id: newId(), name: 'ann', kind: 'human', disabled: false, groups: [], createdBy: 'an-admin' } as const
    await storage.tokens.putPrincipal(made, CAUSE)
    await storage.identities.link(made.id, { kind: 'issuer:okta', value: 'ann-1', verifiedBy: 'admin', at: AT, by: 'an-admin' }, CAUSE)
    assert.equal((await storage.logins.logIn(login())).id, made.id)
  })

  it('let in neither the disabled nor workloads', async () => {
    await using storage = await open()
    const principal = await storage.logins.logIn(login())
    await storage.tokens.putPrincipal({ ...principal, disabled: true }, CAUSE)
    await assert.rejects(storage.logins.logIn(login()), { code: 'not_entitled', message: /disabled/ })
    await storage.tokens.putPrincipal({ ...principal, kind: 'workload' }, CAUSE)
    await assert.rejects(storage.logins.logIn(login()), { code: 'not_entitled', message: /workload/ })
  })

  it('don’t take the subject of an issuer at another address for the same person, until an administrator links it', async () => {
    await using storage = await open()
    const principal = await storage.logins.logIn(login())
    const moved = login({}, { issuer: 'https://other.example', at: '2026-03-02T12:00:00.000Z' })
    await assert.rejects(storage.logins.logIn(moved), { code: 'not_entitled', message: /another address/ })
    const link = { kind: 'issuer:okta', value: 'ann-1', verifiedBy: 'admin', at: '2026-03-02T00:00:00.000Z', by: 'an-admin' } as const
    await storage.identities.link(principal.id, link, CAUSE)
    assert.equal((await storage.logins.logIn(moved)).id, principal.id)
  })

  it('count administrators: whose last login at a provider gave them everything', async () => {
    await using storage = await open()
    const everything = [{ roles: ['admin'], scopes: [], confinement: {} }] as const
    const principal = await storage.logins.logIn(login({}, { groups: ['admins'], rights: everything }))
    assert.equal(await storage.administrators.isAdministrator(principal.id, AT), true)
    await storage.logins.logIn(login({}, { rights: [{ roles: ['admin'], scopes: [], confinement: { stages: ['test'] } }] }))
    assert.equal(await storage.administrators.isAdministrator(principal.id, AT), false)
  })

  it('leave out an address that can’t be linked', async () => {
    await using storage = await open()
    const principal = await storage.logins.logIn(login({ email: 'änn@example.com' }))
    assert.deepEqual(
      principal.identities.map(({ kind }) => kind),
      ['issuer:okta'],
    )
  })

  it('in progress are sealed with one key, the same after a restart', async () => {
    const where = await place()
    let key: Uint8Array
    {
      await using storage = await open(where)
      const keys = await Promise.all([storage.logins.stateKey(), storage.logins.stateKey()])
      key = keys[0]
      assert.equal(key.length, 32)
      assert.deepEqual(keys[1], key)
    }
    await using storage = await open(where)
    assert.deepEqual(await storage.logins.stateKey(), key)
  })
})
