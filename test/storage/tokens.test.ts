import assert from 'node:assert/strict'
import { it } from 'node:test'

import type { TokenFilter, TokenRecord, TokenState } from '../../src/auth/ports.ts'
import { tokenRecord } from '../../src/auth/records.ts'
import { stateOf } from '../../src/auth/token-state.ts'
import { canonicalDigest } from '../../src/core/canonical-json.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { assertIntactLog } from './intact-log.ts'
import { AT, principal, rotationOf, token, tokenDraft } from './samples.ts'
import { startWriting } from './writing.ts'

const LATER = '2026-03-02T00:00:00.000Z'
const CAUSE = { actor: 'tester', at: LATER, requestId: undefined }

async function keepOwner(storage: Storage): Promise<string> {
  const owner = principal()
  await storage.tokens.putPrincipal(owner, CAUSE)
  return owner.id
}

async function keep(storage: Storage, ownerId: string, over: Partial<TokenRecord> = {}): Promise<TokenRecord> {
  const kept = token(ownerId, over)
  await storage.tokens.create(kept, tokenDraft(kept))
  return kept
}

async function rotated(storage: Storage, old: TokenRecord): Promise<TokenRecord> {
  const rotation = rotationOf(old, { createdAt: LATER })
  assert.equal(await storage.tokens.rotate(rotation), 'rotated')
  return rotation.successor
}

const issuedWith = ({ id }: TokenRecord): Partial<TokenRecord> => ({ issuedWith: { kind: 'token', id } })

async function revokedIds(storage: Storage): Promise<Set<string>> {
  const { items } = await storage.tokens.list({ state: { name: 'revoked', at: LATER } }, { limit: 1000 })
  return new Set(items.map(({ id }) => id))
}

