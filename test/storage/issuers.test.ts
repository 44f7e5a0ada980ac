import assert from 'node:assert/strict'
import { it } from 'node:test'

import type { Issuer } from '../../src/auth/issuers/model.ts'
import { issuerRecord, issuerRemovalRecord } from '../../src/auth/issuers/records.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { assertIntactLog } from './intact-log.ts'
import { carryOut, draft, issuer } from './samples.ts'

async function put(storage: Storage, over: Partial<Issuer> = {}): Promise<{ issuer: Issuer; created: boolean }> {
  const given = issuer(over)
  const args = { issuer: given, entry: draft('issuer.changed', issuerRecord(given)) }
  const outcome = await carryOut(storage, `issuers/${given.name}`, { operation: 'putIssuer', args })
  return outcome as { issuer: Issuer; created: boolean }
}

async function remove(storage: Storage, name: string): Promise<boolean> {
  const args = { name, entry: draft('issuer.removed', issuerRemovalRecord(name)) }
  return (await carryOut(storage, `issuers/${name}`, { operation: 'removeIssuer', args })) === true
}

await forEachEngine('Issuers', ({ open, place }) => {
  it('count their changes, raise the revision and are read back, by name', async () => {
    const where = await place()
    {
      await using storage = await open(where)
      const start = await storage.issuers.revision()
      assert.deepEqual(await put(storage), { issuer: { ...issuer(), revision: 1 }, created: true })
      const raised = await storage.issuers.revision()
      assert.ok(raised > start)
      assert.deepEqual(await put(storage, { rules: [] }), { issuer: { ...issuer({ rules: [] }), revision: 2 }, created: false })
      assert.ok((await storage.issuers.revision()) > raised)
      await put(storage, { name: 'another', issuer: 'https://another.example' })
    }
    await using storage = await open(where)
    assert.deepEqual(
      (await storage.issuers.all()).map(({ name, revision }) => [name, revision]),
      [
        ['another', 1],
        ['github', 2],
      ],
    )
    assert.deepEqual(await storage.issuers.find('github'), { ...issuer({ rules: [] }), revision: 2 })
    assert.equal(await storage.issuers.find('nobody'), undefined)
    await assertIntactLog(storage)
  })

  it('are removed with an entry, and go on counting when made again', async () => {
    await using storage = await open()
    await put(storage)
    const before = await storage.issuers.revision()
    assert.equal(await remove(storage, 'github'), true)
    assert.ok((await storage.issuers.revision()) > before)
    assert.equal(await remove(storage, 'github'), false)
    assert.deepEqual(await storage.issuers.all(), [])
    assert.equal((await put(storage)).issuer.revision, 3)
    assert.deepEqual(
      (await storage.log.entries({}, { limit: 20 })).items.map(({ leaf }) => (JSON.parse(leaf) as { type: string }).type),
      ['log.created', 'issuer.changed', 'issuer.removed', 'issuer.changed'],
    )
  })

  it('have an address of their own, also when several come at once', async () => {
    await using storage = await open()
    const { size } = await storage.log.head()
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => put(storage, { name: `i${n}` })))
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.equal((outcome.reason as { code: string }).code, 'issuer_url_taken')
    }
    assert.equal((await storage.log.head()).size, size + 1)
  })

  it('are few', async () => {
    await using storage = await open()
    await Promise.all(Array.from({ length: 200 }, (_, n) => put(storage, { name: `i${n}`, issuer: `https://i${n}.example` })))
    await assert.rejects(put(storage, { name: 'late', issuer: 'https://late.example' }), { code: 'issuers_too_many', field: 'path.name' })
    assert.equal((await put(storage, { name: 'i7', issuer: 'https://i7.example' })).created, false)
  })
})
