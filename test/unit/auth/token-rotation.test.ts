import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'

import type { IssueMeta } from '../../../src/auth/issue-once.ts'
import type { TokenRecord } from '../../../src/auth/ports.ts'
import { tokenRecord } from '../../../src/auth/records.ts'
import { hashToken } from '../../../src/auth/token.ts'
import { TokenService } from '../../../src/auth/token-service.ts'
import { canonicalDigest } from '../../../src/core/canonical-json.ts'
import { SCOPES, type Access } from '../../../src/core/principal.ts'
import { accessOf, ANN, DAY, MemoryTokens, TestClock, WORKER } from './memory-tokens.ts'

const HOUR = 3_600_000
const admin = accessOf(SCOPES)
const plain: IssueMeta = { requestId: 'r-1', idempotency: undefined, credential: 'ptc_admin' }

function keyed(id: string, credential = 'ptc_admin', fingerprint = 'f-1'): IssueMeta {
  const path = `/v1/tokens/${id}/rotate`
  const claim = { principalId: ANN.id, method: 'POST', path, key: 'run-1', fingerprint, expiresAt: Number.MAX_SAFE_INTEGER }
  return { requestId: 'r-1', idempotency: claim, credential }
}

describe('replacing a token', () => {
  let store = new MemoryTokens()
  let clock = new TestClock()
  let tokens = new TokenService({ store, claims: store, clock, personalMaxDays: 30 })

  beforeEach(() => {
    store = new MemoryTokens()
    clock = new TestClock()
    for (const person of [WORKER, ANN]) store.people.set(person.id, person)
    tokens = new TokenService({ store, claims: store, clock, personalMaxDays: 30 })
  })

  async function issue(changes: Partial<TokenRecord> = {}): Promise<TokenRecord> {
    const draft = { principal: 'ci', description: 'CI', roles: ['pipeline'], scopes: [], confinement: {}, expiresAt: null } as const
    const { record } = await tokens.issue(admin, draft, plain)
    const kept = { ...record, ...changes }
    store.tokens.set(kept.id, kept)
    return kept
  }

  async function successorOf(id: string, overlap?: string, access = admin): Promise<TokenRecord> {
    const successor = await tokens.rotate(access, id, overlap, plain)
    assert.ok(successor)
    return successor.record
  }

  it('makes a successor of the same owner, maker, rights, family and end, with a text of its own', async () => {
    const old = await issue({ confinement: { repositories: ['acme/cart'] } })
    clock.advance(DAY)
    const made = await tokens.rotate(admin, old.id, undefined, plain)
    assert.ok(made?.created)
    const { record, token } = made
    assert.equal(record.hash, hashToken(token))
    assert.notEqual(record.hash, old.hash)
    const { principalId, createdBy, kind, roles, scopes, confinement, expiresAt, description, familyId } = old
    const kept = { principalId, createdBy, kind, roles, scopes, confinement, expiresAt, description, familyId }
    assert.partialDeepStrictEqual(record, { ...kept, supersededBy: null, overlapUntil: null, revokedAt: null, lastUsedAt: null })
    assert.deepEqual([record.createdAt, record.issuedWith], ['2026-05-02T12:00:00.000Z', admin.credential])
  })

  it('notes successor and overlap with the old one, and logs both', async () => {
    const old = await issue()
    const { id } = await successorOf(old.id, 'PT2H')
    const kept = store.tokens.get(old.id)
    assert.partialDeepStrictEqual(kept, { supersededBy: id, overlapUntil: '2026-05-01T14:00:00.000Z', revokedAt: null })
    assert.deepEqual(
      store.entries.slice(1).map(({ type, body }) => [type, body['id'], body['supersededBy'], body['overlapUntil'], body['replaces']]),
      [
        ['token.superseded', old.id, id, '2026-05-01T14:00:00.000Z', undefined],
        ['token.issued', id, undefined, undefined, old.id],
      ],
    )
    assert.equal(store.entries[1]?.body.digest, kept && canonicalDigest(tokenRecord(kept)))
  })

  it('lets the old one work for an hour, for the time that was asked for, or not at all, and never beyond its own end', async () => {
    const until = async (overlap?: string, changes: Partial<TokenRecord> = {}): Promise<string | null | undefined> => {
      const { id } = await issue(changes)
      await successorOf(id, overlap)
      return store.tokens.get(id)?.overlapUntil
    }
    assert.equal(await until(), '2026-05-01T13:00:00.000Z')
    assert.equal(await until('PT0S'), '2026-05-01T12:00:00.000Z')
    assert.equal(await until('P7D'), '2026-05-08T12:00:00.000Z')
    assert.equal(await until('P1W'), '2026-05-08T12:00:00.000Z')
    assert.equal(await until('P7D', { expiresAt: '2026-05-03T00:00:00.000Z' }), '2026-05-03T00:00:00.000Z')
    assert.equal(await until('P1D', { expiresAt: null }), '2026-05-02T12:00:00.000Z')
    for (const overlap of ['P7DT1S', 'P1M', '-PT1H', '1h', 'P', '']) {
      const { id } = await issue()
      await assert.rejects(tokens.rotate(admin, id, overlap, plain), { code: 'token_invalid', field: 'body.overlap' }, overlap)
      assert.equal(store.tokens.get(id)?.supersededBy, null)
    }
  })

  it('never makes a token last longer, however often it is replaced', async () => {
    let { id } = await issue({ expiresAt: '2026-05-11T12:00:00.000Z' })
    for (let day = 1; day <= 9; day++) {
      clock.advance(DAY)
      const successor = await successorOf(id)
      assert.equal(successor.expiresAt, '2026-05-11T12:00:00.000Z')
      id = successor.id
    }
    clock.advance(DAY)
    await assert.rejects(tokens.rotate(admin, id, undefined, plain), { code: 'token_ended', message: /expired/ })
    const endless = await issue({ expiresAt: null })
    assert.equal((await successorOf(endless.id)).expiresAt, null)
  })

  it('happens once: to the newest of the family, while it works', async () => {
    const old = await issue()
    const successor = await successorOf(old.id)
    await assert.rejects(tokens.rotate(admin, old.id, undefined, plain), { code: 'token_superseded' })
    clock.advance(2 * HOUR)
    await assert.rejects(tokens.rotate(admin, old.id, undefined, plain), { code: 'token_superseded' })
    const third = await successorOf(successor.id)
    assert.equal(third.familyId, old.familyId)
    await tokens.revoke(admin, third.id, { issued: false }, 'r-2')
    await assert.rejects(tokens.rotate(admin, third.id, undefined, plain), { code: 'token_ended', message: /revoked/ })
    assert.equal(await tokens.rotate(admin, 'none', undefined, plain), undefined)
  })

  it('has one winner where two ask at once', async () => {
    const old = await issue()
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => tokens.rotate(admin, old.id, undefined, plain)))
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'made' : (outcome.reason as { code: string }).code)),
      ['made', 'token_superseded', 'token_superseded'],
    )
    assert.equal(store.tokens.size, 2)
  })

  it('shows the same successor again to a repeat by the same credential, and to no other', async () => {
    const { id } = await issue()
    const first = await tokens.rotate(admin, id, 'P1D', keyed(id))
    assert.ok(first?.created)
    clock.advance(HOUR)
    assert.deepEqual(await tokens.rotate(admin, id, 'P1D', keyed(id)), { ...first, created: false })
    await assert.rejects(tokens.rotate(admin, id, 'P1D', keyed(id, 'ptc_other')), { code: 'idempotency_key_reused' })
    await assert.rejects(tokens.rotate(admin, id, 'P2D', keyed(id, 'ptc_admin', 'f-2')), { code: 'idempotency_key_reused' })
    const twice = await issue()
    const answers = await Promise.all([1, 2].map(() => tokens.rotate(admin, twice.id, undefined, keyed(twice.id))))
    assert.equal(new Set(answers.map((answer) => answer?.token)).size, 1)
    assert.ok(![...store.claims.values()].some(({ sealed }) => sealed === undefined || sealed.includes(first.token)))
  })

  it('counts whoever replaced a token among the owners of its successor', async () => {
    const old = await issue()
    const bea: Access = { ...admin, principal: { ...ANN, id: '0196a000-0000-7000-8000-0000000000cc', name: 'bea' } }
    const successor = await successorOf(old.id, undefined, bea)
    assert.deepEqual([successor.createdBy, successor.issuerIds], [old.createdBy, [...old.issuerIds, bea.principal.id]])
    assert.deepEqual(store.entries.at(-1)?.body['issuerIds'], successor.issuerIds)
  })

  it('lets nobody get to know a token that may do more than their own, for others, or lasts longer', async () => {
    const { id } = await issue({ roles: ['admin'], expiresAt: null })
    const lesser = accessOf(['tokens:manage'])
    await assert.rejects(tokens.rotate(lesser, id, undefined, plain), { code: 'scope_missing' })
    const confined = accessOf(SCOPES, { stages: ['build'] })
    await assert.rejects(tokens.rotate(confined, id, undefined, plain), { code: 'outside_confinement' })
    const ending: Access = { ...admin, expiresAt: clock.at + 365 * DAY }
    await assert.rejects(tokens.rotate(ending, id, undefined, plain), { code: 'token_outlives' })
    const foreign = await issue({ roles: [], scopes: ['tokens:manage'] })
    await assert.rejects(tokens.rotate(lesser, foreign.id, undefined, plain), { code: 'principal_foreign' })
    for (const { supersededBy } of store.tokens.values()) assert.equal(supersededBy, null)
  })

  it('by the token itself needs nothing else', async () => {
    const old = await issue({ expiresAt: '2026-05-11T12:00:00.000Z' })
    const self: Access = {
      ...accessOf([]),
      principal: WORKER,
      person: null,
      credential: { kind: 'token', id: old.id },
      expiresAt: clock.at,
    }
    assert.equal((await successorOf(old.id, undefined, self)).expiresAt, old.expiresAt)
    const other = await issue()
    await assert.rejects(tokens.rotate(self, other.id, undefined, plain), { code: 'scope_missing' })
  })

  it('is not for logins, and of a personal token for its owner alone', async () => {
    const session = await issue({ kind: 'session' })
    await assert.rejects(tokens.rotate(admin, session.id, undefined, plain), { code: 'token_not_replaceable' })
    const personal = await issue({ kind: 'personal', principalId: ANN.id, person: 'proven' })
    const bea: Access = { ...admin, principal: { ...ANN, id: '0196a000-0000-7000-8000-0000000000cc', name: 'bea' } }
    await assert.rejects(tokens.rotate(bea, personal.id, undefined, plain), { code: 'principal_foreign' })
    const owner: Access = { ...accessOf([]), person: 'proven', credential: { kind: 'token', id: personal.id } }
    assert.partialDeepStrictEqual(await successorOf(personal.id, undefined, owner), { kind: 'personal', person: 'proven' })
    const inLogin: Access = { ...admin, person: 'proven', credential: { kind: 'session', id: session.id }, expiresAt: clock.at + HOUR }
    const another = await issue({ kind: 'personal', principalId: ANN.id, person: 'proven' })
    assert.equal((await successorOf(another.id, undefined, inLogin)).expiresAt, another.expiresAt)
    const handedOut = await issue({ principalId: ANN.id })
    await assert.rejects(tokens.rotate(inLogin, handedOut.id, undefined, plain), { code: 'token_outlives' })
  })

  it('by somebody who is not proven to be the owner takes the proof away', async () => {
    const proven = await issue({ principalId: ANN.id, person: 'proven' })
    assert.equal((await successorOf(proven.id)).person, 'declared')
    const declared = await issue({ principalId: ANN.id, person: 'declared' })
    assert.equal((await successorOf(declared.id, undefined, { ...admin, person: 'proven' })).person, 'declared')
  })
})
