import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'

import type { TokenRecord } from '../../../src/auth/ports.ts'
import type { TokenDraft } from '../../../src/auth/token-draft.ts'
import { TokenService } from '../../../src/auth/token-service.ts'
import { ROLES, SCOPES, type Access } from '../../../src/core/principal.ts'
import { ANN, DAY, MemoryTokens, TestClock, WORKER } from './memory-tokens.ts'

const SESSION = '0196a000-0000-7000-8000-0000000000a1'
const plain = { requestId: 'r-1', idempotency: undefined, credential: 'a-session' }

/** Ann in a login that lets her read everything, and nothing else. */
const inLogin: Access = {
  principal: ANN,
  credential: { kind: 'session', id: SESSION },
  issuerIds: [],
  person: 'proven',
  identity: null,
  scopes: new Set(ROLES.auditor),
  confinement: {},
  expiresAt: Date.parse('2026-05-01T20:00:00.000Z'),
}

function draft(changes: Partial<TokenDraft> = {}): TokenDraft {
  return { principal: ANN.id, description: 'My laptop', roles: ['auditor'], scopes: [], confinement: {}, expiresAt: null, ...changes }
}

describe('A personal token', () => {
  let store = new MemoryTokens()
  let clock = new TestClock()
  let tokens = new TokenService({ store, claims: store, clock, personalMaxDays: 30 })

  beforeEach(() => {
    store = new MemoryTokens()
    clock = new TestClock()
    for (const person of [WORKER, ANN]) store.people.set(person.id, person)
    store.tokens.set(SESSION, { id: SESSION, login: 'okta', principalId: ANN.id, hash: 'ab' } as TokenRecord)
    tokens = new TokenService({ store, claims: store, clock, personalMaxDays: 30 })
  })

  const issue = async (access: Access, changes: Partial<TokenDraft> = {}): Promise<TokenRecord> =>
    (await tokens.issue(access, draft(changes), plain)).record
  const withIt = (record: TokenRecord): Access => ({
    ...inLogin,
    credential: { kind: 'token', id: record.id },
    issuerIds: record.issuerIds,
    expiresAt: Date.parse(record.expiresAt ?? ''),
  })

  it('is made by a person for itself without any scope, and proves it; nobody else had it in hand', async () => {
    const record = await issue(inLogin)
    assert.deepEqual([record.kind, record.login, record.person, record.principalId], ['personal', 'okta', 'proven', ANN.id])
    assert.deepEqual([record.issuerIds, record.createdBy], [[ANN.id], ANN.id])
    assert.deepEqual(record.issuedWith, { kind: 'session', id: SESSION })
  })

  it('outlasts the session, by so many days as are configured at most', async () => {
    const end = new Date(clock.at + 30 * DAY).toISOString()
    assert.equal((await issue(inLogin)).expiresAt, end)
    assert.equal((await issue(inLogin, { expiresAt: end })).expiresAt, end)
    for (const expiresAt of [new Date(clock.at + 30 * DAY + 1).toISOString(), new Date(clock.at).toISOString(), 'some day'])
      await assert.rejects(issue(inLogin, { expiresAt }), { code: 'token_invalid', field: 'body.expiresAt' })
    const admin = { ...inLogin, scopes: new Set(SCOPES) }
    assert.equal((await issue(admin, { roles: ['admin'] })).expiresAt, end, 'an administrator’s too')
  })

  it('makes others, never longer than itself', async () => {
    const first = await issue(inLogin, { expiresAt: new Date(clock.at + 10 * DAY).toISOString() })
    clock.advance(DAY)
    const second = await issue(withIt(first))
    assert.deepEqual([second.kind, second.login, second.expiresAt], ['personal', 'okta', first.expiresAt])
    await assert.rejects(issue(withIt(first), { expiresAt: new Date(clock.at + 20 * DAY).toISOString() }), { code: 'token_outlives' })
  })

  it('may do no more than the login', async () => {
    await assert.rejects(issue(inLogin, { roles: ['approver'] }), { code: 'scope_missing' })
    const confined = { ...inLogin, confinement: { repositories: ['acme/cart'] } }
    await assert.rejects(issue(confined), { code: 'outside_confinement' })
  })

  it('is one’s own: for others it takes the scope and the right to act for them, and is no personal one', async () => {
    await assert.rejects(issue(inLogin, { principal: 'ci' }), { code: 'principal_foreign' })
    const managing = { ...inLogin, scopes: new Set(SCOPES) }
    const { kind, login, person, expiresAt } = await issue(managing, { principal: 'ci' })
    assert.deepEqual([kind, login, person], ['token', null, null])
    assert.equal(expiresAt, '2026-05-01T20:00:00.000Z', 'and lasts no longer than the session')
  })

  it('is not what somebody makes whom no login proved', async () => {
    const declared: Access = { ...inLogin, person: 'declared', credential: { kind: 'token', id: 'x' } }
    await assert.rejects(issue(declared), { code: 'scope_missing' })
    const managing = { ...declared, scopes: new Set(SCOPES) }
    assert.deepEqual([(await issue(managing)).kind, (await issue(managing)).person], ['token', 'declared'])
  })

  it('is ended by its owner, however little they may do by now, and by nobody else without the scope', async () => {
    const record = await issue(inLogin)
    const little = { ...inLogin, scopes: new Set(ROLES.admission) }
    const stranger = { ...little, principal: { ...ANN, id: WORKER.id } }
    await assert.rejects(tokens.revoke(stranger, record.id, { issued: false }, 'r-1'), { code: 'scope_missing' })
    await assert.rejects(tokens.revoke(stranger, 'nobody', { issued: false }, 'r-1'), { code: 'scope_missing' })
    assert.equal(await tokens.revoke(little, record.id, { issued: false }, 'r-1'), true)
    assert.notEqual(store.tokens.get(record.id)?.revokedAt, null)
  })
})
