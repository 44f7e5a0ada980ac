import assert from 'node:assert/strict'
import { it } from 'node:test'

import { canonicalDigest } from '../../src/core/canonical-json.ts'
import { operationEnd } from '../../src/operations/entries.ts'
import type { NewOperation } from '../../src/operations/model.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'

const AT = '2026-11-20T10:00:00.000Z'
const NOW = Date.parse(AT)
const KINDS = ['backtest']

const lease = (runner: string, now = NOW) => ({ runner, now, until: now + 30_000 })
const progress = (done: number, items: { no: number; item: unknown }[] = []) => ({ done, total: 10, checkpoint: { after: done }, items })

async function begin(storage: Storage, id: string): Promise<void> {
  const operation: NewOperation = {
    ...{ id, kind: 'backtest', request: {}, ownerId: 'ann', requestedBy: 'ann', requestedAt: AT },
    confinement: {},
  }
  const record = { operation: id }
  const body = { digest: canonicalDigest(record), operation: id }
  await storage.operations.start(
    operation,
    { record, entry: { type: 'backtest.started', at: AT, actor: 'ann', body, detail: {} } },
    undefined,
  )
}

async function finish(storage: Storage, id: string, state: 'succeeded' | 'cancelled', runner: string | undefined): Promise<boolean> {
  const stored = await storage.operations.find(id)
  assert.ok(stored)
  const cause = { at: AT, actor: 'system', requestId: undefined }
  return storage.operations.finish(operationEnd(stored, { state, result: { same: 1 }, error: null }, cause), runner)
}

await forEachEngine('Operations', ({ open, place, name }) => {
  it('go to exactly one of those who want to run them at once', async () => {
    await using storage = await open()
    await begin(storage, 'one')
    const claims = await Promise.all(Array.from({ length: 5 }, () => storage.operations.claim(KINDS, lease('me'))))
    assert.equal(claims.filter((claim) => claim !== undefined).length, 1)
    assert.equal(await storage.operations.claim(['another kind'], lease('me')), undefined)
  })

  if (name === 'PostgreSQL')
    it('go to exactly one of two replicas, and to the other once its lease has run out', async () => {
      const where = await place()
      await using one = await open(where)
      await using other = await open(where)
      await begin(one, 'one')
      const claims = await Promise.all([one.operations.claim(KINDS, lease('a')), other.operations.claim(KINDS, lease('b'))])
      assert.equal(claims.filter((claim) => claim !== undefined).length, 1)
      const [winner, loser] = claims[0] ? ['a', 'b'] : ['b', 'a']
      assert.equal(await other.operations.save('one', progress(4), lease(winner ?? '')), true)
      assert.equal(await one.operations.claim(KINDS, lease(loser ?? '', NOW + 29_000)), undefined)
      const taken = await one.operations.claim(KINDS, lease(loser ?? '', NOW + 31_000))
      assert.deepEqual([taken?.done, taken?.checkpoint], [4, { after: 4 }])
      assert.equal(await other.operations.save('one', progress(5, [{ no: 5, item: 'late' }]), lease(winner ?? '')), false)
      assert.deepEqual(await one.operations.items('one', undefined, 10), [], 'whoever lost it writes nothing more')
    })

  it('go on where they were saved after the process that ran them ended', async () => {
    const where = await place()
    {
      await using storage = await open(where)
      await begin(storage, 'one')
      await storage.operations.claim(KINDS, lease('gone'))
      await storage.operations.save('one', progress(3, [{ no: 2, item: { flip: true } }]), lease('gone'))
    }
    await using storage = await open(where)
    const later = lease('next', name === 'SQLite' ? NOW : NOW + 31_000)
    const taken = await storage.operations.claim(KINDS, later)
    assert.deepEqual([taken?.done, taken?.total, taken?.checkpoint, taken?.attempts], [3, 10, { after: 3 }, 1])
    assert.deepEqual(await storage.operations.items('one', undefined, 10), [{ no: 2, item: { flip: true } }])
  })

  it('end once, by whoever runs or cancels them, with an entry', async () => {
    await using storage = await open()
    await begin(storage, 'one')
    await storage.operations.claim(KINDS, lease('me'))
    assert.equal(await finish(storage, 'one', 'succeeded', 'somebody else'), false)
    assert.equal(await finish(storage, 'one', 'cancelled', undefined), true)
    assert.equal(await storage.operations.save('one', progress(9), lease('me')), false)
    assert.equal(await finish(storage, 'one', 'succeeded', 'me'), false)
    const { items } = await storage.log.entries({ type: 'backtest.finished' }, { limit: 10 })
    assert.equal(items.length, 1)
    assert.equal(await storage.operations.claim(KINDS, lease('me')), undefined)
  })
})
