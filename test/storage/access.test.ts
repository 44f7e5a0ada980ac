import assert from 'node:assert/strict'
import { it } from 'node:test'

import type { Principal } from '../../src/core/principal.ts'
import { bindingDeletionRecord, bindingRecord } from '../../src/policy/records.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { AT, binding, CAUSE, draft, policyVersion, principal, token, tokenDraft } from './samples.ts'

const LATER = '2026-03-02T00:00:00.000Z'

async function keepPrincipal(storage: Storage, over: Partial<Principal> = {}): Promise<Principal> {
  const kept = principal(over)
  await storage.tokens.putPrincipal(kept, CAUSE)
  return kept
}

await forEachEngine('Tokens and principals', ({ open }) => {
  it('are found by the hash of the token, with its owner', async () => {
    await using storage = await open()
    const owner = await keepPrincipal(storage, { groups: ['g'] })
    const kept = token(owner.id, { confinement: { repositories: ['a/*'] } })
    const revision = await storage.tokens.revision()
    await storage.tokens.create(kept, tokenDraft(kept))
    assert.ok((await storage.tokens.revision()) > revision)
    assert.deepEqual(await storage.tokens.findByHash(kept.hash), { token: kept, principal: owner })
    assert.equal(await storage.tokens.findByHash('0'), undefined)
    assert.deepEqual(await storage.tokens.find(kept.id), kept)
  })

  it('remember their last use without a log entry and without a new revision', async () => {
    await using storage = await open()
    const owner = await keepPrincipal(storage)
    const kept = token(owner.id)
    await storage.tokens.create(kept, tokenDraft(kept))
    const [before, revision] = [await storage.log.head(), await storage.tokens.revision()]
    await storage.tokens.touch(new Map([[kept.id, LATER]]))
    await storage.tokens.touch(new Map([[kept.id, AT]]))
    assert.equal((await storage.tokens.find(kept.id))?.lastUsedAt, LATER)
    assert.equal((await storage.log.head()).size, before.size)
    assert.equal(await storage.tokens.revision(), revision)
  })

  it('are listed in pages, for one owner or all', async () => {
    await using storage = await open()
    const [ann, ben] = [await keepPrincipal(storage), await keepPrincipal(storage)]
    const made = [token(ann.id), token(ben.id), token(ann.id)]
    for (const one of made) await storage.tokens.create(one, tokenDraft(one))
    const first = await storage.tokens.list({}, { limit: 2 })
    const rest = await storage.tokens.list({}, { limit: 2, after: first.next ?? '' })
    assert.deepEqual([...first.items, ...rest.items], made.toReversed())
    assert.equal(rest.next, null)
    assert.deepEqual((await storage.tokens.list({ principalId: ben.id }, { limit: 5 })).items, [made[1]])
    assert.deepEqual((await storage.tokens.principals({ limit: 5 })).items, [ann, ben])
  })

  it('are listed of people: by their names and by the groups that they are in now', async () => {
    await using storage = await open()
    const ann = await keepPrincipal(storage, { name: 'ann', groups: ['shop', 'tills'] })
    const ben = await keepPrincipal(storage, { name: 'ben', groups: ['tills'] })
    await keepPrincipal(storage, { name: 'shop' })
    const made = [token(ben.id), token(ann.id)]
    for (const one of made) await storage.tokens.create(one, tokenDraft(one))
    const people = (members: string[], groups: string[]) => ({ members, groups })
    const names = async (members: string[], groups: string[]) =>
      (await storage.tokens.principals({ limit: 9 }, people(members, groups))).items.map(({ name }) => name)
    assert.deepEqual(await names(['ben'], []), ['ben'])
    assert.deepEqual(await names([], ['shop']), ['ann'])
    assert.deepEqual(await names(['ben', 'ann'], ['tills', 'shop']), ['ann', 'ben'])
    assert.deepEqual(await names([], []), [])
    assert.deepEqual(await names(['nobody', ann.id], ['ann']), [])
    const owned = await storage.tokens.list({ people: people([], ['shop']) }, { limit: 9 })
    assert.deepEqual(owned.items, [made[1]])
    await storage.tokens.putPrincipal({ ...ann, groups: ['tills'] }, CAUSE)
    assert.deepEqual(await names([], ['shop']), [])
    assert.deepEqual(await names([], ['tills']), ['ann', 'ben'])
    await storage.tokens.putPrincipal({ ...ann, groups: ['tills', 'tills', 'a\0b', 'x'.repeat(20_000)] }, CAUSE)
    assert.deepEqual(await names([], ['tills']), ['ann', 'ben'])
    const first = await storage.tokens.principals({ limit: 1 }, people([], ['tills']))
    const rest = await storage.tokens.principals({ limit: 1, after: first.next ?? '' }, people([], ['tills']))
    assert.deepEqual(
      [...first.items, ...rest.items].map(({ name }) => name),
      ['ann', 'ben'],
    )
  })

  it('keep names unique and find a principal by id or name', async () => {
    await using storage = await open()
    const ann = await keepPrincipal(storage, { name: 'ann' })
    assert.deepEqual(await storage.tokens.principal('ann'), ann)
    assert.deepEqual(await storage.tokens.principal(ann.id), ann)
    assert.equal(await storage.tokens.principal('none'), undefined)
    await assert.rejects(keepPrincipal(storage, { name: 'ann' }), { code: 'principal_name_taken' })
    const renamed = { ...ann, name: 'anna' }
    const outcome = await storage.tokens.putPrincipal(renamed, CAUSE)
    assert.equal(outcome.created, false)
    assert.equal(await storage.tokens.principal('ann'), undefined)
  })

  it('issue no second token for a repeated idempotency key', async () => {
    await using storage = await open()
    const owner = await keepPrincipal(storage)
    const claim = {
      principalId: 'p',
      method: 'POST',
      path: '/v1/tokens',
      key: 'k',
      fingerprint: 'f',
      expiresAt: Date.parse(LATER),
      sealed: 's',
    }
    const [kept, second] = [token(owner.id), token(owner.id)]
    const outcomes = await Promise.allSettled([
      storage.tokens.create(kept, tokenDraft(kept), claim),
      storage.tokens.create(second, tokenDraft(second), claim),
    ])
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    )
    assert.equal((await storage.tokens.list({}, { limit: 5 })).items.length, 1)
  })
})