await forEachEngine('Tokens', ({ place, open, server }) => {
  it('are revoked once, and the log says so once', async () => {
    await using storage = await open()
    const kept = await keep(storage, await keepOwner(storage))
    const revision = await storage.tokens.revision()
    assert.equal(await storage.tokens.revoke(kept.id, CAUSE, false), true)
    assert.ok((await storage.tokens.revision()) > revision)
    const { size } = await storage.log.head()
    assert.equal(await storage.tokens.revoke(kept.id, { ...CAUSE, at: '2026-04-01T00:00:00.000Z' }, false), true)
    assert.equal((await storage.log.head()).size, size)
    assert.deepEqual(await storage.tokens.find(kept.id), { ...kept, revokedAt: LATER })
    assert.equal(await storage.tokens.revoke('none', CAUSE, false), false)
    await assertIntactLog(storage)
  })

  it('are replaced in one step, once', async () => {
    await using storage = await open()
    const old = await keep(storage, await keepOwner(storage))
    const { size } = await storage.log.head()
    const revision = await storage.tokens.revision()
    const rotation = rotationOf(old)
    assert.equal(await storage.tokens.rotate(rotation), 'rotated')
    assert.ok((await storage.tokens.revision()) > revision)
    const { successor, overlapUntil } = rotation
    assert.deepEqual(await storage.tokens.find(old.id), { ...old, supersededBy: successor.id, overlapUntil })
    assert.deepEqual((await storage.tokens.findByHash(successor.hash))?.token, successor)
    assert.equal((await storage.log.head()).size, size + 2)
    const again = rotationOf(old)
    assert.equal(await storage.tokens.rotate(again), 'superseded')
    assert.equal(await storage.tokens.find(again.successor.id), undefined)
    assert.equal(await storage.tokens.rotate(rotationOf(token(old.principalId))), 'unknown')
    assert.equal((await storage.log.head()).size, size + 2)
    await storage.tokens.revoke(old.id, CAUSE, false)
    assert.equal(await storage.tokens.rotate(rotationOf(successor)), 'revoked')
  })

  it('get one successor where many ask at once, on PostgreSQL from two replicas', async () => {
    const where = await place()
    await using storage = await open(where)
    await using replica = server && (await open(where))
    const old = await keep(storage, await keepOwner(storage))
    const rotate = (_: unknown, at: number) => (replica && at % 2 === 0 ? replica : storage).tokens.rotate(rotationOf(old))
    const outcomes = await Promise.all(Array.from({ length: 20 }, rotate))
    assert.equal(outcomes.filter((outcome) => outcome === 'rotated').length, 1)
    assert.equal(outcomes.filter((outcome) => outcome === 'superseded').length, 19)
    assert.equal((await storage.tokens.list({ familyId: old.familyId }, { limit: 50 })).items.length, 2)
  })

  it('keep no member of a family that is replaced and revoked at once', async () => {
    await using storage = await open()
    const owner = await keepOwner(storage)
    for (let round = 0; round < 10; round++) {
      const old = await keep(storage, owner)
      const work = [
        storage.tokens.rotate(rotationOf(old)),
        storage.tokens.revoke(old.id, CAUSE, round % 2 === 0),
        storage.tokens.rotate(rotationOf(old)),
      ]
      await Promise.all(round % 3 === 0 ? work.toReversed() : work)
      const { items } = await storage.tokens.list({ familyId: old.familyId }, { limit: 10 })
      assert.ok(items.every(({ revokedAt }) => revokedAt !== null))
    }
    await assertIntactLog(storage)
  })

  it('are revoked with their family of a hundred, in one step with an entry each, whichever is named', async () => {
    await using storage = await open()
    const owner = await keepOwner(storage)
    const family = [await keep(storage, owner)]
    const stranger = await keep(storage, owner)
    while (family.length < 100) {
      const newest = family.at(-1)
      if (newest) family.push(await rotated(storage, newest))
    }
    const bystander = await keep(storage, owner, issuedWith(family[40] ?? stranger))
    const { size } = await storage.log.head()
    assert.equal(await storage.tokens.revoke(family[50]?.id ?? '', CAUSE, false), true)
    assert.equal((await storage.log.head()).size, size + 100)
    assert.deepEqual(await revokedIds(storage), new Set(family.map(({ id }) => id)))
    for (const { id } of [stranger, bystander]) assert.equal((await storage.tokens.find(id))?.revokedAt, null)
    const { items } = await storage.log.entries({ type: 'token.revoked' }, { limit: 100 })
    const bodies = items.map(({ leaf }) => (JSON.parse(leaf) as { body: { id: string; digest: string; because?: string } }).body)
    for (const { id, digest, because } of bodies) {
      const kept = await storage.tokens.find(id)
      assert.equal(digest, kept && canonicalDigest(tokenRecord(kept)))
      assert.equal(because, id === family[50]?.id ? undefined : family[50]?.id)
    }
  })

  it('are revoked on request with whatever was issued with them, however far, and nothing else', async () => {
    await using storage = await open()
    const owner = await keepOwner(storage)
    const root = await keep(storage, owner)
    const successor = await rotated(storage, root)
    const child = await keep(storage, owner, issuedWith(successor))
    const childOfOld = await keep(storage, owner, issuedWith(root))
    const newChild = await rotated(storage, child)
    const grandchild = await keep(storage, owner, issuedWith(newChild))
    const parent = await keep(storage, owner)
    const sibling = await keep(storage, owner, issuedWith(parent))
    // Whoever replaced a token of another family knows the successor.
    const taken = rotationOf(sibling, issuedWith(grandchild))
    assert.equal(await storage.tokens.rotate(taken), 'rotated')
    await storage.tokens.revoke(child.id, CAUSE, false)
    assert.deepEqual(await revokedIds(storage), new Set([child.id, newChild.id]))
    assert.equal(await storage.tokens.revoke(root.id, CAUSE, true), true)
    const doomed = [root, successor, child, childOfOld, newChild, grandchild, sibling, taken.successor]
    assert.deepEqual(await revokedIds(storage), new Set(doomed.map(({ id }) => id)))
    assert.equal((await storage.tokens.find(parent.id))?.revokedAt, null)
  })

  it('are not issued with one that was revoked, or ran out of its overlap, a moment ago', async () => {
    await using storage = await open()
    const owner = await keepOwner(storage)
    const [revoked, old, other] = [await keep(storage, owner), await keep(storage, owner), await keep(storage, owner)]
    await storage.tokens.revoke(revoked.id, CAUSE, true)
    const inOverlap = '2026-03-02T00:59:59.999Z'
    await rotated(storage, old)
    await keep(storage, owner, { ...issuedWith(old), createdAt: inOverlap })
    const ended = { code: 'credential_ended' }
    await assert.rejects(keep(storage, owner, issuedWith(revoked)), ended)
    await assert.rejects(keep(storage, owner, { ...issuedWith(old), createdAt: '2026-03-02T01:00:00.000Z' }), ended)
    await assert.rejects(storage.tokens.rotate(rotationOf(other, issuedWith(revoked))), ended)
    assert.equal((await storage.tokens.find(other.id))?.supersededBy, null)
    await keep(storage, owner, { issuedWith: { kind: 'workload', id: 'github/main' } })
  })

  it('get one successor for a repeated idempotency key', async () => {
    await using storage = await open()
    const old = await keep(storage, await keepOwner(storage))
    const path = `/v1/tokens/${old.id}/rotate`
    const claim = { principalId: 'p', method: 'POST', path, key: 'k', fingerprint: 'f', expiresAt: Date.parse(LATER), sealed: 's' }
    const rotation = rotationOf(old)
    const outcomes = await Promise.allSettled([storage.tokens.rotate(rotation, claim), storage.tokens.rotate(rotationOf(old), claim)])
    const [first, second] = outcomes
    assert.deepEqual(first, { status: 'fulfilled', value: 'rotated' })
    assert.equal(second?.status === 'rejected' && (second.reason as { code: string }).code, 'idempotency_repeated')
  })

  it('are, after the process was killed in the middle, replaced or revoked whole or not at all', async () => {
    const where = await place()
    const writing = startWriting(new URL('./rotating-process.ts', import.meta.url), where)
    try {
      await writing.reached(60)
    } finally {
      await writing.kill()
    }
    await using storage = await open(where)
    const all = (await storage.tokens.list({}, { limit: 10_000 })).items
    const byId = new Map(all.map((each) => [each.id, each]))
    for (const { supersededBy } of all) assert.ok(supersededBy === null || byId.has(supersededBy), 'a successor is missing')
    for (const [familyId, members] of Map.groupBy(all, (each) => each.familyId)) {
      assert.equal(new Set(members.map(({ revokedAt }) => revokedAt)).size, 1, 'half a family is revoked')
      assert.equal(members.filter(({ supersededBy }) => supersededBy === null).length, 1, 'a family has one newest member')
      if (writing.acknowledged.has(`revoked:${familyId}`)) assert.ok(members.every(({ revokedAt }) => revokedAt !== null))
    }
    const replaced = [...writing.acknowledged.keys()].filter((key) => key.startsWith('replaced:'))
    assert.ok(replaced.length > 20)
    for (const key of replaced) assert.notEqual(byId.get(key.slice('replaced:'.length))?.supersededBy, null)
    await assertIntactLog(storage)
  })

  it('are listed by family, kind, state, end and last use, as each one by itself would be told', async () => {
    await using storage = await open()
    const owner = await keepOwner(storage)
    const now = '2026-06-01T00:00:00.000Z'
    const [old] = [await keep(storage, owner)]
    await rotated(storage, old)
    await keep(storage, owner, { expiresAt: '2026-05-01T00:00:00.000Z' })
    await keep(storage, owner, { expiresAt: now })
    await keep(storage, owner, { expiresAt: '2026-06-01T00:00:00.001Z', kind: 'personal' })
    await keep(storage, owner, { expiresAt: '2026-06-05T00:00:00.000Z', kind: 'session' })
    const gone = await keep(storage, owner)
    await storage.tokens.revoke(gone.id, CAUSE, false)
    const used = await keep(storage, owner, { expiresAt: '2027-01-01T00:00:00.000Z' })
    await storage.tokens.touch(new Map([[used.id, '2026-05-30T00:00:00.000Z']]))
    const all = (await storage.tokens.list({}, { limit: 50 })).items
    const ids = async (filter: TokenFilter): Promise<string[]> =>
      (await storage.tokens.list(filter, { limit: 50 })).items.map(({ id }) => id)
    const those = (wanted: (token: TokenRecord) => boolean): string[] => all.filter(wanted).map(({ id }) => id)
    const states: readonly TokenState[] = ['active', 'superseded', 'expired', 'revoked']
    for (const name of states) {
      const found = await ids({ state: { name, at: now } })
      assert.ok(found.length > 0, name)
      assert.deepEqual(
        found,
        those((each) => stateOf(each, Date.parse(now)) === name),
        name,
      )
    }
    assert.equal((await ids({ familyId: old.id })).length, 2)
    assert.equal((await ids({ kind: 'personal' })).length, 1)
    assert.deepEqual(
      await ids({ expiresBefore: '2026-06-02T00:00:00.000Z' }),
      those(({ expiresAt }) => expiresAt !== null && expiresAt < '2026-06-02'),
    )
    assert.deepEqual(
      await ids({ unusedSince: '2026-05-01T00:00:00.000Z' }),
      those(({ id }) => id !== used.id),
    )
    assert.deepEqual(await ids({ unusedSince: '2026-05-30T00:00:00.000Z', principalId: owner, state: { name: 'revoked', at: now } }), [
      gone.id,
    ])
    assert.deepEqual(await ids({ principalId: 'nobody' }), [])
  })

  it('are counted by end and last use while they are active, logins aside', async () => {
    await using storage = await open()
    const owner = await keepOwner(storage)
    const now = '2026-06-01T00:00:00.000Z'
    const bounds = ['2026-06-02T00:00:00.000Z', '2026-07-01T00:00:00.000Z']
    const unused = ['2026-05-02T00:00:00.000Z', '2026-03-01T12:00:00.000Z']
    const tally = () => storage.tokens.tally(now, bounds, unused)
    assert.deepEqual(await tally(), { active: 0, expiring: [0, 0], unused: [0, 0] })
    await keep(storage, owner)
    await keep(storage, owner, { expiresAt: '2026-06-01T12:00:00.000Z' })
    await keep(storage, owner, { expiresAt: '2026-06-15T00:00:00.000Z', createdAt: '2026-02-01T00:00:00.000Z' })
    const used = await keep(storage, owner, { expiresAt: '2027-01-01T00:00:00.000Z' })
    await storage.tokens.touch(new Map([[used.id, '2026-05-30T00:00:00.000Z']]))
    await keep(storage, owner, { expiresAt: now })
    await keep(storage, owner, { expiresAt: '2026-06-01T12:00:00.000Z', kind: 'session' })
    const old = await keep(storage, owner, { expiresAt: '2026-06-01T12:00:00.000Z' })
    await storage.tokens.revoke((await rotated(storage, old)).id, CAUSE, false)
    assert.deepEqual(await tally(), { active: 4, expiring: [1, 2], unused: [3, 1] })
  })

  it('that the service made itself are told by their hashes, and only those', async () => {
    await using storage = await open()
    const owner = await keepOwner(storage)
    const given = await keep(storage, owner)
    await keep(storage, owner, issuedWith(given))
    await keep(storage, owner, { kind: 'session' })
    assert.deepEqual(await storage.tokens.givenHashes(), [given.hash])
    assert.equal(given.createdAt, AT)
  })
})
