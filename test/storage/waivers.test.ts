import assert from 'node:assert/strict'
import { it } from 'node:test'

import { canonicalDigest } from '../../src/core/canonical-json.ts'
import { newId } from '../../src/core/id.ts'
import type { IdempotencyClaim } from '../../src/core/idempotency.ts'
import type { Principal } from '../../src/core/principal.ts'
import { formatInstant } from '../../src/core/time.ts'
import type { WaiverFilter } from '../../src/governance/waivers/ports.ts'
import { waiverRecord, type Actor, type Waiver, type WaiverApproval, type WaiverEnd } from '../../src/governance/waivers/waiver.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { assertIntactLog } from './intact-log.ts'
import { execute } from './raw-database.ts'
import { AT, CAUSE, decisionToRecord, principal, randomDigest } from './samples.ts'

const NOW = Date.parse(AT)
const DAY = 24 * 60 * 60 * 1000
const inDays = (days: number): string => formatInstant(NOW + days * DAY)
const NOWHERE = { vulnerability: null, purl: null, subject: null, repository: null, environment: null, stage: null }

async function somebody(storage: Storage, over: Partial<Principal> = {}): Promise<Actor & { person: 'declared' }> {
  const { id, name } = principal({ kind: 'human', ...over })
  await storage.tokens.putPrincipal(principal({ kind: 'human', ...over, id, name }), CAUSE)
  return { id, name, owners: [id], person: 'declared' }
}

function draftOf(requestedBy: Actor, over: Omit<Partial<Waiver>, 'scope'> & { scope?: Partial<Waiver['scope']> } = {}): Waiver {
  const { scope, ...more } = over
  return {
    ...{
      id: newId(),
      scope: { rule: 'tests.max_failed', ...NOWHERE, ...scope },
      reason: 'Flaky.',
      expiresAt: inDays(7),
      state: 'requested',
    },
    ...{ requestedBy, requestedAt: AT, approvalsNeeded: 1, approvals: [], approvedAt: null, rejected: null, revoked: null, ...more },
  }
}

async function requested(storage: Storage, requestedBy: Actor, over: Parameters<typeof draftOf>[1] = {}): Promise<Waiver> {
  const { waiver } = await storage.waivers.request({ waiver: draftOf(requestedBy, over), requestId: 'r-1', idempotency: undefined })
  return waiver
}

function approve(storage: Storage, { id }: Waiver, by: WaiverApproval['by'], at = inDays(1)): Promise<Waiver> {
  return storage.waivers.approve({ id, approval: { by, at, comment: 'ok' }, requestId: 'r-2' })
}

function revoke(storage: Storage, { id }: Waiver, by: Actor, at = inDays(2)): Promise<Waiver> {
  return storage.waivers.revoke({ id, end: endBy(by, at), requestId: 'r-3' })
}

function endBy(by: Actor, at = inDays(2)): WaiverEnd {
  return { by, at, reason: 'No more.' }
}

function claim(key: string, fingerprint = randomDigest()): IdempotencyClaim {
  return { principalId: 'p', method: 'POST', path: '/v1/waivers', key, fingerprint, expiresAt: NOW + DAY }
}

