import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'

import { AppError } from '../../../../src/core/app-error.ts'
import type { ChangeKind, SecondPerson } from '../../../../src/core/change-kind.ts'
import { newId } from '../../../../src/core/id.ts'
import { SCOPES, type Access } from '../../../../src/core/principal.ts'
import type { StoredChange } from '../../../../src/governance/changes/change.ts'
import { Changes } from '../../../../src/governance/changes/changes.ts'
import type { ChangeDecision, ChangeStore, ChangeSubmission } from '../../../../src/governance/changes/ports.ts'
import { accessOf, DAY, TestClock, WORKER } from '../../auth/memory-tokens.ts'

interface Paint {
  colour: string
}

/** Lets everything wait that is guarded, and remembers what it was told. */
class MemoryChanges implements ChangeStore {
  readonly kept = new Map<string, StoredChange>()
  readonly submissions: ChangeSubmission[] = []
  readonly decisions: ChangeDecision[] = []
  revisions = 0
  races = 0

  async revision(): Promise<number> {
    return this.revisions
  }

  async submit(submission: ChangeSubmission): Promise<{ applied: unknown } | { pending: StoredChange }> {
    if (this.races-- > 0) throw new AppError('change_outdated', 'Somebody was faster.')
    this.submissions.push(submission)
    const { change, guarded, effect } = submission
    if (!guarded) return { applied: effect.args }
    this.kept.set(change.id, change)
    return { pending: change }
  }

  async decide(decision: ChangeDecision): Promise<StoredChange> {
    this.decisions.push(decision)
    const { id, state, by, at, comment } = decision
    const change = this.kept.get(id)
    assert.ok(change)
    return { ...change, state, decidedBy: by, decidedAt: at, comment }
  }

  async find(id: string): Promise<StoredChange | undefined> {
    return this.kept.get(id)
  }

  async list(): ReturnType<ChangeStore['list']> {
    return { items: [...this.kept.values()], next: null }
  }
}

const paint: ChangeKind<Paint, string> = {
  scope: 'issuers:manage',
  target: () => 'walls/north',
  async plan(access, { colour }, { by, cause }) {
    if (colour === 'brown') throw new AppError('colour_ugly', 'Nobody wants that.')
    const args = { colour, by: by.name, actor: cause.actor, onBehalfOf: cause.onBehalfOf ?? null, planner: access.principal.name }
    return {
      summary: `Paint it ${colour}.`,
      before: 'white',
      after: colour,
      guarded: colour !== 'white' && 'access',
      effect: { operation: 'paint', args },
    }
  },
  resultOf: (outcome) => (outcome as Paint).colour,
}

/** A human's access. @param issuers who else had it in their hands */
function person(name: string, issuers: readonly string[] = [], over: Partial<Access> = {}): Access {
  const access = accessOf(SCOPES)
  return { ...access, principal: { ...access.principal, id: name, name }, issuerIds: [...issuers, 'system'], ...over }
}

