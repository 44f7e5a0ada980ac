import assert from 'node:assert/strict'
import { join } from 'node:path'
import { it } from 'node:test'

import type { Page, PageRequest } from '../../src/core/page.ts'
import type { Decision } from '../../src/decisions/decision.ts'
import type { DecisionFilter } from '../../src/decisions/ports.ts'
import { openPostgresReadSession } from '../../src/storage/postgres/read-session.ts'
import { Conditions } from '../../src/storage/readers/conditions.ts'
import type { ReadSession } from '../../src/storage/readers/session.ts'
import { walkTogether } from '../../src/storage/readers/walks.ts'
import { openSqliteReadSession } from '../../src/storage/sqlite/read-session.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { randomFrom } from '../support/random.ts'
import { forEachEngine } from '../support/storage.ts'
import { BYPASS, decisionToRecord, deploymentToRecord, endToRecord, submission, violation } from './samples.ts'

const SHOP = ['code.example/acme/shop-*', 'code.example/acme/cart']

/** Every page of a list, a few items each. */
async function pages<Item>(list: (page: PageRequest) => Promise<Page<Item>>, limit: number): Promise<Item[]> {
  const items: Item[] = []
  let after: string | undefined
  do {
    const page = await list({ limit, ...(after !== undefined && { after }) })
    items.push(...page.items)
    after = page.next ?? undefined
  } while (after !== undefined)
  return items
}

