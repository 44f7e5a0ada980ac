import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'

import { tokenRecord } from '../../../src/auth/records.ts'
import { hashToken } from '../../../src/auth/token.ts'
import type { TokenDraft } from '../../../src/auth/token-draft.ts'
import { TokenService, type IssueMeta } from '../../../src/auth/token-service.ts'
import { canonicalDigest } from '../../../src/core/canonical-json.ts'
import { SCOPES, type Access, type Confinement, type Principal } from '../../../src/core/principal.ts'
import { accessOf, ANN, DAY, MemoryTokens, TestClock, WORKER } from './memory-tokens.ts'

const admin = accessOf(SCOPES)
const plain: IssueMeta = { requestId: 'r-1', idempotency: undefined, credential: 'ptc_admin' }

function draft(changes: Partial<TokenDraft> = {}): TokenDraft {
  return { principal: 'ci', description: 'CI of the cart', roles: ['pipeline'], scopes: [], confinement: {}, expiresAt: null, ...changes }
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
  let tokens = new TokenService({ store, claims: store, clock })

  beforeEach(() => {
    store = new MemoryTokens()
    clock = new TestClock()
    for (const person of [WORKER, ANN]) store.people.set(person.id, person)
    tokens = new TokenService({ store, claims: store, clock })
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
    // Whoever rotates a token gets to know its successor.
    const { record } = await tokens.issue(admin, submit('ci'), plain)
    await assert.rejects(tokens.rotate(lesser, record.id, 'r-2'), { code: 'principal_foreign' })
    assert.equal(store.tokens.get(record.id)?.revokedAt, null)
  })

  it('counts whoever replaced a token among the owners of its successor, and keeps its maker', async () => {
    const { record } = await tokens.issue(admin, draft(), plain)
    const other: Access = { ...admin, principal: { ...ANN, id: '0196a000-0000-7000-8000-0000000000cc', name: 'bea' } }
    const successor = (await tokens.rotate(other, record.id, 'r-2'))?.record
    assert.deepEqual([successor?.createdBy, successor?.issuerIds], [record.createdBy, [...record.issuerIds, other.principal.id]])
    assert.deepEqual(store.entries.at(-1)?.body['issuerIds'], successor?.issuerIds)
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

  it('revokes once', async () => {
    const { record } = await tokens.issue(admin, draft(), plain)
    assert.ok(await tokens.revoke(admin, record.id, 'r-2'))
    const revoked = store.tokens.get(record.id)
    assert.equal(revoked?.revokedAt, '2026-05-01T12:00:00.000Z')
    assert.equal(store.entries.at(-1)?.body.digest, revoked && canonicalDigest(tokenRecord(revoked)))
    clock.advance(DAY)
    assert.ok(await tokens.revoke(admin, record.id, 'r-3'))
    assert.deepEqual(store.tokens.get(record.id), revoked)
    assert.equal(store.entries.length, 2)
    assert.equal(await tokens.revoke(admin, 'none', 'r-4'), false)
  })

  it('rotates: the old one ends, a new one of the same rights and length of life begins', async () => {
    const { record, token } = await tokens.issue(admin, draft({ expiresAt: '2026-05-11T12:00:00Z' }), plain)
    clock.advance(DAY)
    const successor = await tokens.rotate(admin, record.id, 'r-2')
    assert.ok(successor)
    assert.notEqual(successor.token, token)
    assert.equal(successor.record.hash, hashToken(successor.token))
    assert.equal(successor.record.expiresAt, '2026-05-12T12:00:00.000Z')
    const { principalId, roles, scopes, confinement, description } = record
    assert.partialDeepStrictEqual(successor.record, {
      principalId,
      roles,
      scopes,
      confinement,
      description,
      revokedAt: null,
      lastUsedAt: null,
    })
    assert.notEqual(store.tokens.get(record.id)?.revokedAt, null)
    assert.deepEqual(
      store.entries.slice(1).map(({ type, body }) => [type, body['id'], body['replaces']]),
      [
        ['token.revoked', record.id, undefined],
        ['token.issued', successor.record.id, record.id],
      ],
    )
    assert.equal(await tokens.rotate(admin, record.id, 'r-3'), undefined)
    assert.equal(await tokens.rotate(admin, 'none', 'r-4'), undefined)
  })

  it('keeps a token without end without end when it is rotated', async () => {
    const { record } = await tokens.issue(admin, draft({ roles: ['admin'] }), plain)
    assert.equal((await tokens.rotate(admin, record.id, 'r-2'))?.record.expiresAt, null)
  })

  it('lets nobody take over or end a token that may do more than their own', async () => {
    const { record } = await tokens.issue(admin, draft({ roles: ['admin'] }), plain)
    const lesser = accessOf(['tokens:manage'])
    await assert.rejects(tokens.rotate(lesser, record.id, 'r-2'), { code: 'scope_missing' })
    await assert.rejects(tokens.revoke(lesser, record.id, 'r-2'), { code: 'scope_missing' })
    const confined = accessOf(SCOPES, { stages: ['build'] })
    await assert.rejects(tokens.rotate(confined, record.id, 'r-2'), { code: 'outside_confinement' })
    assert.equal(store.tokens.get(record.id)?.revokedAt, null)
  })

  it('lists all tokens, or those of a principal by name or id', async () => {
    const { record } = await tokens.issue(admin, draft(), plain)
    for (const filter of [{}, { principal: 'ci' }, { principal: WORKER.id }]) {
      assert.deepEqual(await tokens.list(filter, { limit: 10 }), { items: [record], next: null })
    }
    assert.deepEqual(await tokens.list({ principal: 'nobody' }, { limit: 10 }), { items: [], next: null })
    assert.deepEqual(await tokens.find(record.id), record)
  })
})
