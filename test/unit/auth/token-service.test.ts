import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'

import type { IssueMeta } from '../../../src/auth/issue-once.ts'
import { tokenRecord } from '../../../src/auth/records.ts'
import { hashToken } from '../../../src/auth/token.ts'
import type { TokenDraft } from '../../../src/auth/token-draft.ts'
import { TokenService } from '../../../src/auth/token-service.ts'
import { canonicalDigest } from '../../../src/core/canonical-json.ts'
import { SCOPES, type Access, type Confinement, type Principal } from '../../../src/core/principal.ts'
import { accessOf, ANN, DAY, MemoryTokens, TestClock, WORKER } from './memory-tokens.ts'

const admin = accessOf(SCOPES)
const plain: IssueMeta = { requestId: 'r-1', idempotency: undefined, credential: 'ptc_admin' }

function draft(changes: Partial<TokenDraft> = {}): TokenDraft {
  return { principal: 'ci', description: 'CI of the cart', roles: ['pipeline'], scopes: [], confinement: {}, expiresAt: null, ...changes }
}

const alone = { issued: false }

/** An administrator who asks with this token. */
function withToken(id: string): Access {
  return { ...admin, credential: { kind: 'token', id } }
}

function keyed(changes: { key?: string; fingerprint?: string; credential?: string } = {}): IssueMeta {
  const { key = 'run-1', fingerprint = 'f-1', credential = 'ptc_admin' } = changes
  const claim = {
    principalId: admin.principal.id,
    method: 'POST',
    path: '/v1/tokens',
    key,
    fingerprint,
    expiresAt: Number.MAX_SAFE_INTEGER,
  }
  return { requestId: 'r-1', idempotency: claim, credential }
}

