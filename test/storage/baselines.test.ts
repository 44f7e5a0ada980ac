import assert from 'node:assert/strict'
import { it } from 'node:test'

import { sha256Digest, type Digest } from '../../src/core/digest.ts'
import { baselineSet, narrowed, readBaselineSet, type BaselineSet } from '../../src/decisions/baselines/content.ts'
import { laneDigest, type BaselineLane } from '../../src/decisions/baselines/lanes.ts'
import type { BaselineMove } from '../../src/decisions/baselines/ports.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { AT, decisionToRecord, submission } from './samples.ts'

const BASELINE = sha256Digest('a binding and its snapshot')
const LANE: BaselineLane = { repository: 'acme/shop', class: 'vulnerabilities', tool: 'trivy', name: '' }
const SINCE = 1000
const SNAPSHOT = '2026-01-01T00:00:00.000Z'

function setOf(...keys: string[]): BaselineSet {
  return baselineSet({ kind: 'entries', entries: keys.toSorted().map((key) => [key, '', 1]) })
}

function move(set: BaselineSet, shown: BaselineSet | null, more: Partial<BaselineMove> & { received?: number } = {}): BaselineMove {
  const { received = SINCE, ...over } = more
  const left = shown && narrowed(set, shown.content)
  const lane = over.lane ?? LANE
  return {
    ...{ baseline: BASELINE, lane, laneDigest: laneDigest(lane), hasHead: true, set },
    history: { at: SNAPSHOT, since: SINCE, replaces: false },
    left: left && { ...left, received },
    ...over,
  }
}

function record(storage: Storage, ...moves: BaselineMove[]) {
  return storage.decisions.record(decisionToRecord({}, { moves }))
}

async function headOf(storage: Storage, lane = LANE): Promise<Digest | undefined> {
  return (await storage.baselines.heads(BASELINE, [laneDigest(lane)])).get(laneDigest(lane))?.set
}

async function held(storage: Storage, lane = LANE): Promise<string[]> {
  const digest = await headOf(storage, lane)
  const { content } = readBaselineSet((digest && (await storage.baselines.set(digest))) ?? '')
  return content.kind === 'entries' ? content.entries.map(([key]) => key) : []
}

