import assert from 'node:assert/strict'
import { it } from 'node:test'

import { publishedEntry, removedEntry } from '../../src/policy/versions/entries.ts'
import { bindingRecord } from '../../src/policy/records.ts'
import type { NewVersion } from '../../src/policy/versions/ports.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { assertIntactLog } from './intact-log.ts'
import { activate, AT, binding, CAUSE, draft, policyVersion, publish } from './samples.ts'

const digestOf = ({ version }: NewVersion) => version.manifest.digest

function remove(storage: Storage, name: string): Promise<boolean> {
  return storage.policies.remove(name, removedEntry(name, 'ann', CAUSE))
}

function bind(storage: Storage, runs: NewVersion, over: Parameters<typeof binding>[0] = {}) {
  const given = binding(over)
  return storage.bindings.put(given, digestOf(runs), draft('binding.changed', bindingRecord(given)))
}

async function entries(storage: Storage): Promise<string[]> {
  const { items } = await storage.log.entries({}, { limit: 200 })
  return items.map(({ leaf }) => (JSON.parse(leaf) as { type: string }).type).slice(1)
}

await forEachEngine('Policies and their versions', ({ open, place }) => {
  it('are kept with all their bytes, newest first, and read back after a restart', async () => {
    const where = await place()
    const [one, two] = [policyVersion('one', { name: 'house' }), policyVersion('two', { name: 'house', data: '{"limits":[1,2]}' })]
    {
      await using storage = await open(where)
      const start = await storage.policies.revision()
      assert.deepEqual(await publish(storage, one), { digest: digestOf(one), created: true, repeated: false })
      const raised = await storage.policies.revision()
      assert.ok(raised > start)
      await publish(storage, two)
      assert.ok((await storage.policies.revision()) > raised)
    }
    await using storage = await open(where)
    const head = { name: 'house', origin: 'custom', latest: null, createdAt: AT, updatedAt: AT, updatedBy: 'ann' }
    assert.deepEqual(await storage.policies.heads(), [{ ...head, versionCount: 2, newest: digestOf(two) }])
    const first = await storage.policies.versions('house', { limit: 1 })
    assert.deepEqual(first.items, [two.version])
    assert.deepEqual(await storage.policies.versions('house', { limit: 1, after: first.next ?? '' }), { items: [one.version], next: null })
    for (const { version, pack, bundle } of [one, two]) {
      const [found] = await storage.policies.find([{ name: 'house', digest: version.manifest.digest }])
      assert.deepEqual(found, version)
      assert.deepEqual(await storage.policies.pack(version), pack)
      assert.deepEqual(version.bundle && new Uint8Array((await storage.policies.bundle(version.bundle)) ?? []), bundle)
    }
    assert.deepEqual(await storage.policies.find([{ name: 'other', digest: digestOf(one) }]), [])
    assert.deepEqual(await entries(storage), ['policy.published', 'policy.published'])
    await assertIntactLog(storage)
  })

  it('are the same version if they are published again, by many at once', async () => {
    await using storage = await open()
    const version = policyVersion('one', { name: 'house' })
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => publish(storage, version)))
    assert.equal(outcomes.filter(({ created }) => created).length, 1)
    assert.deepEqual(await entries(storage), ['policy.published'])
  })

  it('lose no version and no entry when many are published and activated at once; the last one counts', async () => {
    await using storage = await open()
    const versions = Array.from({ length: 12 }, (_, n) => policyVersion(`v${n}`, { name: 'house' }))
    await Promise.all(versions.map((version) => publish(storage, version)))
    const moves = await Promise.all(
      versions.map(async (version) => {
        for (;;) {
          try {
            return await activate(storage, 'house', digestOf(version))
          } catch (error) {
            if ((error as { code?: string }).code !== 'change_outdated') throw error
          }
        }
      }),
    )
    const [head] = await storage.policies.heads()
    assert.equal(head?.versionCount, 12)
    // Each moved it away from where another had left it, and one from nowhere: the moves form one chain, which ends at the latest.
    const left = new Set(moves.map(({ from }) => from))
    assert.equal(left.size, 12)
    assert.deepEqual(
      versions.map(digestOf).filter((digest) => !left.has(digest)),
      [head.latest],
    )
    assert.equal((await entries(storage)).filter((type) => type === 'policy.activated').length, 12)
    await assertIntactLog(storage)
  })

  it('answer a repeated request without a second entry, and refuse its key for another', async () => {
    await using storage = await open()
    const claim = {
      principalId: 'p',
      method: 'POST',
      path: '/v1/policies/house/versions',
      key: 'k',
      fingerprint: 'f',
      expiresAt: Date.parse(AT) + 1,
    }
    const [one, two] = [policyVersion('one', { name: 'house' }), policyVersion('two', { name: 'house' })]
    const put = (version: NewVersion, fingerprint: string) =>
      storage.policies.publish(version, publishedEntry(version.version, CAUSE), { ...claim, fingerprint })
    assert.deepEqual(await put(one, 'f'), { digest: digestOf(one), created: true, repeated: false })
    assert.deepEqual(await put(one, 'f'), { digest: digestOf(one), created: false, repeated: true })
    await assert.rejects(put(two, 'g'), { code: 'idempotency_key_reused' })
    assert.deepEqual(await entries(storage), ['policy.published'])
  })

  it('are activated and rolled back by the same move, with where it came from', async () => {
    await using storage = await open()
    const [one, two] = [policyVersion('one', { name: 'house' }), policyVersion('two', { name: 'house' })]
    for (const version of [one, two]) await publish(storage, version)
    assert.deepEqual(await activate(storage, 'house', digestOf(one)), { moved: true, from: null })
    assert.deepEqual(await activate(storage, 'house', digestOf(two)), { moved: true, from: digestOf(one) })
    assert.deepEqual(await activate(storage, 'house', digestOf(two)), { moved: false, from: digestOf(two) })
    assert.deepEqual(await activate(storage, 'house', digestOf(one), { reason: 'It burns.' }), { moved: true, from: digestOf(two) })
    const { items } = await storage.log.entries({ type: 'policy.activated' }, { limit: 10 })
    assert.deepEqual(
      items.map(({ leaf }) => (JSON.parse(leaf) as { body: { from: string; to: string } }).body).map(({ from, to }) => [from, to]),
      [
        [null, digestOf(one)],
        [digestOf(one), digestOf(two)],
        [digestOf(two), digestOf(one)],
      ],
    )
    assert.equal((await storage.policies.heads())[0]?.latest, digestOf(one))
    await assert.rejects(activate(storage, 'house', digestOf(policyVersion('never'))), { code: 'policy_not_found' })
    await assert.rejects(activate(storage, 'nobody', digestOf(one)), { code: 'policy_not_found' })
    await assertIntactLog(storage)
  })

  it('are not moved below a binding that came after the check', async () => {
    await using storage = await open()
    const [one, two] = [policyVersion('one'), policyVersion('two')]
    for (const version of [one, two]) await publish(storage, version)
    await activate(storage, 'vulnerabilities', digestOf(one))
    await bind(storage, one)
    await assert.rejects(activate(storage, 'vulnerabilities', digestOf(two), { checked: [] }), { code: 'change_outdated' })
    await assert.rejects(activate(storage, 'vulnerabilities', digestOf(two), { checked: [{ name: 'b', revision: 2 }] }), {
      code: 'change_outdated',
    })
    assert.equal((await activate(storage, 'vulnerabilities', digestOf(two))).moved, true)
    await assert.rejects(bind(storage, one, { name: 'late' }), { code: 'change_outdated' })
    await bind(storage, one, { name: 'pinned', version: digestOf(one) })
  })

  it('are deleted only while no binding names them, and come back with all their versions', async () => {
    await using storage = await open()
    const version = policyVersion('one')
    await publish(storage, version)
    await activate(storage, 'vulnerabilities', digestOf(version))
    await bind(storage, version, { version: digestOf(version) })
    await assert.rejects(remove(storage, 'vulnerabilities'), { code: 'policy_in_use', message: /\bb\b/ })
    await storage.bindings.remove('b', draft('binding.deleted', { name: 'b', deleted: true }))
    assert.equal(await remove(storage, 'vulnerabilities'), true)
    assert.equal(await remove(storage, 'vulnerabilities'), false)
    assert.deepEqual(await storage.policies.heads(), [])
    assert.deepEqual(await storage.policies.find([{ name: 'vulnerabilities', digest: digestOf(version) }]), [version.version])
    await assert.rejects(bind(storage, version), { code: 'change_outdated' })
    assert.equal((await publish(storage, version)).created, false)
    assert.deepEqual(
      (await storage.policies.heads()).map(({ latest, versionCount }) => [latest, versionCount]),
      [[null, 1]],
    )
    assert.deepEqual((await entries(storage)).slice(-2), ['policy.removed', 'policy.published'])
    await assertIntactLog(storage)
  })

  it('that are shipped are registered once, never move what runs, and are nobody else’s', async () => {
    await using storage = await open()
    const [one, two] = [
      policyVersion('one', { origin: 'shipped', bundle: null }),
      policyVersion('two', { origin: 'shipped', bundle: null }),
    ]
    assert.deepEqual(await storage.policies.register([one], CAUSE), [])
    assert.deepEqual(await storage.policies.register([one], CAUSE), [])
    assert.deepEqual(await entries(storage), ['policy.published', 'policy.activated'])
    assert.deepEqual(await storage.policies.register([two], CAUSE), [])
    assert.deepEqual(await entries(storage), ['policy.published', 'policy.activated', 'policy.published'])
    const [head] = await storage.policies.heads()
    assert.deepEqual([head?.latest, head?.newest, head?.origin], [digestOf(one), digestOf(two), 'shipped'])
    await assert.rejects(publish(storage, policyVersion('mine')), { code: 'policy_name_taken' })
    await assert.rejects(remove(storage, 'vulnerabilities'), { code: 'policy_shipped' })
  })

  it('that are shipped leave the name to who had it before', async () => {
    await using storage = await open()
    await publish(storage, policyVersion('mine'))
    const shipped = policyVersion('theirs', { origin: 'shipped', bundle: null })
    assert.deepEqual(await storage.policies.register([shipped, policyVersion('other', { name: 'other', origin: 'shipped' })], CAUSE), [
      'vulnerabilities',
    ])
    assert.deepEqual(
      (await storage.policies.heads()).map(({ name, origin, versionCount }) => [name, origin, versionCount]),
      [
        ['other', 'shipped', 1],
        ['vulnerabilities', 'custom', 1],
      ],
    )
  })
})
