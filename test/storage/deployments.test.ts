import assert from 'node:assert/strict'
import { it } from 'node:test'

import { canonicalDigest } from '../../src/core/canonical-json.ts'
import { sha256Digest } from '../../src/core/digest.ts'
import type { IdempotencyClaim } from '../../src/core/idempotency.ts'
import type { Deployment, Outcome, StartedDeployment } from '../../src/decisions/deployments/deployment.ts'
import type { DeploymentFilter } from '../../src/decisions/deployments/ports.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { assertIntactLog } from './intact-log.ts'
import { BYPASS, deploymentToRecord, endToRecord, randomDigest, ROLLBACK } from './samples.ts'

const CLAIM: IdempotencyClaim = {
  ...{ principalId: 'p', method: 'POST', path: '/v1/deployments', key: 'run-1', fingerprint: sha256Digest('body') },
  expiresAt: Date.parse('2026-03-02T12:00:00.000Z'),
}

const shop = 'code.example/acme/shop'
const till = 'code.example/acme/till'

/** Starts a deployment, and ends it if an outcome is given. */
async function keep(storage: Storage, over: Partial<StartedDeployment> = {}, outcome?: Outcome, finishedAt?: string): Promise<Deployment> {
  const { deployment } = await storage.deployments.start(deploymentToRecord(over))
  if (outcome === undefined) return deployment
  return (await storage.deployments.finish(endToRecord(deployment, outcome, finishedAt === undefined ? {} : { finishedAt }))).deployment
}

await forEachEngine('Recording deployments', ({ open }) => {
  it('gives back a start under its id, with its place in the log', async () => {
    await using storage = await open()
    const record = deploymentToRecord({ context: { actor: 'Ann', other: [1, null] }, target: 'eu west' })
    const { deployment, repeated } = await storage.deployments.start(record)
    const expected = { state: 'started', reason: null, finishedAt: null, finishedBy: null, logIndex: 1, finishLogIndex: null }
    assert.deepEqual([deployment, repeated], [{ ...record.deployment, ...expected }, false])
    assert.deepEqual(await storage.deployments.find(deployment.id), deployment)
    assert.equal(await storage.deployments.find('0190-none'), undefined)
  })

  it('adds how it ended, with a leaf of its own that names exactly that record', async () => {
    await using storage = await open()
    const started = await keep(storage)
    const record = endToRecord(started, 'failed', { reason: 'readiness probe' })
    const { deployment, recorded } = await storage.deployments.finish(record)
    const expected = {
      state: 'failed',
      reason: 'readiness probe',
      finishedAt: record.end.finishedAt,
      finishedBy: 'shop-ci',
      finishLogIndex: 2,
    }
    assert.deepEqual([deployment, recorded], [{ ...started, ...expected }, true])
    assert.deepEqual(await storage.deployments.find(started.id), deployment)
    const leaves = (await assertIntactLog(storage)).map((leaf) => JSON.parse(leaf) as { type: string; body: { digest: string } })
    assert.deepEqual(
      leaves.slice(1).map(({ type, body }) => [type, body.digest]),
      [
        ['deployment.started', canonicalDigest(startedRecord(started))],
        ['deployment.finished', canonicalDigest(record.end)],
      ],
    )
  })

  it('keeps the first of all ends, however many are reported at a time', async () => {
    await using storage = await open()
    const started = await keep(storage)
    const outcomes: Outcome[] = ['succeeded', 'failed', 'rolled-back']
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, at) => storage.deployments.finish(endToRecord(started, outcomes[at % 3], { reason: `report ${at}` }))),
    )
    const winners = answers.filter(({ recorded }) => recorded)
    assert.equal(winners.length, 1)
    for (const { deployment } of answers) assert.deepEqual(deployment, winners[0]?.deployment)
    assert.equal((await storage.log.head()).size, 3)
  })

  it('writes nothing for a repeat of an idempotency key and gives back the deployment as it started', async () => {
    await using storage = await open()
    const records = Array.from({ length: 20 }, () => deploymentToRecord({}, { idempotency: CLAIM }))
    const answers = await Promise.all(records.map((record) => storage.deployments.start(record)))
    assert.equal(answers.filter(({ repeated }) => !repeated).length, 1)
    const [first] = answers
    assert.ok(first)
    await storage.deployments.finish(endToRecord(first.deployment))
    const again = await storage.deployments.start(deploymentToRecord({}, { idempotency: CLAIM }))
    assert.deepEqual(again, { deployment: first.deployment, repeated: true })
    assert.equal((await storage.log.head()).size, 3)
    const other = deploymentToRecord({}, { idempotency: { ...CLAIM, fingerprint: 'other' } })
    await assert.rejects(storage.deployments.start(other), { code: 'idempotency_key_reused' })
  })

  it('refuses an entry that speaks for something else, and keeps nothing of it', async () => {
    await using storage = await open()
    const { deployment, ...record } = deploymentToRecord()
    await assert.rejects(storage.deployments.start({ ...record, deployment: { ...deployment, environment: 'staging' } }), {
      code: 'record_digest_differs',
    })
    assert.equal(await storage.deployments.find(deployment.id), undefined)
    assert.equal((await storage.log.head()).size, 1)
  })
})