await forEachEngine('Heads of baselines', ({ open }) => {
  it('are made by the first decision, as what it rests on where it denies and as what is left where it allows', async () => {
    await using storage = await open()
    const other = { ...LANE, name: 'web' }
    await record(storage, move(setOf('a', 'b'), null), move(setOf('a', 'b'), setOf('b'), { lane: other }))
    assert.deepEqual([await held(storage), await held(storage, other)], [['a', 'b'], ['b']])
    const { items } = await storage.baselines.list({ baselines: [BASELINE] }, { limit: 10 })
    assert.deepEqual(
      items.map(({ lane, initial, remaining }) => [lane.name, initial, remaining]),
      [
        ['', 2, 2],
        ['web', 2, 1],
      ],
    )
    assert.deepEqual(await storage.baselines.remaining([BASELINE, sha256Digest('none')]), [
      { baseline: BASELINE, repository: LANE.repository, remaining: 3 },
    ])
  })

  it('are narrowed by every one of the decisions that rested on the same set, in one batch or in several', async () => {
    await using storage = await open()
    const first = setOf('a', 'b', 'c', 'd')
    await Promise.all([
      record(storage, move(first, setOf('b', 'c', 'd'))),
      record(storage, move(first, setOf('a', 'b', 'c'), { received: SINCE + 1 })),
    ])
    assert.deepEqual(await held(storage), ['b', 'c'])
    await record(storage, move(first, setOf('a', 'c', 'd'), { received: SINCE + 2 }))
    assert.deepEqual(await held(storage), ['c'])
    await record(storage, move(first, first, { received: SINCE + 3 }))
    assert.deepEqual(await held(storage), ['c'])
  })

  it('do not move by a denial, by a report older than they know, or for a binding that is not enforced', async () => {
    await using storage = await open()
    const first = setOf('a', 'b')
    await record(storage, move(first, first, { received: SINCE + 10 }))
    await record(storage, move(first, null))
    await record(storage, move(first, setOf('a'), { received: SINCE + 9 }))
    await record(storage, move(first, setOf('a'), { received: SINCE + 11, hasHead: false }))
    assert.deepEqual(await held(storage), ['a', 'b'])
    const unbound = sha256Digest('another')
    await record(storage, move(setOf('x'), setOf(), { baseline: unbound, hasHead: false }))
    assert.equal((await storage.baselines.heads(unbound, [laneDigest(LANE)])).size, 0)
    assert.equal(await storage.baselines.set(setOf('x').digest), setOf('x').text)
  })

  it('are renewed by a newer deployment that passed without them, unless they know newer reports; any other takes out what it lacks', async () => {
    await using storage = await open()
    const deployed = (hour: number, since: number, replaces: boolean) => {
      return { history: { at: `2026-02-01T0${hour}:00:00.000Z`, since, replaces } }
    }
    await record(storage, move(setOf('a', 'b'), setOf('a', 'b'), { ...deployed(1, SINCE, true), received: SINCE + 5 }))
    const [begun] = (await storage.baselines.list({ baselines: [BASELINE] }, { limit: 1 })).items
    await record(storage, move(setOf('a', 'b', 'c'), null, deployed(2, SINCE + 5, true)))
    assert.deepEqual(await held(storage), ['a', 'b', 'c'])
    const [renewed] = (await storage.baselines.list({ baselines: [BASELINE] }, { limit: 1 })).items
    assert.deepEqual([renewed?.initial, renewed?.createdAt], [3, begun?.createdAt])
    await record(storage, move(setOf('x'), null, deployed(2, SINCE + 9, true)))
    await record(storage, move(setOf('x'), null, deployed(1, SINCE + 9, true)))
    assert.deepEqual(await held(storage), ['a', 'b', 'c'])
    await record(storage, move(setOf('a', 'b', 'x'), null, deployed(3, SINCE + 9, false)))
    assert.deepEqual(await held(storage), ['a', 'b'])
    await record(storage, move(setOf('a', 'x'), null, deployed(4, SINCE + 4, true)))
    assert.deepEqual(await held(storage), ['a'])
  })

  it('can begin without history: then they hold nothing, are not listed, and say when that was', async () => {
    await using storage = await open()
    const none = { at: '', since: 0, replaces: false }
    assert.equal(await storage.baselines.begunAt(BASELINE, LANE.repository), undefined)
    await record(storage, move(setOf(), null, { history: none }))
    assert.deepEqual((await storage.baselines.list({ baselines: [BASELINE] }, { limit: 9 })).items, [])
    assert.equal(await storage.baselines.begunAt(BASELINE, LANE.repository), AT)
    assert.equal(await storage.baselines.begunAt(BASELINE, 'acme/till'), undefined)
    await record(storage, move(setOf('a'), null, { history: { at: SNAPSHOT, since: SINCE, replaces: true } }))
    assert.deepEqual(await held(storage), ['a'])
  })

  it('move with the decision or not at all', async () => {
    await using storage = await open()
    const idempotency = {
      ...{ principalId: 'p', method: 'POST', path: '/v1/decisions', key: 'run-1', fingerprint: sha256Digest('body') },
      expiresAt: Date.parse('2026-03-02T12:00:00.000Z'),
    }
    await storage.decisions.record(decisionToRecord({}, { idempotency, moves: [move(setOf('a', 'b'), null)] }))
    const repeated = await storage.decisions.record(decisionToRecord({}, { idempotency, moves: [move(setOf('a', 'b'), setOf('a'))] }))
    assert.deepEqual([repeated.repeated, await held(storage)], [true, ['a', 'b']])
  })

  it('need no set twice: what is stored is read where it has to be narrowed further', async () => {
    await using storage = await open()
    const first = setOf('a', 'b', 'c')
    const known = { ...first, text: null }
    await record(storage, move(first, setOf('a', 'b')))
    await record(storage, { ...move(first, setOf('b', 'c'), { received: SINCE + 1 }), set: known })
    assert.deepEqual(await held(storage), ['b'])
    const stored = { ...setOf('a', 'b'), text: null, received: SINCE + 2 }
    await record(storage, { ...move(first, null), set: known, left: stored })
    assert.deepEqual(await held(storage), ['b'])
  })

  it('are listed in the order in which they were made, to those who may see the repository', async () => {
    await using storage = await open()
    const lanes = ['acme/b', 'acme/a', '', 'other/c', 'acme/x* other/c'].map((repository) => ({ ...LANE, repository }))
    for (const lane of lanes) await record(storage, move(setOf('a'), null, { lane }))
    const list = async (filter: { repository?: string; visibleTo?: string[] }, page: { limit: number; after?: string } = { limit: 10 }) => {
      const { items, next } = await storage.baselines.list({ baselines: [BASELINE], ...filter }, page)
      return { names: items.map(({ lane }) => lane.repository), next }
    }
    const first = await list({}, { limit: 3 })
    assert.deepEqual(first.names, ['acme/b', 'acme/a', ''])
    assert.deepEqual((await list({}, { limit: 3, after: first.next ?? '' })).names, ['other/c', 'acme/x* other/c'])
    assert.deepEqual((await list({ visibleTo: ['acme/*'] })).names, ['acme/b', 'acme/a'])
    assert.deepEqual((await list({ visibleTo: ['acme/*', 'other/*'] })).names, ['acme/b', 'acme/a', 'other/c', 'acme/x* other/c'])
    assert.deepEqual((await list({ visibleTo: ['acme/*'], repository: 'other/c' })).names, [])
    assert.deepEqual(await storage.baselines.list({ baselines: [] }, { limit: 3 }), { items: [], next: null })
  })
})

