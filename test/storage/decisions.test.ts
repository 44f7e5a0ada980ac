import assert from 'node:assert/strict'
import { it } from 'node:test'

import { sha256Digest } from '../../src/core/digest.ts'
import type { IdempotencyClaim } from '../../src/core/idempotency.ts'
import type { DecisionFilter } from '../../src/decisions/ports.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { decisionToRecord, randomDigest, violation } from './samples.ts'

const CLAIM: IdempotencyClaim = {
  ...{ principalId: 'p', method: 'POST', path: '/v1/decisions', key: 'run-1', fingerprint: sha256Digest('body') },
  expiresAt: Date.parse('2026-03-02T12:00:00.000Z'),
}

await forEachEngine('Recording decisions', ({ open }) => {
  it('gives back the decision under its id, with its place in the log', async () => {
    await using storage = await open()
    const record = decisionToRecord({ violations: [violation('tests.failed')], verdict: 'deny' })
    const { decision, logIndex, repeated } = await storage.decisions.record(record)
    assert.deepEqual([decision, logIndex, repeated], [record.decision, 1, false])
    assert.deepEqual(await storage.decisions.find(decision.id), { ...record.decision, logIndex, voidedAt: null })
    assert.equal(await storage.decisions.find('0190-none'), undefined)
  })

  it('names in the leaf the digest of the record as it is stored', async () => {
    await using storage = await open()
    const record = decisionToRecord({ context: { commit: 'c', b: 1, a: [null] } })
    const { logIndex } = await storage.decisions.record(record)
    const entry = await storage.log.entry(logIndex)
    const leaf = JSON.parse(entry?.leaf ?? '{}') as { body: { digest: string } }
    assert.equal(leaf.body.digest, record.entry.body.digest)
    assert.deepEqual(entry?.detail['author']?.value, '')
  })

  it('writes nothing for a repeat of an idempotency key and gives back the first decision', async () => {
    await using storage = await open()
    const first = await storage.decisions.record(decisionToRecord({}, { idempotency: CLAIM }))
    const second = await storage.decisions.record(decisionToRecord({}, { idempotency: CLAIM }))
    assert.deepEqual(second, { ...first, repeated: true })
    assert.equal((await storage.log.head()).size, 2)
  })

  it('lets exactly one of many concurrent requests with the same key through', async () => {
    await using storage = await open()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => storage.decisions.record(decisionToRecord({}, { idempotency: CLAIM }))),
    )
    assert.equal(answers.filter(({ repeated }) => !repeated).length, 1)
    assert.equal(new Set(answers.map(({ decision }) => decision.id)).size, 1)
    assert.equal((await storage.log.head()).size, 2)
  })

  it('refuses a key with another fingerprint without harm to its neighbours', async () => {
    await using storage = await open()
    await storage.decisions.record(decisionToRecord({}, { idempotency: CLAIM }))
    const outcomes = await Promise.allSettled([
      storage.decisions.record(decisionToRecord()),
      storage.decisions.record(decisionToRecord({}, { idempotency: { ...CLAIM, fingerprint: 'other' } })),
      storage.decisions.record(decisionToRecord()),
    ])
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.equal(outcomes[1]?.status === 'rejected' && (outcomes[1].reason as { code: string }).code, 'idempotency_key_reused')
    assert.equal((await storage.log.head()).size, 4)
  })

  it('keeps what does not fit into an index from harming its neighbours', async () => {
    await using storage = await open()
    const hardlyCompressible = Array.from({ length: 2000 }, () => randomDigest().slice(7, 20)).join('')
    const outcomes = await Promise.allSettled([
      storage.decisions.record(decisionToRecord()),
      storage.decisions.record(decisionToRecord({ repository: hardlyCompressible })),
      storage.decisions.record(decisionToRecord()),
    ])
    assert.equal(outcomes[0]?.status, 'fulfilled')
    assert.equal(outcomes[2]?.status, 'fulfilled')
  })

  it('takes a key again once its claim has expired', async () => {
    await using storage = await open()
    await storage.decisions.record(decisionToRecord({}, { idempotency: CLAIM }))
    const late = decisionToRecord({ at: '2026-03-02T12:00:00.000Z' }, { idempotency: { ...CLAIM, expiresAt: CLAIM.expiresAt * 2 } })
    assert.equal((await storage.decisions.record(late)).repeated, false)
  })

  it('finds a claim until it expires', async () => {
    let now = CLAIM.expiresAt - 1
    await using storage = await open(undefined, { clock: { now: () => now } })
    await storage.decisions.record(decisionToRecord({}, { idempotency: { ...CLAIM, sealed: 'secret' } }))
    const claimed = await storage.idempotency.claimed(CLAIM)
    assert.equal(claimed?.fingerprint, CLAIM.fingerprint)
    assert.equal(claimed.sealed, 'secret')
    now = CLAIM.expiresAt
    assert.equal(await storage.idempotency.claimed(CLAIM), undefined)
  })

  it('keeps a declared link once, and raises the evidence revision only then', async () => {
    await using storage = await open()
    const subject = randomDigest()
    const at = '2026-03-01T12:00:00.000Z'
    const to = `git+https://code.example/acme/shop@${'a'.repeat(40)}`
    const link = {
      from: subject,
      to,
      kind: 'source',
      proof: 'declared',
      platform: null,
      declaredBy: 'x',
      declarerGroups: [],
      repositories: null,
      at,
    } as const
    const before = await storage.facts.evidenceRevision()
    await storage.decisions.record(decisionToRecord({ subject }, { link }))
    const after = await storage.facts.evidenceRevision()
    assert.ok(after > before)
    await storage.decisions.record(decisionToRecord({ subject }, { link: { ...link, at: '2026-03-02T12:00:00.000Z' } }))
    assert.equal(await storage.facts.evidenceRevision(), after)
    assert.deepEqual(await storage.evidence.links(subject), [link])
    const narrower = { ...link, repositories: ['acme/shop'], declarerGroups: ['builders'] }
    await storage.decisions.record(decisionToRecord({ subject }, { link: narrower }))
    assert.deepEqual(await storage.evidence.links(subject), [link, narrower])
  })

  it('keeps control characters and long texts from doing harm', async () => {
    await using storage = await open()
    const record = decisionToRecord({ context: { commit: 'a\0b', ref: 'r'.repeat(100_000) } })
    const { logIndex } = await storage.decisions.record(record)
    assert.deepEqual(await storage.decisions.find(record.decision.id), { ...record.decision, logIndex, voidedAt: null })
    const { items } = await storage.decisions.list({ context: { ref: 'r'.repeat(100_000) } }, { limit: 10 })
    assert.equal(items.length, 1)
  })
})