await forEachEngine('Listing deployments', ({ open }) => {
  const fill = async (storage: Storage) => [
    await keep(storage, { environment: 'staging', repository: till, ...BYPASS }, 'failed'),
    await keep(storage, { target: 'eu' }, 'succeeded'),
    await keep(storage, { target: 'eu', ...BYPASS }, 'succeeded'),
    await keep(storage, { target: 'us', ...ROLLBACK }, 'succeeded'),
    await keep(storage, { repository: till, receivedAt: '2026-03-05T00:00:00.000Z' }, 'rolled-back'),
    await keep(storage, { repository: null, environment: 'lab', receivedAt: '2026-03-05T00:00:00.000Z', ...BYPASS }),
  ]

  it('filters by every field, alone and together', async () => {
    await using storage = await open()
    const made = await fill(storage)
    const expectations: [DeploymentFilter, number[]][] = [
      [{}, [5, 4, 3, 2, 1, 0]],
      [{ subject: made[1]?.subject ?? '' }, [1]],
      [{ subject: made[1]?.subject ?? '', state: 'failed' }, []],
      [{ environment: 'production' }, [4, 3, 2, 1]],
      [{ target: 'eu' }, [2, 1]],
      [{ repository: till }, [4, 0]],
      [{ state: 'started' }, [5]],
      [{ state: 'succeeded' }, [3, 2, 1]],
      [{ state: 'failed' }, [0]],
      [{ state: 'rolled-back', repository: till, environment: 'production' }, [4]],
      [{ grounded: true }, [4, 1]],
      [{ grounded: false }, [5, 3, 2, 0]],
      [{ bypass: true }, [5, 2, 0]],
      [{ bypass: false, grounded: false }, [3]],
      [{ bypass: true, grounded: true }, []],
      [{ grounded: false, environment: 'production' }, [3, 2]],
      [{ current: true }, [3, 2]],
      [{ current: true, target: 'us' }, [3]],
      [{ current: true, state: 'failed' }, []],
      [{ current: true, subject: made[1]?.subject ?? '' }, []],
      [{ from: '2026-03-02T00:00:00Z' }, [5, 4]],
      [{ to: '2026-03-02T00:00:00+01:00', environment: 'production' }, [3, 2, 1]],
      [{ from: '2030-01-01T00:00:00Z' }, []],
    ]
    for (const [filter, expected] of expectations) {
      const { items } = await storage.deployments.list(filter, { limit: 10 })
      const found = items.map(({ id }) => made.findIndex((one) => one.id === id))
      assert.deepEqual(found, expected, JSON.stringify(filter))
    }
    assert.deepEqual((await storage.deployments.list({}, { limit: 10 })).items, made.toReversed())
  })

  it('shows a confined reader only its repositories and environments', async () => {
    await using storage = await open()
    const made = await fill(storage)
    const seen = async (visibleTo: NonNullable<DeploymentFilter['visibleTo']>, filter: DeploymentFilter = {}) => {
      const { items } = await storage.deployments.list({ ...filter, visibleTo }, { limit: 10 })
      return items.map(({ id }) => made.findIndex((one) => one.id === id))
    }
    assert.deepEqual(await seen({ repositories: [till] }), [4, 0])
    assert.deepEqual(await seen({ repositories: ['code.example/acme/*'] }), [4, 3, 2, 1, 0])
    assert.deepEqual(await seen({ repositories: ['code.example/*'] }), [])
    assert.deepEqual(await seen({ repositories: ['**'], environments: ['staging', 'lab'] }), [0])
    assert.deepEqual(await seen({ environments: ['lab', 'lab'] }), [5])
    assert.deepEqual(await seen({ environments: ['lab', 'production'] }, { environment: 'production', current: true }), [3, 2])
    assert.deepEqual(await seen({ environments: ['lab'] }, { environment: 'production' }), [])
    assert.deepEqual(await seen({ repositories: [till] }, { repository: shop }), [])
    assert.deepEqual(await seen({ repositories: [till] }, { environment: 'production' }), [4])
    assert.deepEqual(await seen({ repositories: [shop] }, { current: true }), [3, 2])
    const of = (at: number): string => made[at]?.id ?? ''
    assert.equal(await storage.deployments.find(of(0), { repositories: [shop] }), undefined)
    assert.equal(await storage.deployments.find(of(0), { environments: ['production'] }), undefined)
    assert.equal((await storage.deployments.find(of(0), { repositories: [till], environments: ['staging'] }))?.id, of(0))
    assert.equal(await storage.deployments.find(of(5), { repositories: ['**'] }), undefined)
  })

  it('shows a reader of more repositories than are read side by side all of them', async () => {
    await using storage = await open()
    for (let n = 0; n < 40; n++) await keep(storage, { repository: `code.example/many/r${n}` }, n % 2 ? 'succeeded' : 'failed')
    const filter: DeploymentFilter = { visibleTo: { repositories: ['code.example/many/*'] } }
    assert.equal((await storage.deployments.list(filter, { limit: 50 })).items.length, 40)
    assert.equal((await storage.deployments.list({ ...filter, state: 'failed' }, { limit: 50 })).items.length, 20)
  })

  it('pages without gaps or repeats while deployments start and end', async () => {
    await using storage = await open()
    const made: Deployment[] = []
    for (let n = 0; n < 15; n++) made.push(await keep(storage, n % 2 ? {} : BYPASS, n % 3 ? 'failed' : undefined))
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await storage.deployments.list({}, { limit: 4, ...(after && { after }) })
      seen.push(...page.items.map(({ id }) => id))
      after = page.next ?? undefined
      await keep(storage, {}, 'succeeded')
      if (seen.length === 8) await storage.deployments.finish(endToRecord(made[0] ?? { id: '' }))
    } while (after)
    assert.deepEqual(seen, made.map(({ id }) => id).toReversed())
  })

  it('refuses a cursor that no list gave', async () => {
    await using storage = await open()
    await assert.rejects(storage.deployments.list({}, { limit: 1, after: '1 or 1=1' }), { code: 'cursor_invalid' })
  })
})