describe('the token service', () => {
  let store = new MemoryTokens()
  let clock = new TestClock()
  let tokens = new TokenService({ store, claims: store, clock, personalMaxDays: 30 })

  beforeEach(() => {
    store = new MemoryTokens()
    clock = new TestClock()
    for (const person of [WORKER, ANN]) store.people.set(person.id, person)
    tokens = new TokenService({ store, claims: store, clock, personalMaxDays: 30 })
  })

  it('issues a token, keeps only its hash, and logs it without description and text', async () => {
    const { record, token, created } = await tokens.issue(admin, draft({ confinement: { repositories: ['acme/cart'] } }), plain)
    assert.ok(created)
    assert.equal(record.hash, hashToken(token))
    assert.equal(record.principalId, WORKER.id)
    assert.equal(record.createdBy, admin.principal.id)
    assert.ok(!JSON.stringify([...store.tokens.values(), store.entries]).includes(token))
    const [entry] = store.entries
    assert.ok(entry)
    assert.equal(entry.type, 'token.issued')
    assert.equal(entry.actor, admin.principal.id)
    assert.equal(entry.requestId, 'r-1')
    assert.equal(entry.body.digest, canonicalDigest(tokenRecord(record)))
    assert.equal(entry.body['createdBy'], admin.principal.id)
    assert.deepEqual(entry.detail, { description: 'CI of the cart' })
    assert.ok(!JSON.stringify(entry).includes(record.hash))
  })

  it('gives 90 days unless told otherwise, a year at most, and no end to administrators', async () => {
    const expiry = async (changes: Partial<TokenDraft>) => (await tokens.issue(admin, draft(changes), plain)).record.expiresAt
    assert.equal(await expiry({}), new Date(clock.at + 90 * DAY).toISOString())
    assert.equal(await expiry({ roles: ['admin'] }), null)
    assert.equal(await expiry({ expiresAt: '2027-05-01T14:00:00+02:00' }), '2027-05-01T12:00:00.000Z')
    for (const expiresAt of ['2026-05-01T12:00:00Z', '2028-01-01T00:00:00Z', 'tomorrow', '2026-06-01']) {
      await assert.rejects(expiry({ expiresAt }), { code: 'token_invalid', field: 'body.expiresAt' })
    }
  })

  it('refuses what would make no sense', async () => {
    const wrong: Partial<TokenDraft>[] = [
      { description: '' },
      { description: ' ' },
      { description: 'x'.repeat(501) },
      { description: 'two\nlines' },
      { description: '\ud800' },
      { roles: [], scopes: [] },
      { confinement: { repositories: [] } },
      { confinement: { stages: [''] } },
      { confinement: { stages: Array.from({ length: 101 }, (_, at) => `s${at}`) } },
    ]
    for (const changes of wrong)
      await assert.rejects(tokens.issue(admin, draft(changes), plain), { code: 'token_invalid' }, JSON.stringify(changes))
    await assert.rejects(tokens.issue(admin, draft({ principal: 'nobody' }), plain), { code: 'principal_unknown' })
    assert.equal(store.tokens.size, 0)
  })

  it('refuses a confinement that can match nothing, or costs too much to match, naming the list', async () => {
    const wrong: [keyof Confinement, string][] = [
      ['repositories', `acme/${'*a'.repeat(17)}`],
      ['repositories', `acme/${'a'.repeat(252)}`],
      ['repositories', '*'],
      ['repositories', 'acme//cart'],
      ['stages', 'prod*'],
      ['stages', '!source'],
      ['environments', '*'],
      ['environments', 'eu west'],
    ]
    for (const [list, item] of wrong) {
      await assert.rejects(
        tokens.issue(admin, draft({ confinement: { [list]: [item] } }), plain),
        { code: 'token_invalid', field: `body.confinement.${list}` },
        item,
      )
    }
    assert.equal(store.tokens.size, 0)
  })

  it('lets nobody issue more than they may do themselves', async () => {
    const lesser = accessOf(['tokens:manage', 'evidence:read'], { stages: ['build'] })
    await assert.rejects(tokens.issue(lesser, draft(), plain), { code: 'scope_missing' })
    const read = draft({ principal: 'ann', roles: [], scopes: ['evidence:read'] })
    await assert.rejects(tokens.issue(lesser, read, plain), { code: 'outside_confinement' })
    await tokens.issue(lesser, { ...read, confinement: { stages: ['build'] } }, plain)
  })

  it('lets who may not do everything act for nobody else: only for itself, and for workloads that it made', async () => {
    const scopes = ['tokens:manage', 'evidence:submit'] as const
    const lesser = accessOf(scopes)
    const people: Principal[] = [
      { ...WORKER, id: '0196a000-0000-7000-8000-00000000000a', name: 'my-workload', createdBy: ANN.id },
      { ...WORKER, id: '0196a000-0000-7000-8000-00000000000b', name: 'my-human', kind: 'human', createdBy: ANN.id },
    ]
    for (const person of people) store.people.set(person.id, person)
    const submit = (principal: string): TokenDraft => draft({ principal, roles: [], scopes: ['evidence:submit'] })
    for (const own of ['ann', ANN.id, 'my-workload']) assert.ok((await tokens.issue(lesser, submit(own), plain)).created, own)
    for (const access of [
      lesser,
      accessOf(SCOPES.filter((scope) => scope !== 'breakglass:use')),
      accessOf(SCOPES, { stages: ['build'] }),
    ]) {
      const { confinement } = access
      for (const other of ['ci', WORKER.id, 'my-human']) {
        const refused = { code: 'principal_foreign', field: 'body.principal' }
        await assert.rejects(tokens.issue(access, { ...submit(other), confinement }, plain), refused, other)
      }
    }
  })

  it('shows the same token again to a repeat by the same credential, and keeps it unreadable', async () => {
    const first = await tokens.issue(admin, draft(), keyed())
    const again = await tokens.issue(admin, draft(), keyed())
    assert.deepEqual(again, { ...first, created: false })
    assert.equal(store.tokens.size, 1)
    assert.ok(![...store.claims.values()].some(({ sealed }) => sealed === undefined || sealed.includes(first.token)))
    await assert.rejects(tokens.issue(admin, draft(), keyed({ fingerprint: 'f-2' })), { code: 'idempotency_key_reused' })
    await assert.rejects(tokens.issue(admin, draft(), keyed({ credential: 'ptc_other' })), { code: 'idempotency_key_reused' })
    assert.notEqual((await tokens.issue(admin, draft(), keyed({ key: 'run-2' }))).token, first.token)
  })

  it('answers with the one token when the same request comes twice at once', async () => {
    const answers = await Promise.all([tokens.issue(admin, draft(), keyed()), tokens.issue(admin, draft(), keyed())])
    assert.equal(new Set(answers.map(({ token }) => token)).size, 1)
    assert.equal(answers.filter(({ created }) => created).length, 1)
    assert.equal(store.tokens.size, 1)
  })

  it('tells of a failure to write', async () => {
    store.failure = new Error('disk full')
    await assert.rejects(tokens.issue(admin, draft(), plain), /disk full/)
    await assert.rejects(tokens.issue(admin, draft(), keyed()), /disk full/)
  })

  it('lets nothing last longer than what it was issued with', async () => {
    const ending: Access = { ...admin, expiresAt: clock.at + 10 * DAY }
    const end = new Date(clock.at + 10 * DAY).toISOString()
    const expiry = async (changes: Partial<TokenDraft>) => (await tokens.issue(ending, draft(changes), plain)).record.expiresAt
    assert.equal(await expiry({}), end)
    assert.equal(await expiry({ roles: ['admin'] }), end)
    assert.equal(await expiry({ expiresAt: end }), end)
    const sooner = new Date(clock.at + DAY).toISOString()
    assert.equal(await expiry({ expiresAt: sooner }), sooner)
    const later = new Date(clock.at + 10 * DAY + 1).toISOString()
    await assert.rejects(expiry({ expiresAt: later }), { code: 'token_outlives' })
  })

  it('lets the job of a pipeline issue tokens for itself alone, and none that outlives it', async () => {
    const job: Access = {
      ...admin,
      principal: WORKER,
      credential: { kind: 'workload', id: 'github/main' },
      person: null,
      expiresAt: clock.at + 300_000,
    }
    const made: Principal = { ...WORKER, id: '0196a000-0000-7000-8000-00000000000a', name: 'made', createdBy: WORKER.id }
    store.people.set(made.id, made)
    for (const principal of ['ann', 'made']) {
      await assert.rejects(tokens.issue(job, draft({ principal }), plain), { code: 'principal_foreign' }, principal)
    }
    const { record } = await tokens.issue(job, draft(), plain)
    assert.equal(record.expiresAt, new Date(clock.at + 300_000).toISOString())
    assert.deepEqual(record.issuedWith, { kind: 'workload', id: 'github/main' })
  })

  it('revokes once', async () => {
    const { record } = await tokens.issue(admin, draft(), plain)
    assert.ok(await tokens.revoke(admin, record.id, alone, 'r-2'))
    const revoked = store.tokens.get(record.id)
    assert.equal(revoked?.revokedAt, '2026-05-01T12:00:00.000Z')
    assert.equal(store.entries.at(-1)?.body.digest, revoked && canonicalDigest(tokenRecord(revoked)))
    assert.deepEqual([store.entries.at(-1)?.actor, store.entries.at(-1)?.requestId], [admin.principal.id, 'r-2'])
    clock.advance(DAY)
    assert.ok(await tokens.revoke(admin, record.id, alone, 'r-3'))
    assert.deepEqual(store.tokens.get(record.id), revoked)
    assert.equal(store.entries.length, 2)
    assert.equal(await tokens.revoke(admin, 'none', alone, 'r-4'), false)
  })

  it('revokes the whole family of a token, whichever of them is named, and leaves what was issued with it alone', async () => {
    const family = async (): Promise<string[]> => {
      const { record } = await tokens.issue(admin, draft(), plain)
      const second = (await tokens.rotate(admin, record.id, 'P1D', plain))?.record.id ?? ''
      const third = (await tokens.rotate(admin, second, 'P1D', plain))?.record.id ?? ''
      return [record.id, second, third]
    }
    for (const named of [0, 1, 2]) {
      const ids = await family()
      const issued = await tokens.issue(withToken(ids[2] ?? ''), draft(), plain)
      assert.ok(await tokens.revoke(admin, ids[named] ?? '', alone, 'r-2'))
      for (const id of ids) assert.notEqual(store.tokens.get(id)?.revokedAt, null)
      assert.equal(store.tokens.get(issued.record.id)?.revokedAt, null)
      const entries = store.entries.slice(-3).map(({ type, body }) => [type, body['id'], body['because']])
      assert.deepEqual(
        entries,
        ids.map((id) => ['token.revoked', id, id === ids[named] ? undefined : ids[named]]),
      )
    }
  })

  it('revokes on request whatever was issued with the family, however far', async () => {
    const first = (await tokens.issue(admin, draft(), plain)).record
    const child = (await tokens.issue(withToken(first.id), draft(), plain)).record
    const successor = (await tokens.rotate(admin, child.id, undefined, plain))?.record
    const grandchild = (await tokens.issue(withToken(successor?.id ?? ''), draft(), plain)).record
    const other = (await tokens.issue(admin, draft(), plain)).record
    assert.ok(await tokens.revoke(admin, first.id, { issued: true }, 'r-2'))
    for (const { id } of [first, child, successor ?? first, grandchild]) assert.notEqual(store.tokens.get(id)?.revokedAt, null)
    assert.equal(store.tokens.get(other.id)?.revokedAt, null)
  })

  it('lets nobody end a token that may do more than their own', async () => {
    const { record } = await tokens.issue(admin, draft({ roles: ['admin'] }), plain)
    await assert.rejects(tokens.revoke(accessOf(['tokens:manage']), record.id, alone, 'r-2'), { code: 'scope_missing' })
    await assert.rejects(tokens.revoke(accessOf(SCOPES, { stages: ['build'] }), record.id, alone, 'r-2'), { code: 'outside_confinement' })
    assert.equal(store.tokens.get(record.id)?.revokedAt, null)
  })

  it('lists all tokens, or those of a principal by name or id, to who manages tokens', async () => {
    const { record } = await tokens.issue(admin, draft(), plain)
    for (const filter of [{}, { principal: 'ci' }, { principal: WORKER.id }, { familyId: record.familyId }]) {
      assert.deepEqual(await tokens.list(admin, filter, { limit: 10 }), { items: [record], next: null })
    }
    assert.deepEqual(await tokens.list(admin, { principal: 'nobody' }, { limit: 10 }), { items: [], next: null })
    assert.deepEqual(await tokens.find(admin, record.id), record)
    clock.advance(91 * DAY)
    assert.deepEqual((await tokens.list(admin, { state: 'active' }, { limit: 10 })).items, [])
    assert.deepEqual((await tokens.list(admin, { state: 'expired' }, { limit: 10 })).items, [record])
  })

  it('shows everybody their own tokens as far as their confinement reaches, and nobody those of others', async () => {
    const wide = (await tokens.issue(admin, draft({ principal: 'ann' }), plain)).record
    const narrow = (await tokens.issue(admin, draft({ principal: 'ann', confinement: { repositories: ['acme/cart'] } }), plain)).record
    const foreign = (await tokens.issue(admin, draft(), plain)).record
    const shown = async (access: Access) => (await tokens.list(access, { principal: 'self' }, { limit: 10 })).items
    assert.deepEqual(await shown(accessOf([])), [wide, narrow])
    const confined = accessOf([], { repositories: ['acme/*'] })
    assert.deepEqual(await shown(confined), [narrow])
    assert.deepEqual(await tokens.find(confined, narrow.id), narrow)
    for (const id of [wide.id, foreign.id, 'none']) await assert.rejects(tokens.find(confined, id), { code: 'scope_missing' }, id)
    for (const filter of [{}, { principal: 'ann' }, { principal: 'ci' }, { principal: WORKER.id }]) {
      await assert.rejects(tokens.list(accessOf([]), filter, { limit: 10 }), { code: 'scope_missing' })
      const confinedManager = accessOf(SCOPES, { repositories: ['acme/*'] })
      await assert.rejects(tokens.list(confinedManager, filter, { limit: 10 }), { code: 'outside_confinement' })
      await assert.rejects(tokens.find(confinedManager, foreign.id), { code: 'outside_confinement' })
    }
  })
})