await forEachEngine('Lists of what projects own', ({ open }) => {
  it('hold decisions of their repositories in any letter case, and of no other', async () => {
    await using storage = await open()
    const repositories = [
      'code.example/acme/shop-a',
      'code.example/Acme/Shop-B',
      'code.example/acme/cart',
      'code.example/acme/cart-evil',
      null,
    ]
    for (const repository of repositories) await storage.decisions.record(decisionToRecord({ repository }))
    const seen = async (filter: DecisionFilter) =>
      (await storage.decisions.list(filter, { limit: 9 })).items.map(({ repository }) => repository?.split('/').at(-1))
    assert.deepEqual(await seen({ owned: SHOP }), ['cart', 'Shop-B', 'shop-a'])
    assert.deepEqual(await seen({ owned: [] }), [])
    assert.deepEqual(await seen({ owned: ['ACME/cart'] }), ['cart'])
    assert.deepEqual(await seen({ owned: ['**'] }), ['cart-evil', 'cart', 'Shop-B', 'shop-a'])
    assert.deepEqual(await seen({ owned: SHOP, repository: 'code.example/acme/cart-evil' }), [])
    assert.deepEqual(await seen({ owned: SHOP, repository: 'code.example/acme/cart' }), ['cart'])
  })

  it('never show a confined reader more than it may see', async () => {
    await using storage = await open()
    const own = 'code.example/acme/shop-a'
    const foreign = 'code.example/acme/shop-b'
    const upper = 'code.example/ACME/shop-a'
    for (const repository of [own, foreign, upper]) {
      await storage.decisions.record(decisionToRecord({ repository }))
      await storage.deployments.start(deploymentToRecord({ repository }))
    }
    const visibleTo = { repositories: [own] }
    const { items: decisions } = await storage.decisions.list({ owned: SHOP, visibleTo }, { limit: 9 })
    const { items: deployments } = await storage.deployments.list({ owned: SHOP, visibleTo }, { limit: 9 })
    assert.deepEqual(
      [decisions, deployments].map((items) => items.map(({ repository }) => repository)),
      [[own], [own]],
    )
    // Everybody may see it, and it is the project's by a repository that is hidden: this reader isn't told that.
    const shared = submission()
    await storage.evidence.record(shared)
    await observe(storage, { ...shared, observation: { ...shared.observation, repository: foreign } })
    const ids = async (filter: { visibleTo?: string[]; owned?: string[] }) =>
      (await storage.evidence.list(filter, { limit: 9 })).items.map(({ id }) => id)
    assert.deepEqual([await ids({ owned: SHOP }), await ids({ visibleTo: [own] })], [[shared.evidence.id], [shared.evidence.id]])
    assert.deepEqual(await ids({ owned: SHOP, visibleTo: [own] }), [])
  })

  it('hold evidence that was observed for their repositories, or for globs that lie within theirs', async () => {
    await using storage = await open()
    const cases = {
      exact: { repository: 'code.example/acme/shop-a' },
      confined: { repositories: ['code.example/acme/shop-*'] },
      wider: { repositories: ['code.example/acme/*'] },
      everywhere: {},
      other: { repository: 'code.example/acme/till' },
    }
    const ids = new Map<string, string>()
    for (const [name, observation] of Object.entries(cases)) {
      const made = submission({ observation })
      ids.set(made.evidence.id, name)
      await storage.evidence.record(made)
    }
    const seen = async (filter: Parameters<Storage['evidence']['list']>[0]) =>
      (await storage.evidence.list(filter, { limit: 9 })).items.map(({ id }) => ids.get(id))
    assert.deepEqual(await seen({ owned: SHOP }), ['confined', 'exact'])
    assert.deepEqual(await seen({ owned: ['code.example/**'] }), ['other', 'wider', 'confined', 'exact'])
    assert.deepEqual(await seen({ owned: SHOP, kind: 'coverage' }), [])
    assert.deepEqual(await seen({ owned: SHOP, format: 'trivy', visibleTo: ['code.example/acme/shop-a'] }), ['confined', 'exact'])
    const [id] = [...ids].find(([, name]) => name === 'exact') ?? []
    const { subject } = (await storage.evidence.find(id ?? '')) ?? { subject: '' }
    assert.deepEqual([await seen({ owned: SHOP, subject }), await seen({ owned: ['x/y'], subject })], [['exact'], []])
  })

  it('page through evidence that was observed again and again without gaps or repeats', async () => {
    await using storage = await open()
    const made = Array.from({ length: 12 }, (_, n) => submission({ observation: { repository: `code.example/acme/shop-${n % 3}` } }))
    for (const one of made) for (let n = 0; n < 3; n++) await observe(storage, one)
    const seen = await pages((page) => storage.evidence.list({ owned: SHOP }, page), 5)
    assert.deepEqual(
      seen.map(({ id }) => id),
      made.map(({ evidence }) => evidence.id).toReversed(),
    )
  })

  it('hold the entries of decisions, evidence and deployments, of their ends too, and nothing else', async () => {
    await using storage = await open()
    const mine = 'code.example/acme/shop-a'
    const subjects: string[] = []
    for (const repository of ['code.example/acme/till', mine]) {
      const { decision } = await storage.decisions.record(decisionToRecord({ repository, stage: 'build' }))
      subjects.push(decision.subject)
      await storage.evidence.record(submission({ observation: { repository } }))
      const { deployment } = await storage.deployments.start(deploymentToRecord({ repository, environment: 'eu' }))
      await storage.deployments.finish(endToRecord(deployment))
    }
    await storage.evidence.record(
      submission({ observation: { repositories: Array.from({ length: 90 }, (_, n) => `code.example/acme/shop-${'x'.repeat(40)}${n}`) } }),
    )
    const seen = async (filter: Parameters<Storage['log']['entries']>[0]) =>
      (await storage.log.entries({ owned: SHOP, ...filter }, { limit: 20 })).items.map(
        ({ index, leaf }) => `${index} ${(JSON.parse(leaf) as { type: string }).type}`,
      )
    const all = ['5 decision', '6 evidence.received', '7 deployment.started', '8 deployment.finished', '9 evidence.received']
    assert.deepEqual(await seen({}), all)
    assert.deepEqual(await seen({ type: 'deployment.finished' }), ['8 deployment.finished'])
    assert.deepEqual(await seen({ type: 'binding.changed' }), [])
    assert.deepEqual(await seen({ type: 'log.created' }), [])
    assert.deepEqual(await seen({ stage: 'build' }), ['5 decision'])
    assert.deepEqual(await seen({ environment: 'eu' }), [])
    assert.deepEqual(await seen({ subject: subjects[1] ?? '' }), ['5 decision'])
    assert.deepEqual(await seen({ subject: subjects[0] ?? '' }), [])
    assert.deepEqual(await seen({ actor: 'tester' }), all)
    assert.deepEqual(await seen({ owned: [] }), [])
    assert.equal((await pages((page) => storage.log.entries({ owned: SHOP }, page), 2)).length, 5)
  })

  it('hold the same as looking at everything, whatever is filtered besides and however many repositories there are', async () => {
    await using storage = await open()
    const random = randomFrom(7)
    const records = Array.from({ length: 400 }, (_, n) => {
      const repository = random() < 0.1 ? null : `code.example/acme/${random() < 0.5 ? 'shop' : 'till'}-${Math.floor(random() * 60)}`
      const rules = random() < 0.2 ? [violation('a.x', ['C-1'])] : []
      return decisionToRecord({
        ...{ repository, verdict: random() < 0.3 ? 'deny' : 'allow', warnings: rules, stage: random() < 0.5 ? 'build' : 'production' },
        ...{ environment: random() < 0.5 ? 'eu' : 'us', askedBy: `ci-${Math.floor(random() * 3)}`, context: { author: `a${n % 4}` } },
      })
    })
    const made: (Decision & { logIndex: number })[] = []
    for (const record of records) {
      const { decision, logIndex } = await storage.decisions.record(record)
      made.unshift({ ...decision, logIndex })
      if (random() < 0.3) {
        const { repository, environment } = decision
        const { deployment } = await storage.deployments.start(
          deploymentToRecord({ repository, environment, ...(random() < 0.5 && BYPASS) }),
        )
        if (random() < 0.5) await storage.deployments.finish(endToRecord(deployment))
      }
    }
    const isShop = ({ repository }: { repository: string | null }) => repository?.startsWith('code.example/acme/shop-') ?? false
    const filters: [DecisionFilter, (decision: Decision) => boolean][] = [
      [{}, () => true],
      [{ verdict: 'deny' }, ({ verdict }) => verdict === 'deny'],
      [{ actor: 'ci-1', stage: 'build' }, ({ askedBy, stage }) => askedBy === 'ci-1' && stage === 'build'],
      [{ rule: 'a.x' }, ({ warnings }) => warnings.length > 0],
      [{ control: 'C-1' }, ({ warnings }) => warnings.length > 0],
      [{ context: { author: 'a2' } }, ({ context }) => context.author === 'a2'],
      [{ visibleTo: { environments: ['eu'] } }, ({ environment }) => environment === 'eu'],
      [{ visibleTo: { repositories: ['code.example/acme/*-1*'] } }, ({ repository }) => /-1\d?$/.test(repository ?? '')],
    ]
    for (const [filter, fits] of filters) {
      const seen = await pages((page) => storage.decisions.list({ owned: SHOP, ...filter }, page), 37)
      assert.deepEqual(
        seen.map(({ logIndex }) => logIndex),
        made.filter((one) => isShop(one) && fits(one)).map(({ logIndex }) => logIndex),
        JSON.stringify(filter),
      )
    }
    const all = await pages((page) => storage.deployments.list({}, page), 200)
    for (const filter of [{}, { bypass: true }, { current: true }, { environment: 'eu' }] as const) {
      const wanted = await pages((page) => storage.deployments.list(filter, page), 200)
      const seen = await pages((page) => storage.deployments.list({ owned: SHOP, ...filter }, page), 17)
      assert.deepEqual(seen, wanted.filter(isShop), JSON.stringify(filter))
    }
    assert.ok(all.filter(isShop).length > 20)
    const entries = await pages((page) => storage.log.entries({}, page), 200)
    const indexes = new Set(
      [...made, ...all].filter(isShop).flatMap((one) => [one.logIndex, 'finishLogIndex' in one ? one.finishLogIndex : null]),
    )
    assert.deepEqual(
      (await pages((page) => storage.log.entries({ owned: SHOP }, page), 23)).map(({ index }) => index),
      entries.map(({ index }) => index).filter((index) => indexes.has(index)),
    )
  })
})