await forEachEngine('What runs where', ({ open }) => {
  const runningSubjects = async (storage: Storage, filter: DeploymentFilter = {}) =>
    (await storage.deployments.list({ ...filter, current: true }, { limit: 100 })).items.map(({ subject }) => subject)

  it('is what succeeded last, in the order of receipt, not what started last', async () => {
    await using storage = await open()
    const [a, b, c] = [await keep(storage), await keep(storage), await keep(storage)]
    assert.deepEqual(await runningSubjects(storage), [])
    await storage.deployments.finish(endToRecord(b))
    assert.deepEqual(await runningSubjects(storage), [b.subject])
    await storage.deployments.finish(endToRecord(a))
    assert.deepEqual(await runningSubjects(storage), [a.subject])
    await storage.deployments.finish(endToRecord(c, 'rolled-back'))
    assert.deepEqual(await runningSubjects(storage), [a.subject])
  })

  it('is told for each environment, target and repository', async () => {
    await using storage = await open()
    const places = [{}, { target: 'eu' }, { target: 'us' }, { environment: 'staging' }, { repository: till }, { repository: null }]
    for (let n = 0; n < 2; n++) for (const place of places) await keep(storage, place, 'succeeded')
    const newest = (await storage.deployments.list({}, { limit: places.length })).items.map(({ subject }) => subject)
    assert.deepEqual(await runningSubjects(storage), newest)
    assert.equal((await runningSubjects(storage, { environment: 'production', repository: shop })).length, 3)
  })

  it('has one answer for a place, whoever reports at the same time', async () => {
    await using storage = await open()
    const started = await Promise.all(Array.from({ length: 30 }, () => keep(storage)))
    await Promise.all(started.map((one) => storage.deployments.finish(endToRecord(one))))
    assert.equal((await runningSubjects(storage)).length, 1)
  })
})

