import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { OwnershipCache } from '../../../src/ownership/ownership-cache.ts'
import { MemoryOwnership } from './memory-ownership.ts'

describe('Who owns what', () => {
  it('is told by the project that a repository is in, on whatever host and in whatever letter case', async () => {
    const store = new MemoryOwnership()
    const cache = new OwnershipCache(store)
    store.set(
      [
        { name: 'shop', repositories: ['acme/cart', 'github.com/acme/shop-*'], owners: ['shoppers', 'payments'] },
        { name: 'till', repositories: ['gitlab.example.com/pos/**'], owners: ['payments'], contact: 'till@example.com' },
      ],
      [{}, { name: 'payments', contact: null }],
    )
    const map = await cache.current()
    const projectOf = (repository: string | null): string | null => map.ownerOf(repository).project
    for (const name of ['acme/cart', 'github.com/acme/cart', 'gitlab.com/ACME/Cart', 'GitHub.com/acme/shop-x']) {
      assert.equal(projectOf(name), 'shop', name)
    }
    for (const name of [
      'acme/cart-evil',
      'github.com/acme/cart/x',
      'evil/acme/cart',
      'gitlab.com/acme/shop-x',
      'acme/shop-x',
      '/acme/cart',
      '',
    ]) {
      assert.equal(projectOf(name), null, name)
    }
    assert.equal(projectOf('gitlab.example.com/pos/a/b'), 'till')
    assert.deepEqual(map.ownerOf('acme/cart').owners, [
      { team: 'shoppers', contact: 'chat #shop' },
      { team: 'payments', contact: null },
    ])
    assert.deepEqual(map.ownerOf('gitlab.example.com/pos/x').owners, [{ team: 'payments', contact: 'till@example.com' }])
    assert.deepEqual(map.ownerOf(null), { project: null, owners: [] })
  })

  it('is read again only after a change', async () => {
    const store = new MemoryOwnership()
    const cache = new OwnershipCache(store)
    store.set([{ name: 'shop', repositories: ['acme/cart'] }])
    assert.equal((await cache.current()).ownerOf('acme/cart').project, 'shop')
    assert.equal((await cache.current()).ownerOf('acme/cart').project, 'shop')
    assert.equal(store.reads, 1)
    store.set([{ name: 'till', repositories: ['acme/cart'] }])
    assert.equal((await cache.current()).ownerOf('acme/cart').project, 'till')
  })

  it('is read again after a read that failed', async () => {
    const store = new MemoryOwnership()
    const cache = new OwnershipCache(store)
    store.set([{ name: 'shop', repositories: ['acme/cart'] }])
    const { all } = store
    store.all = () => Promise.reject(new Error('lost'))
    await assert.rejects(cache.current())
    store.all = all.bind(store)
    assert.equal((await cache.current()).ownerOf('acme/cart').project, 'shop')
  })
})