await forEachEngine('Waivers', ({ open, place }) => {
  it('are kept with an entry for every step, whose leaves hold no text that people wrote', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const before = (await storage.log.head()).size
    const waiver = await requested(storage, ann, { reason: 'secret reason', scope: { subject: randomDigest(), stage: 'production' } })
    const approved = await approve(storage, waiver, ben)
    assert.deepEqual([approved.state, approved.approvedAt, approved.approvals.length], ['approved', inDays(1), 1])
    const revoked = await revoke(storage, waiver, ben)
    const rejected = await requested(storage, ann, { reason: 'other' })
    await storage.waivers.reject({ id: rejected.id, end: endBy(ben), requestId: 'r-4' })
    assert.deepEqual(await storage.waivers.find(waiver.id), revoked)
    const leaves = (await assertIntactLog(storage)).slice(before)
    const read = leaves.map((leaf) => JSON.parse(leaf) as { type: string; actor: string; body: { digest: string; id: string } })
    assert.deepEqual(
      read.map(({ type, actor, body }) => [type, actor, body.id]),
      [
        ['waiver.requested', ann.id, waiver.id],
        ['waiver.approved', ben.id, waiver.id],
        ['waiver.revoked', ben.id, waiver.id],
        ['waiver.requested', ann.id, rejected.id],
        ['waiver.rejected', ben.id, rejected.id],
      ],
    )
    assert.deepEqual(
      read.slice(0, 3).map(({ body }) => body.digest),
      [waiver, approved, revoked].map((each) => canonicalDigest(waiverRecord(each))),
    )
    for (const text of ['secret reason', 'No more.', ann.name, ben.name]) assert.ok(!leaves.join('\n').includes(text), text)
  })

  it('that wait already are not asked for twice, but those that were decided or differ are', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const ask = (over: Parameters<typeof draftOf>[1] = {}, by: Actor = ann) =>
      storage.waivers.request({ waiver: draftOf(by, over), requestId: 'r-1', idempotency: undefined })
    const first = await ask()
    const again = await Promise.all(Array.from({ length: 5 }, () => ask()))
    for (const { waiver, repeated } of again) assert.deepEqual([waiver.id, repeated], [first.waiver.id, true])
    for (const other of [await ask({ reason: 'x' }), await ask({ expiresAt: inDays(8) }), await ask({ scope: { stage: 'test' } })]) {
      assert.equal(other.repeated, false)
    }
    assert.equal((await ask({}, ben)).repeated, false)
    await approve(storage, first.waiver, ben)
    assert.equal((await ask()).repeated, false)
    await ask({ reason: 'ends', expiresAt: inDays(1) })
    assert.equal((await ask({ reason: 'ends', expiresAt: inDays(1), requestedAt: inDays(1) })).repeated, false, 'it has expired')
  })

  it('are answered again by their idempotency key, whatever became of them', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const [idempotency, draft] = [claim('run-1'), draftOf(ann)]
    const { waiver } = await storage.waivers.request({ waiver: draft, requestId: 'r-1', idempotency })
    await approve(storage, waiver, ben)
    const again = await storage.waivers.request({ waiver: draftOf(ann), requestId: 'r-2', idempotency })
    assert.deepEqual([again.waiver.id, again.waiver.state, again.repeated], [waiver.id, 'approved', true])
    await assert.rejects(storage.waivers.request({ waiver: draftOf(ann), requestId: 'r-2', idempotency: claim('run-1') }), {
      code: 'idempotency_key_reused',
    })
  })

  it('take one vote of each, all of them independent, however many come at once', async () => {
    await using storage = await open()
    const [ann, ben, eve] = [await somebody(storage), await somebody(storage), await somebody(storage)]
    const waiver = await requested(storage, ann, { approvalsNeeded: 2 })
    await assert.rejects(approve(storage, waiver, ann), { code: 'own_waiver' })
    await assert.rejects(approve(storage, waiver, { ...ben, owners: [ben.id, ann.id] }), { code: 'own_waiver' })
    const votes = await Promise.allSettled(Array.from({ length: 10 }, () => approve(storage, waiver, ben)))
    assert.equal(votes.filter(({ status }) => status === 'fulfilled').length, 1)
    await assert.rejects(approve(storage, waiver, { ...eve, owners: [eve.id, ben.id] }), { code: 'own_waiver' })
    assert.deepEqual(await storage.waivers.approved(AT), [])
    const last = await Promise.allSettled(Array.from({ length: 10 }, () => approve(storage, waiver, eve)))
    assert.equal(last.filter(({ status }) => status === 'fulfilled').length, 1)
    assert.deepEqual(
      (await storage.waivers.approved(AT)).map(({ id, approvals }) => [id, approvals.map(({ by }) => by.id)]),
      [[waiver.id, [ben.id, eve.id]]],
    )
  })

  it('are not approved for somebody who was disabled since, nor once their time has run out', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const waiver = await requested(storage, ann)
    await assert.rejects(approve(storage, waiver, ben, inDays(7)), { code: 'waiver_expired' })
    await storage.tokens.putPrincipal(principal({ id: ann.id, name: ann.name, kind: 'human', disabled: true }), CAUSE)
    await assert.rejects(approve(storage, waiver, ben), { code: 'waiver_requester_disabled' })
    await assert.rejects(revoke(storage, waiver, ben), { code: 'waiver_not_approved' })
  })

  it('void what rests on them as they are revoked, and are told to all who keep them: those that are only requested aren’t', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const revisions: number[] = [await storage.waivers.revision()]
    const waiver = await requested(storage, ann)
    revisions.push(await storage.waivers.revision())
    await approve(storage, waiver, ben)
    revisions.push(await storage.waivers.revision())
    const record = decisionToRecord({ restsOn: [{ kind: 'waiver', id: waiver.id }], expiresAt: inDays(7) })
    const { decision } = await storage.decisions.record(record)
    await revoke(storage, waiver, ben)
    revisions.push(await storage.waivers.revision())
    assert.deepEqual(
      revisions.map((revision) => revision - (revisions[0] ?? 0)),
      [0, 0, 1, 2],
    )
    assert.equal((await storage.decisions.find(decision.id))?.voidedAt, inDays(2))
    await assert.rejects(storage.decisions.record(decisionToRecord({ restsOn: [{ kind: 'waiver', id: waiver.id }] })), {
      code: 'ground_revoked',
    })
    await assert.rejects(revoke(storage, waiver, ben), { code: 'waiver_decided' })
  })

  it('are known as they stood at another time', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const waiver = await requested(storage, ann, { expiresAt: inDays(5) })
    const revoked = await requested(storage, ann, { reason: 'to be revoked' })
    await requested(storage, ann, { reason: 'never approved' })
    await approve(storage, waiver, ben, inDays(1))
    await approve(storage, revoked, ben, inDays(2))
    await revoke(storage, revoked, ben, inDays(4))
    const inForce = async (days: number): Promise<string[]> => (await storage.waivers.inForce(inDays(days))).map(({ id }) => id)
    assert.deepEqual(await Promise.all([0, 1, 3, 4, 5].map(inForce)), [[], [waiver.id], [waiver.id, revoked.id], [waiver.id], []])
    assert.deepEqual(
      (await storage.waivers.byIds([waiver.id, newId()])).map(({ id }) => id),
      [waiver.id],
    )
    assert.deepEqual(await storage.waivers.byIds([]), [])
  })

  it('are listed newest first by what they are about and how they stand, to those who may see them', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const subject = randomDigest()
    const everywhere = await requested(storage, ann, { reason: '0' })
    const cart = await requested(storage, ann, {
      reason: '1',
      scope: { repository: 'h.example/acme/cart', stage: 'test', environment: 'test' },
    })
    const all = await requested(storage, ben, { reason: '2', scope: { repository: 'h.example/acme/*', vulnerability: 'CVE-1' } })
    const shop = await requested(storage, ben, {
      reason: '3',
      expiresAt: inDays(3),
      scope: { repository: 'h.example/other/shop', subject },
    })
    await approve(storage, shop, ann)
    const ids = async (filter: WaiverFilter, now = AT, page = {}): Promise<string[]> =>
      (await storage.waivers.list(filter, { limit: 10, ...page }, now)).items.map(({ id }) => id)
    const table: [filter: WaiverFilter, expected: Waiver[], now?: string][] = [
      [{}, [shop, all, cart, everywhere]],
      [{ rule: 'tests.max_failed', repository: 'h.example/acme/cart' }, [cart]],
      [{ rule: 'tests.max' }, []],
      [{ vulnerability: 'CVE-1' }, [all]],
      [{ subject }, [shop]],
      [{ environment: 'test' }, [cart]],
      [{ requestedBy: ben.name }, [shop, all]],
      [{ requestedBy: ann.id }, [cart, everywhere]],
      [{ expiresBefore: inDays(4) }, [shop]],
      [{ state: 'approved' }, [shop]],
      [{ state: 'approved' }, [], inDays(3)],
      [{ state: 'expired' }, [shop], inDays(3)],
      [{ state: 'requested' }, [all, cart, everywhere]],
      [{ state: 'expired' }, [shop, all, cart, everywhere], inDays(7)],
      [{ state: 'revoked' }, []],
      [{ visibleTo: { repositories: ['h.example/acme/cart'] } }, [all, cart]],
      [{ visibleTo: { repositories: ['h.example/acme/till'] } }, [all]],
      [{ visibleTo: { repositories: ['elsewhere.example/**'] } }, []],
      [{ visibleTo: { environments: ['production'] } }, [shop, all, everywhere]],
      [{ visibleTo: { stages: ['test'] } }, [shop, all, cart, everywhere]],
    ]
    for (const [filter, expected, now] of table) {
      assert.deepEqual(
        await ids(filter, now),
        expected.map(({ id }) => id),
        JSON.stringify(filter),
      )
    }
    const first = await storage.waivers.list({}, { limit: 3 }, AT)
    assert.deepEqual(await ids({}, AT, { after: first.next }), [everywhere.id])
    assert.deepEqual(await storage.waivers.counts(AT, inDays(7)), {
      states: { requested: 3, approved: 1, rejected: 0, revoked: 0, expired: 0 },
      expiringSoon: 1,
    })
    assert.deepEqual((await storage.waivers.counts(inDays(3), inDays(10))).states, {
      ...{ requested: 3, approved: 0, rejected: 0, revoked: 0, expired: 1 },
    })
  })

  it('of one requester don’t pile up without end', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const asked = Array.from({ length: 1100 }, (_, at) => requested(storage, ann, { reason: `${at}` }))
    const outcomes = await Promise.allSettled(asked)
    const codes = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [(outcome.reason as { code: string }).code] : []))
    assert.deepEqual(
      codes,
      Array.from({ length: 100 }, () => 'waivers_too_many'),
    )
    await requested(storage, ben, {})
  })

  it('are never deleted', async () => {
    const where = await place()
    await using storage = await open(where)
    await requested(storage, await somebody(storage))
    await assert.rejects(execute(where, 'delete from waivers'))
  })
})