await forEachEngine('Deployments to rely on', ({ open }) => {
  const noon = Date.parse('2026-03-02T12:00:00.000Z')
  const at = (minutes: number): string => new Date(noon + minutes * 60_000).toISOString()

  it('are the succeeded and grounded ones of an environment and a repository, by the receipt of their success', async () => {
    await using storage = await open()
    const [older, newer] = [randomDigest(), randomDigest()]
    const second = await keep(storage, { subject: newer, target: 'eu' })
    const first = await keep(storage, { subject: older }, 'succeeded', at(1))
    await storage.deployments.finish(endToRecord(second, 'succeeded', { finishedAt: at(2) }))
    for (const [over, outcome] of [
      [BYPASS, 'succeeded'],
      [ROLLBACK, 'succeeded'],
      [{}, 'failed'],
      [{}, 'rolled-back'],
      [{ environment: 'staging' }, 'succeeded'],
      [{ repository: till }, 'succeeded'],
      [{ repository: null }, 'succeeded'],
    ] as const)
      await keep(storage, over, outcome, at(3))
    await keep(storage)
    const { facts } = storage
    const shown = { id: second.id, subject: newer, target: 'eu', finishedAt: at(2), groundedBy: String(second.groundedBy) }
    assert.deepEqual(await facts.lastGroundedDeployment('production', shop, noon * 2), shown)
    assert.deepEqual(await facts.lastGroundedDeployment('production', shop, Date.parse(at(2)) + 1), shown)
    const before = { id: first.id, subject: older, target: null, finishedAt: at(1), groundedBy: String(first.groundedBy) }
    assert.deepEqual(await facts.lastGroundedDeployment('production', shop, Date.parse(at(2))), before)
    assert.deepEqual(await facts.lastGroundedDeployment('production', shop, noon * 2, newer), before)
    assert.equal(await facts.lastGroundedDeployment('production', shop, noon), undefined)
    assert.deepEqual(await facts.groundedDeployments('production', shop, noon * 2, 5), [shown, before])
    assert.deepEqual(await facts.groundedDeployments('production', shop, noon * 2, 1), [shown])
    assert.deepEqual(await facts.groundedDeployments('production', shop, noon * 2, 5, older), [shown])
    assert.equal((await facts.lastGroundedDeployment('production', null, noon * 2))?.finishedAt, at(3))
  })
})

/** What the entry of the start speaks for. */
function startedRecord({ state: _, reason: _r, finishedAt: _f, finishedBy: _b, logIndex: _i, finishLogIndex: _l, ...record }: Deployment) {
  return record
}