describe('Changes', () => {
  let store = new MemoryChanges()
  let clock = new TestClock()
  const changes = (secondPerson: SecondPerson = 'on') => new Changes({ store, kinds: { paint }, clock, secondPerson })

  beforeEach(() => {
    store = new MemoryChanges()
    clock = new TestClock()
  })

  async function propose(by: Access, colour = 'red'): Promise<string> {
    const outcome = await changes().request(by, 'paint', { colour }, 'r-1')
    assert.ok('pending' in outcome)
    return outcome.pending.id
  }

  it('are carried out at once where that gives nobody power, or no second person is wanted', async () => {
    assert.deepEqual(await changes().request(person('ann'), 'paint', { colour: 'white' }, 'r-1'), { applied: 'white' })
    assert.deepEqual(await changes('off').request(person('ann'), 'paint', { colour: 'red' }, 'r-1'), { applied: 'red' })
  })

  it('wait for a week with who asked, what becomes different, and nothing of the request itself', async () => {
    const outcome = await changes().request(person('ann', ['ben']), 'paint', { colour: 'red' }, 'r-1')
    assert.ok('pending' in outcome)
    const { id, ...change } = outcome.pending
    assert.deepEqual(change, {
      ...{ kind: 'paint', target: 'walls/north', summary: 'Paint it red.', before: 'white', after: 'red', baseRevision: 0 },
      ...{ proposedBy: { id: 'ann', name: 'ann', owners: ['ann', 'ben', 'system'], person: 'declared' } },
      ...{ proposedAt: '2026-05-01T12:00:00.000Z', expiresAt: '2026-05-08T12:00:00.000Z', state: 'pending' },
      ...{ decidedBy: null, decidedAt: null, comment: null },
    })
    clock.advance(7 * DAY)
    assert.equal((await changes().find(id))?.state, 'expired')
    assert.equal((await changes().list({}, { limit: 5 })).items[0]?.state, 'expired')
  })

  it('are planned anew if their target changes meanwhile, but not for ever', async () => {
    store.races = 2
    assert.ok('pending' in (await changes().request(person('ann'), 'paint', { colour: 'red' }, 'r-1')))
    store.races = 3
    await assert.rejects(changes().request(person('ann'), 'paint', { colour: 'red' }, 'r-1'), { code: 'change_outdated' })
  })

  it('are planned again at the approval, with the rights of who approves and by the word of who proposed', async () => {
    const id = await propose(person('ann'))
    const approved = await changes().approve(person('ben'), id, 'Fine.', 'r-2')
    assert.deepEqual([approved?.state, approved?.decidedBy?.name, approved?.comment], ['approved', 'ben', 'Fine.'])
    assert.deepEqual(store.decisions[0]?.effect?.args, { colour: 'red', by: 'ann', actor: 'ben', onBehalfOf: 'ann', planner: 'ben' })
    const ugly = { ...store.kept.get(id), id: newId(), payload: { colour: 'brown' } } as StoredChange
    store.kept.set(ugly.id, ugly)
    await assert.rejects(changes().approve(person('ben'), ugly.id, undefined, 'r-3'), { code: 'colour_ugly' })
  })

  it('are approved by nobody through whose hands the other’s token went', async () => {
    const own: [string, Access, Access][] = [
      ['with the same token', person('ann'), person('ann')],
      ['with a second token of one’s own', person('ann'), person('ann', ['ann'])],
      ['with a token made for somebody else', person('ann'), person('ben', ['ann'])],
      ['with a token made with such a token', person('ann'), person('eve', ['ben', 'ann'])],
      ['as oneself, proposed with a token made for somebody else', person('ben', ['ann']), person('ann')],
      ['with a rotated token of somebody else', person('ann'), person('ben', ['operator', 'ann'])],
    ]
    for (const [how, proposer, approver] of own) {
      const id = await propose(proposer)
      await assert.rejects(changes().approve(approver, id, undefined, 'r-2'), { code: 'own_change' }, how)
    }
    const id = await propose(person('ann', ['operator']))
    assert.equal((await changes().approve(person('ben', ['operator']), id, undefined, 'r-2'))?.state, 'approved')
  })

  it('are decided by persons with the scope of the change only', async () => {
    const id = await propose(person('ann'))
    const workload = person('ci', [], { principal: { ...WORKER, id: 'ci' }, person: null })
    const lesser = person('ben', [], { scopes: new Set(['changes:decide']) })
    for (const [by, code] of [
      [workload, 'person_required'],
      [lesser, 'scope_missing'],
    ] as const) {
      await assert.rejects(changes().approve(by, id, undefined, 'r-2'), { code })
      await assert.rejects(changes().reject(by, id, 'No.', 'r-2'), { code })
    }
    assert.equal(store.decisions.length, 0)
  })

  it('are rejected by anybody else, and withdrawn by who proposed them, with a reason', async () => {
    const id = await propose(person('ann'))
    assert.equal((await changes().reject(person('ben', ['ann']), id, 'No.', 'r-2'))?.state, 'rejected')
    const withdrawn = await changes().reject(person('ann'), id, 'A mistake.', 'r-2')
    assert.deepEqual([withdrawn?.state, withdrawn?.comment], ['withdrawn', 'A mistake.'])
    for (const text of ['', ' ', 'a\nb', 'x'.repeat(2001)]) {
      await assert.rejects(changes().reject(person('ben'), id, text, 'r-2'), { code: 'change_text_invalid', field: 'body.reason' })
      await assert.rejects(changes().approve(person('ben'), id, text, 'r-2'), { code: 'change_text_invalid', field: 'body.comment' })
    }
  })

  it('that are unknown, or of a kind that this version does not know, are not decided', async () => {
    assert.equal(await changes().find('none'), undefined)
    assert.equal(await changes().approve(person('ben'), 'none', undefined, 'r-2'), undefined)
    assert.equal(await changes().reject(person('ben'), 'none', 'No.', 'r-2'), undefined)
    const id = await propose(person('ann'))
    const change = store.kept.get(id)
    assert.ok(change)
    store.kept.set(id, { ...change, kind: 'toString' })
    await assert.rejects(changes().approve(person('ben'), id, undefined, 'r-2'), { code: 'change_outdated' })
  })
})
