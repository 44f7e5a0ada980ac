import assert from 'node:assert/strict'
import { it } from 'node:test'

import { principalRecord } from '../../src/auth/records.ts'
import { canonicalDigest } from '../../src/core/canonical-json.ts'
import type { LinkedIdentity } from '../../src/core/linked-identity.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { AT, CAUSE, principal } from './samples.ts'

function identity(over: Partial<LinkedIdentity> = {}): LinkedIdentity {
  return { kind: 'email', value: 'Ann@example.com', verifiedBy: 'admin', at: AT, by: 'tester', ...over }
}

async function somebody(storage: Storage): Promise<string> {
  const made = principal()
  await storage.tokens.putPrincipal(made, CAUSE)
  return made.id
}

await forEachEngine('Linked identities', ({ open }) => {
  it('are kept with the principal, whose record the log speaks for', async () => {
    await using storage = await open()
    const ann = await somebody(storage)
    const revision = await storage.tokens.revision()
    assert.deepEqual(await storage.identities.link(ann, identity(), CAUSE), { identity: identity(), created: true })
    const linked = await storage.tokens.principal(ann)
    assert.deepEqual(linked?.identities, [identity()])
    assert.deepEqual(await storage.identities.holder({ kind: 'email', value: 'ANN@EXAMPLE.COM' }), linked)
    assert.equal(await storage.identities.holder({ kind: 'example.com', value: 'Ann@example.com' }), undefined)
    assert.ok((await storage.tokens.revision()) > revision, 'whoever is known must be read again')
    const newest = (await storage.log.entries({ type: 'principal.changed' }, { limit: 5 })).items.find(({ index }) => index === 2)
    const body = (JSON.parse(newest?.leaf ?? '{}') as { body: { digest: string } }).body
    assert.equal(body.digest, canonicalDigest(linked && principalRecord(linked)))
    assert.ok(!newest?.leaf.toLowerCase().includes('ann@example.com'), 'an address is no part of a leaf')
  })

  it('stay when an admin changes the principal', async () => {
    await using storage = await open()
    const ann = principal()
    await storage.tokens.putPrincipal(ann, CAUSE)
    await storage.identities.link(ann.id, identity(), CAUSE)
    const { principal: changed } = await storage.tokens.putPrincipal({ ...ann, groups: ['g'] }, CAUSE)
    assert.deepEqual([changed.groups, changed.identities], [['g'], [identity()]])
    assert.deepEqual(await storage.tokens.principal(ann.id), changed)
  })

  it('are linked again in place of what was there', async () => {
    await using storage = await open()
    const ann = await somebody(storage)
    await storage.identities.link(ann, identity(), CAUSE)
    const again = identity({ value: 'ann@example.com', verifiedBy: 'provider', by: 'corp' })
    assert.deepEqual(await storage.identities.link(ann, again, CAUSE), { identity: again, created: false })
    assert.deepEqual((await storage.tokens.principal(ann))?.identities, [again])
  })

  it('belong to one principal, whoever is faster and however they are written', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const outcomes = await Promise.allSettled([
      storage.identities.link(ann, identity(), CAUSE),
      storage.identities.link(ben, identity({ value: 'ann@EXAMPLE.com' }), CAUSE),
    ])
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : 'linked')),
      ['linked', 'identity_taken'],
    )
    assert.equal(await storage.identities.unlink(ben, identity(), CAUSE), false)
    assert.equal(await storage.identities.unlink(ann, identity({ value: 'ANN@example.com' }), CAUSE), true)
    assert.equal(await storage.identities.holder(identity()), undefined)
    assert.equal((await storage.identities.link(ben, identity(), CAUSE)).created, true)
  })

  it('are bounded, and need a principal', async () => {
    await using storage = await open()
    const ann = await somebody(storage)
    await Promise.all(
      Array.from({ length: 100 }, (_, at) => storage.identities.link(ann, identity({ value: `a${at}@example.com` }), CAUSE)),
    )
    await assert.rejects(storage.identities.link(ann, identity(), CAUSE), { code: 'identities_too_many' })
    assert.equal((await storage.identities.link(ann, identity({ value: 'a7@example.com' }), CAUSE)).created, false)
    await assert.rejects(storage.identities.link('nobody', identity(), CAUSE), { code: 'principal_unknown' })
  })
})