await forEachEngine('Listing decisions', ({ open }) => {
  const shop = 'code.example/acme/shop'
  const till = 'code.example/acme/till'
  const fill = async (storage: Storage) => {
    const records = [
      decisionToRecord({
        stage: 'build',
        environment: 'build',
        repository: shop,
        verdict: 'deny',
        violations: [violation('a.x', ['SOC2-CC8.1', 'PCI-6.5.1'])],
      }),
      decisionToRecord({ stage: 'production', repository: shop, context: { commit: 'c1', author: 'Ann' } }),
      decisionToRecord({
        stage: 'production',
        repository: till,
        askedBy: 'till-ci',
        warnings: [violation('a.x'), violation('a.y', ['SOC2-CC8.1'])],
      }),
      decisionToRecord({ stage: 'production', environment: 'eu', repository: null, at: '2026-03-05T00:00:00.000Z' }),
    ]
    for (const record of records) await storage.decisions.record(record)
    return records.map(({ decision }) => decision)
  }

  it('filters by every field, alone and together', async () => {
    await using storage = await open()
    const made = await fill(storage)
    const expectations: [DecisionFilter, number[]][] = [
      [{}, [3, 2, 1, 0]],
      [{ subject: made[1]?.subject ?? '' }, [1]],
      [{ stage: 'production' }, [3, 2, 1]],
      [{ environment: 'eu' }, [3]],
      [{ repository: shop }, [1, 0]],
      [{ verdict: 'deny' }, [0]],
      [{ rule: 'a.x' }, [2, 0]],
      [{ rule: 'a.x', verdict: 'allow' }, [2]],
      [{ control: 'SOC2-CC8.1' }, [2, 0]],
      [{ control: 'PCI-6.5.1' }, [0]],
      [{ control: 'PCI-6' }, []],
      [{ control: 'SOC2-CC8.1', rule: 'a.y' }, [2]],
      [{ control: 'SOC2-CC8.1', repository: shop }, [0]],
      [{ actor: 'till-ci' }, [2]],
      [{ context: { author: 'Ann' } }, [3, 2, 1, 0]],
      [{ context: { commit: 'c1', author: 'Ann' }, stage: 'production' }, [1]],
      [{ context: { author: 'Ann' }, rule: 'a.x' }, [2, 0]],
      [{ from: '2026-03-02T00:00:00Z' }, [3]],
      [{ to: '2026-03-02T00:00:00+01:00' }, [2, 1, 0]],
      [{ from: '2026-03-01T13:00:00.000+01:00', to: '2026-03-01T12:00:00.001Z', stage: 'production' }, [2, 1]],
      [{ from: '2030-01-01T00:00:00Z' }, []],
      [{ subject: 'x', context: { author: 'Ann' } }, []],
    ]
    for (const [filter, expected] of expectations) {
      const { items } = await storage.decisions.list(filter, { limit: 10 })
      assert.deepEqual(
        items.map(({ id }) => made.findIndex((one) => one.id === id)),
        expected,
        JSON.stringify(filter),
      )
    }
  })

  it('shows a confined reader only what it may see', async () => {
    await using storage = await open()
    const made = await fill(storage)
    const seen = async (visibleTo: NonNullable<DecisionFilter['visibleTo']>, filter: DecisionFilter = {}) => {
      const { items } = await storage.decisions.list({ ...filter, visibleTo }, { limit: 10 })
      return items.map(({ id }) => made.findIndex((one) => one.id === id))
    }
    assert.deepEqual(await seen({ repositories: [shop] }), [1, 0])
    assert.deepEqual(await seen({ repositories: ['code.example/acme/*'] }), [2, 1, 0])
    assert.deepEqual(await seen({ repositories: ['code.example/*'] }), [])
    assert.deepEqual(await seen({ repositories: ['**'], environments: ['eu', 'build'] }), [0])
    assert.deepEqual(await seen({ repositories: [] }), [])
    assert.deepEqual(await seen({ environments: ['eu'] }), [3])
    assert.deepEqual(await seen({ stages: ['build'] }), [0])
    assert.deepEqual(await seen({ repositories: [shop] }, { repository: till }), [])
    assert.deepEqual(await seen({ repositories: [shop] }, { rule: 'a.x' }), [0])
    const id = made[2]?.id ?? ''
    assert.equal(await storage.decisions.find(id, { repositories: [shop] }), undefined)
    assert.equal((await storage.decisions.find(id, { repositories: [till] }))?.id, id)
    assert.equal(await storage.decisions.find(made[3]?.id ?? '', { repositories: ['**'] }), undefined)
  })

  it('pages without gaps or repeats while new decisions arrive', async () => {
    await using storage = await open()
    for (let n = 0; n < 25; n++) await storage.decisions.record(decisionToRecord({ repository: n % 2 ? shop : till }))
    const visibleTo = { repositories: ['code.example/acme/**'] }
    const seen: number[] = []
    let after: string | undefined
    do {
      const page = await storage.decisions.list({ visibleTo }, { limit: 4, ...(after && { after }) })
      seen.push(...page.items.map(({ logIndex }) => logIndex))
      after = page.next ?? undefined
      await storage.decisions.record(decisionToRecord({ repository: shop }))
    } while (after)
    assert.deepEqual(
      seen,
      Array.from({ length: 25 }, (_, n) => 25 - n),
    )
  })

  it('refuses a cursor that no list gave', async () => {
    await using storage = await open()
    await assert.rejects(storage.decisions.list({}, { limit: 1, after: '1 or 1=1' }), { code: 'cursor_invalid' })
  })
})