await forEachEngine('Walks through one index', ({ place, open, name }) => {
  it('take that index alone and sort no more than a page of each', async () => {
    const where = await place()
    await using storage = await open(where)
    for (let n = 0; n < 40; n++) await storage.decisions.record(decisionToRecord({ repository: `acme/r${n}` }))
    const { dataDir, databaseUrl } = where
    const session = databaseUrl === undefined ? openSqliteReadSession(join(dataDir, 'portcullis.db')) : openPostgresReadSession(databaseUrl)
    try {
      const plans: string[] = []
      const explaining: ReadSession = {
        ...session,
        all: async (sql, parameters) => {
          const sqlite = session.engine === 'sqlite'
          const plan = await session.all(`${sqlite ? 'explain query plan' : 'explain'} ${sql}`, parameters)
          plans.push(plan.map((row) => String(row[sqlite ? 'detail' : 'QUERY PLAN'])).join('\n'))
          return session.all(sql, parameters)
        },
      }
      for (const count of [3, 40]) {
        const indexes = await walkTogether(explaining, {
          from: 'log_entries',
          columns: [
            { name: 'repository', type: 'text', values: Array.from({ length: count }, (_, n) => `acme/r${n}`) },
            { name: 'type', type: 'text', values: ['decision', 'evidence.received'] },
          ],
          key: 'idx',
          order: 'asc',
          conditions: new Conditions().add('idx > ?', 2),
          limit: 20,
        })
        assert.deepEqual(
          indexes,
          Array.from({ length: count }, (_, n) => n + 1)
            .filter((index) => index > 2)
            .slice(0, 20),
        )
      }
      assert.equal(plans.length, 3, name)
      for (const plan of plans) {
        const used = new Set(plan.match(/log_entries_by_\w+|log_entries_pkey/g))
        assert.deepEqual([...used], ['log_entries_by_repository'], plan)
        assert.doesNotMatch(plan, /Seq Scan on log_entries|SCAN log_entries/)
      }
    } finally {
      await session.close()
    }
  })
})

/** Submits the same bytes once more. */
async function observe(storage: Storage, made: ReturnType<typeof submission>): Promise<void> {
  const { evidence, observation, ...rest } = submission({
    evidence: made.evidence,
    observation: { ...made.observation, id: crypto.randomUUID() },
  })
  await storage.evidence.record({ ...rest, evidence, observation })
}