await forEachEngine('Bindings', ({ open }) => {
  const pack = policyVersion('one', { origin: 'shipped' })
  const runs = pack.version.manifest.digest
  const put = async (storage: Storage, over = {}) => {
    await storage.policies.register([pack], CAUSE)
    const given = binding(over)
    return storage.bindings.put(given, runs, draft('binding.changed', bindingRecord(given)))
  }

  it('count their changes and raise the revision', async () => {
    await using storage = await open()
    const start = await storage.bindings.revision()
    const first = await put(storage, { stage: ['production'] })
    assert.deepEqual(first, { binding: { ...binding({ stage: ['production'] }), revision: 1 }, created: true })
    const second = await put(storage, { mode: 'warn' })
    assert.deepEqual([second.binding.revision, second.created], [2, false])
    assert.deepEqual(await storage.bindings.find('b'), second.binding)
    assert.ok((await storage.bindings.revision()) > start)
    assert.deepEqual(await storage.bindings.all(), [second.binding])
  })

  it('are removed with an entry, and go on counting when made again', async () => {
    await using storage = await open()
    await put(storage)
    const entry = draft('binding.deleted', bindingDeletionRecord('b'))
    assert.equal(await storage.bindings.remove('b', entry), true)
    assert.equal(await storage.bindings.remove('b', entry), false)
    assert.equal(await storage.bindings.find('b'), undefined)
    assert.equal((await put(storage)).binding.revision, 3)
    assert.equal((await storage.log.head()).size, 6)
  })

  it('are seeded into a fresh store only', async () => {
    await using storage = await open()
    const seeds = [binding({ name: 'x' }), binding({ name: 'y' })]
    const entries = seeds.map((seed) => draft('binding.changed', bindingRecord(seed)))
    const outcomes = await Promise.all([storage.bindings.seed(seeds, entries), storage.bindings.seed(seeds, entries)])
    assert.deepEqual(outcomes, [true, false])
    await storage.bindings.remove('x', draft('binding.deleted', bindingDeletionRecord('x')))
    await storage.bindings.remove('y', draft('binding.deleted', bindingDeletionRecord('y')))
    assert.equal(await storage.bindings.seed(seeds, entries), false)
    assert.deepEqual(await storage.bindings.all(), [])
  })
})
