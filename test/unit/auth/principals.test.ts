import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'

import { Principals } from '../../../src/auth/principals.ts'
import { principalRecord } from '../../../src/auth/records.ts'
import { canonicalDigest } from '../../../src/core/canonical-json.ts'
import type { Principal } from '../../../src/core/principal.ts'
import { accessOf, MemoryTokens, TestClock } from './memory-tokens.ts'

const admin = accessOf(['principals:manage'])

function draft(changes: Partial<Principal> = {}): Omit<Principal, 'id'> {
  return { name: 'ann', kind: 'human', groups: ['security'], logins: ['ann@example.test'], ...changes }
}

describe('principals', () => {
  let store = new MemoryTokens()
  let principals = new Principals(store, new TestClock())

  beforeEach(() => {
    store = new MemoryTokens()
    principals = new Principals(store, new TestClock())
  })

  it('are created, and replaced under their name or id without becoming somebody else', async () => {
    const { principal, created } = await principals.put(admin, draft(), 'r-1')
    assert.ok(created)
    const byName = await principals.put(admin, draft({ groups: ['a', 'a'] }), 'r-2')
    assert.deepEqual(byName, { principal: { ...principal, groups: ['a'] }, created: false })
    const byId = await principals.put(admin, draft({ name: principal.id, kind: 'workload' }), 'r-3')
    assert.deepEqual(byId, { principal: { ...principal, kind: 'workload' }, created: false })
    assert.deepEqual(await principals.find('ann'), byId.principal)
    assert.deepEqual((await principals.list({ limit: 5 })).items, [byId.principal])
  })

  it('are logged with names and logins beside the leaf', async () => {
    const { principal } = await principals.put(admin, draft(), 'r-1')
    const [entry] = store.entries
    assert.ok(entry)
    assert.equal(entry.type, 'principal.changed')
    assert.equal(entry.body.digest, canonicalDigest(principalRecord(principal)))
    assert.ok(!JSON.stringify(entry.body).includes('ann'))
    assert.deepEqual(entry.detail, { name: 'ann', groups: ['security'], logins: ['ann@example.test'] })
  })

  it('have names in one letter case that cannot be taken for an id or for the service', async () => {
    for (const name of ['ann+ci@example.test', 'github.com/acme/cart', 'repo:acme/cart:ref', '0', 'x'.repeat(128)]) {
      assert.ok((await principals.put(admin, draft({ name }))).created, name)
    }
    for (const name of ['', 'Ann', '-ann', 'a b', 'ann\n', 'x'.repeat(129), 'änn', 'system', '0196a000-0000-7000-8000-00000000000f']) {
      await assert.rejects(principals.put(admin, draft({ name })), { code: 'principal_invalid' }, name)
    }
  })

  it('have short lists of plain text', async () => {
    assert.ok((await principals.put(admin, draft({ groups: ['😀'.repeat(200)] }))).created, 'characters count, not their halves')
    for (const groups of [[''], ['a\nb'], ['\ud800'], ['x'.repeat(201)], Array.from({ length: 101 }, (_, at) => `g${at}`)]) {
      await assert.rejects(principals.put(admin, draft({ groups })), { code: 'principal_invalid', field: 'body.groups' })
      await assert.rejects(principals.put(admin, draft({ logins: groups })), { code: 'principal_invalid', field: 'body.logins' })
    }
  })
})
