import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'

import { givesPower, principalPut, type PrincipalDraft } from '../../../src/auth/principal-put.ts'
import type { PrincipalFields } from '../../../src/auth/ports.ts'
import { principalRecord } from '../../../src/auth/records.ts'
import { canonicalDigest } from '../../../src/core/canonical-json.ts'
import type { Cause } from '../../../src/core/log-entry.ts'
import { SCOPES, type Access, type Principal } from '../../../src/core/principal.ts'
import { accessOf, ANN, MemoryTokens } from './memory-tokens.ts'

const admin = accessOf(SCOPES)

function draft(changes: Partial<Principal> = {}): PrincipalDraft {
  return { name: 'ann', kind: 'human', disabled: false, groups: ['security'], ...changes }
}

describe('principals', () => {
  let store = new MemoryTokens()
  const principals = {
    put: async (access: Access, given: PrincipalDraft, requestId = 'r-0') => {
      const cause = { actor: access.principal.id, at: '2026-05-01T12:00:00.000Z', requestId }
      const kind = principalPut({ store, administrators: { isAdministrator: async () => false } })
      const { effect } = await kind.plan(access, given, { by: access.principal, cause })
      const args = effect.args as { principal: PrincipalFields; cause: Cause }
      return kind.resultOf(await store.putPrincipal(args.principal, args.cause))
    },
    find: (name: string) => store.principal(name),
    list: () => store.principals({ limit: 5 }),
  }

  beforeEach(() => {
    store = new MemoryTokens()
  })

  it('are created, and replaced under their name or id without becoming somebody else', async () => {
    const { principal, created } = await principals.put(admin, draft(), 'r-1')
    assert.ok(created)
    const byName = await principals.put(admin, draft({ groups: ['a', 'a'] }), 'r-2')
    assert.deepEqual(byName, { principal: { ...principal, groups: ['a'] }, created: false })
    const byId = await principals.put(admin, draft({ name: principal.id, kind: 'workload' }), 'r-3')
    assert.deepEqual(byId, { principal: { ...principal, kind: 'workload' }, created: false })
    assert.deepEqual(await principals.find('ann'), byId.principal)
    assert.deepEqual((await principals.list()).items, [byId.principal])
  })

  it('are logged with names and groups beside the leaf', async () => {
    const { principal } = await principals.put(admin, draft(), 'r-1')
    const [entry] = store.entries
    assert.ok(entry)
    assert.equal(entry.type, 'principal.changed')
    assert.equal(entry.body.digest, canonicalDigest(principalRecord(principal)))
    assert.ok(!JSON.stringify(entry.body).includes('ann'))
    assert.deepEqual(entry.detail, { name: 'ann', groups: ['security'], identities: [] })
  })

  it('have names in one letter case that cannot be taken for an id or for the service', async () => {
    for (const name of ['ann+ci@example.test', 'github.com/acme/cart', 'repo:acme/cart:ref', '0', 'x'.repeat(128)]) {
      assert.ok((await principals.put(admin, draft({ name }))).created, name)
    }
    for (const name of ['', 'Ann', '-ann', 'a b', 'ann\n', 'x'.repeat(129), 'änn', 'system', '0196a000-0000-7000-8000-00000000000f']) {
      await assert.rejects(principals.put(admin, draft({ name })), { code: 'principal_invalid' }, name)
    }
  })

  it('name who made them, in the log too, and a change by somebody else leaves that as it is', async () => {
    const { principal } = await principals.put(admin, draft(), 'r-1')
    assert.equal(principal.createdBy, ANN.id)
    assert.equal(store.entries[0]?.body['createdBy'], ANN.id)
    const other: Access = { ...admin, principal: { ...ANN, id: '0196a000-0000-7000-8000-0000000000cc' } }
    assert.equal((await principals.put(other, draft({ groups: [] }), 'r-2')).principal.createdBy, ANN.id)
  })

  it('are made and changed by who may not do everything only where that makes nobody more than they are', async () => {
    const lesser = accessOf(['principals:manage'])
    const { principal } = await principals.put(lesser, draft({ name: 'mine', kind: 'workload', groups: ['dev'] }))
    assert.equal(principal.createdBy, ANN.id)
    await assert.rejects(principals.put(lesser, draft({ name: 'mine', groups: ['security'] })), {
      code: 'principal_foreign',
      field: 'body.groups',
    })
    const foreign: Principal = { ...ANN, id: '0196a000-0000-7000-8000-0000000000cc', name: 'bea', groups: ['security'] }
    store.people.set(foreign.id, foreign)
    await assert.rejects(principals.put(lesser, draft({ name: 'bea', groups: [] })), { code: 'principal_foreign', field: 'path.name' })
    await principals.put(admin, draft({ name: 'mine', groups: ['security'] }))
    assert.deepEqual((await principals.put(lesser, draft({ name: 'mine', groups: ['security'] }))).principal.groups, ['security'])
  })

  it('have short lists of plain text', async () => {
    assert.ok((await principals.put(admin, draft({ groups: ['😀'.repeat(200)] }))).created, 'characters count, not their halves')
    for (const groups of [[''], ['a\nb'], ['\ud800'], ['x'.repeat(201)], Array.from({ length: 101 }, (_, at) => `g${at}`)]) {
      await assert.rejects(principals.put(admin, draft({ groups })), { code: 'principal_invalid', field: 'body.groups' })
    }
  })
})

describe('A second person has to look at a principal', () => {
  const human: Principal = { ...ANN, groups: ['dev'] }
  const workload: Principal = { ...ANN, kind: 'workload', groups: ['ci'] }

  it('who joins a group, as a human', () => {
    assert.equal(givesPower(undefined, { ...human, groups: ['approvers'] }, false), true)
    assert.equal(givesPower(human, { ...human, groups: ['dev', 'approvers'] }, false), true)
    assert.equal(givesPower(human, { ...human, groups: [] }, false), false)
    assert.equal(givesPower(undefined, { ...human, groups: [] }, false), false)
    assert.equal(givesPower(workload, { ...workload, groups: ['ci', 'scanners'] }, false), false)
  })

  it('who becomes a human, or a workload', () => {
    assert.equal(givesPower(workload, { ...workload, kind: 'human' }, false), true)
    assert.equal(givesPower(human, { ...human, kind: 'workload' }, false), true)
  })

  it('who is an administrator and is disabled, or enabled again', () => {
    assert.equal(givesPower(human, { ...human, disabled: true }, true), true)
    assert.equal(givesPower({ ...human, disabled: true }, human, true), true)
    assert.equal(givesPower(human, { ...human, disabled: true }, false), false)
    assert.equal(givesPower(workload, { ...workload, disabled: true }, true), false)
  })
})