await forEachEngine('Subjects that a lane reported', ({ open }) => {
  it('are those of complete reports of the repository, tool and name received by then, the newest first', async () => {
    await using storage = await open()
    const at = (minute: number) => `2026-03-01T12:0${minute}:00.000Z`
    const post = (subject: string, minute: number, more: Parameters<typeof submission>[0] = {}) =>
      storage.evidence.record(
        submission({
          evidence: { subject, receivedAt: at(minute), tool: { name: 'Trivy', version: '1' }, ...more.evidence },
          observation: { repository: 'acme/shop', at: at(minute), ...more.observation },
        }),
      )
    await post('one', 1)
    await post('two', 2)
    await post('one', 3)
    await post('late', 5)
    await post('partial', 4, { evidence: { completeness: 'partial' } })
    await post('elsewhere', 4, { observation: { repository: 'acme/till' } })
    await post('unknown', 4, { observation: { repository: null } })
    await post('of a team', 4, { observation: { repository: null, repositories: ['acme/*', 'acme-labs/*'] } })
    await post('other tool', 4, { evidence: { tool: { name: 'grype', version: null } } })
    await post('named', 4, { evidence: { name: 'web' } })
    const find = (lane: Partial<BaselineLane>, limit = 10) =>
      storage.facts.subjectsReporting({ ...LANE, ...lane }, Date.parse(at(4)), limit)
    assert.deepEqual(await find({}), ['one', 'two'])
    assert.deepEqual(await find({}, 1), ['one'])
    assert.deepEqual(await find({ name: 'web' }), ['named'])
    assert.deepEqual(await find({ repository: '' }), ['unknown'])
    assert.deepEqual(await find({ repository: 'acme/* acme-labs/*' }), ['of a team'])
    assert.deepEqual(await find({ repository: 'acme/*' }), [])
    assert.deepEqual(await find({ tool: 'Trivy' }), [])
  })
})
