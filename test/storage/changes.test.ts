import assert from 'node:assert/strict'
import { it } from 'node:test'

import type { LoginConfig } from '../../src/auth/login/login-config.ts'
import { issuerRecord } from '../../src/auth/issuers/records.ts'
import type { TokenRecord } from '../../src/auth/ports.ts'
import { canonicalDigest } from '../../src/core/canonical-json.ts'
import { newId } from '../../src/core/id.ts'
import type { Principal } from '../../src/core/principal.ts'
import { formatInstant } from '../../src/core/time.ts'
import { changeRecord, type Participant, type StoredChange } from '../../src/governance/changes/change.ts'
import type { ChangeDecision, ChangeSubmission } from '../../src/governance/changes/ports.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine, type Place } from '../support/storage.ts'
import { assertIntactLog } from './intact-log.ts'
import { execute } from './raw-database.ts'
import { AT, carryOut, CAUSE, draft, issuer, principal, token, tokenDraft } from './samples.ts'

const NOW = Date.parse(AT)
const DAY = 24 * 60 * 60 * 1000

/** A human, with an administrator's token unless told otherwise. */
async function somebody(storage: Storage, over: Partial<Principal> = {}, rights?: Partial<TokenRecord>): Promise<Principal> {
  const made = principal({ kind: 'human', ...over })
  await storage.tokens.putPrincipal(made, CAUSE)
  const held = token(made.id, { roles: ['admin'], person: 'declared', ...rights })
  await storage.tokens.create(held, tokenDraft(held))
  return made
}

function participant({ id, name }: Principal, person: Participant['person'] = 'declared'): Participant {
  return { id, name, owners: [id], person }
}

/** Puts a principal into a group: a change that everybody can imagine. */
async function submission(storage: Storage, by: Principal, whom: Principal, over: Partial<StoredChange> = {}): Promise<ChangeSubmission> {
  const target = `principals/${whom.name}`
  const change: StoredChange = {
    ...{ id: newId(), kind: 'principal.put', target, summary: 'Change it.', before: { groups: [] }, after: { groups: ['g'] } },
    ...{ baseRevision: await storage.changes.revision(target), proposedBy: participant(by), proposedAt: AT, state: 'pending' as const },
    ...{ expiresAt: formatInstant(NOW + 7 * DAY), decidedBy: null, decidedAt: null, comment: null, payload: { groups: ['g'] } },
    ...over,
  }
  return { change, guarded: true, effect: effect(whom), person: 'declared', requestId: 'r-1' }
}

function effect(whom: Principal): ChangeSubmission['effect'] {
  return { operation: 'putPrincipal', args: { principal: { ...whom, groups: ['g'] }, cause: CAUSE } }
}

function approval(id: string, by: Principal, whom: Principal, over: Partial<ChangeDecision> = {}): ChangeDecision {
  const at = formatInstant(NOW + 1000)
  return { id, state: 'approved', by: participant(by), at, comment: null, effect: effect(whom), requestId: 'r-2', ...over }
}

function rejection(id: string, by: Principal): ChangeDecision {
  return { ...approval(id, by, by), state: 'rejected', comment: 'No.', effect: undefined }
}

async function pending(storage: Storage, by: Principal, whom: Principal, over: Partial<StoredChange> = {}): Promise<StoredChange> {
  const outcome = await storage.changes.submit(await submission(storage, by, whom, over))
  assert.ok('pending' in outcome, 'it should wait')
  return outcome.pending
}

function codes(outcomes: readonly PromiseSettledResult<unknown>[]): string[] {
  return outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : 'done'))
}

await forEachEngine('A change', ({ open }) => {
  it('is carried out at once while there is one administrator, or if it gives nobody power', async () => {
    await using storage = await open()
    const ann = await somebody(storage)
    const outcome = await storage.changes.submit(await submission(storage, ann, ann))
    assert.deepEqual(outcome, { applied: { principal: { ...ann, groups: ['g'] }, created: false } })
    await somebody(storage)
    const harmless = { ...(await submission(storage, ann, ann)), guarded: false }
    assert.ok('applied' in (await storage.changes.submit(harmless)))
  })

  it('waits once there are two, and is carried out with its approval', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const waiting = await pending(storage, ann, ann)
    assert.deepEqual((await storage.tokens.principal(ann.id))?.groups, [])
    const { size } = await storage.log.head()
    const approved = await storage.changes.decide(approval(waiting.id, ben, ann, { comment: 'Fine.' }))
    assert.deepEqual([approved.state, approved.decidedBy?.id, approved.comment], ['approved', ben.id, 'Fine.'])
    assert.deepEqual((await storage.tokens.principal(ann.id))?.groups, ['g'])
    assert.deepEqual(await storage.changes.find(waiting.id), approved)
    const leaves = (await assertIntactLog(storage)).slice(size)
    const entries = leaves.map((leaf) => JSON.parse(leaf) as { type: string; body: { digest: string } })
    assert.deepEqual(
      entries.map(({ type }) => type),
      ['principal.changed', 'change.approved'],
    )
    assert.equal(entries[1]?.body.digest, canonicalDigest(changeRecord(approved)))
  })

  it('waits as soon as the second one is there, however close', async () => {
    await using storage = await open()
    const ann = await somebody(storage)
    const late = principal({ kind: 'human' })
    await storage.tokens.putPrincipal(late, CAUSE)
    const held = token(late.id, { roles: ['admin'], person: 'declared' })
    const asked = await submission(storage, ann, ann)
    const [, outcome] = await Promise.all([storage.tokens.create(held, tokenDraft(held)), storage.changes.submit(asked)])
    assert.ok('pending' in outcome)
  })

  it('does not wait for who is no person, is disabled, or may do less', async () => {
    await using storage = await open()
    const ann = await somebody(storage)
    await somebody(storage, { kind: 'workload' })
    await somebody(storage, { disabled: true })
    await somebody(storage, {}, { roles: ['approver'] })
    await somebody(storage, {}, { confinement: { stages: ['test'] } })
    assert.ok('applied' in (await storage.changes.submit(await submission(storage, ann, ann))))
  })

  it('waits for an administrator whose token ended within a week', async () => {
    for (const [days, outcome] of [
      [6, 'pending'],
      [8, 'applied'],
    ] as const) {
      for (const ended of [{ revokedAt: formatInstant(NOW - days * DAY) }, { expiresAt: formatInstant(NOW - days * DAY) }]) {
        await using storage = await open()
        const ann = await somebody(storage)
        await somebody(storage, {}, ended)
        assert.deepEqual(Object.keys(await storage.changes.submit(await submission(storage, ann, ann))), [outcome], JSON.stringify(ended))
      }
    }
  })

  it('needs a person to propose it', async () => {
    await using storage = await open()
    const [ann] = [await somebody(storage), await somebody(storage)]
    const asked = await submission(storage, ann, ann)
    await assert.rejects(storage.changes.submit({ ...asked, person: null }), { code: 'second_person_required' })
  })

  it('that waits already is the answer to the same request', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const first = await pending(storage, ann, ann)
    assert.equal((await pending(storage, ann, ann)).id, first.id)
    assert.notEqual((await pending(storage, ben, ann)).id, first.id)
    assert.notEqual((await pending(storage, ann, ann, { payload: { groups: ['h'] } })).id, first.id)
  })

  it('is one of a thousand that wait, at most', async () => {
    await using storage = await open()
    const [ann] = [await somebody(storage), await somebody(storage)]
    await Promise.all(
      Array.from({ length: 1000 }, (_, at) => pending(storage, ann, ann, { target: `principals/${at}`, baseRevision: 0, payload: at })),
    )
    const late = await submission(storage, ann, ann)
    await assert.rejects(storage.changes.submit(late), { code: 'changes_too_many' })
    const first = (await storage.changes.list({}, { limit: 1 }, AT)).items[0]
    await storage.changes.decide(rejection(first?.id ?? '', ann))
    assert.ok('pending' in (await storage.changes.submit(late)))
  })

  it('has one winner where two approve at once, or one rejects', async () => {
    await using storage = await open()
    const [ann, ben, eve] = [await somebody(storage), await somebody(storage), await somebody(storage)]
    const first = await pending(storage, ann, ann)
    const approvals = await Promise.allSettled([ben, eve].map((by) => storage.changes.decide(approval(first.id, by, ann))))
    assert.deepEqual(codes(approvals), ['done', 'change_decided'])
    const second = await pending(storage, ann, ann)
    const mixed = [rejection(second.id, eve), approval(second.id, ben, ann)]
    assert.deepEqual(codes(await Promise.allSettled(mixed.map((each) => storage.changes.decide(each)))), ['done', 'change_decided'])
    assert.equal((await storage.changes.find(second.id))?.state, 'rejected')
  })

  it('is outdated once its target was changed otherwise, and stays undone', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const stale = await submission(storage, ann, ann)
    const waiting = await pending(storage, ann, ann)
    const other = await pending(storage, ben, ann)
    const outcomes = await Promise.allSettled([
      storage.changes.decide(approval(other.id, ann, ann)),
      storage.changes.decide(approval(waiting.id, ben, ann)),
    ])
    assert.deepEqual(codes(outcomes), ['done', 'change_outdated'])
    assert.equal((await storage.changes.find(waiting.id))?.state, 'outdated')
    await assert.rejects(storage.changes.submit(stale), { code: 'change_outdated' })
  })

  it('expires, and fails whole if it can no longer be carried out', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const waiting = await pending(storage, ann, ann)
    const impossible = approval(waiting.id, ben, { ...ann, id: newId() })
    await assert.rejects(storage.changes.decide(impossible), { code: 'principal_name_taken' })
    assert.equal((await storage.changes.find(waiting.id))?.state, 'pending')
    const late = approval(waiting.id, ben, ann, { at: waiting.expiresAt })
    await assert.rejects(storage.changes.decide(late), { code: 'change_expired' })
    await assert.rejects(storage.changes.decide({ ...late, effect: { operation: 'createToken', args: {} }, at: AT }), /createToken/)
  })

  it('falls with whoever proposed it', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const waiting = await pending(storage, ann, ben)
    await storage.tokens.putPrincipal({ ...ann, disabled: true }, CAUSE)
    await assert.rejects(storage.changes.decide(approval(waiting.id, ben, ben)), { code: 'change_proposer_disabled' })
  })

  it('is found by state, kind, target and proposer, newest first', async () => {
    await using storage = await open()
    const [ann, ben] = [await somebody(storage, { name: 'ann' }), await somebody(storage)]
    const first = await pending(storage, ann, ann)
    const second = await pending(storage, ben, ben)
    const old = await pending(storage, ann, ben, { expiresAt: formatInstant(NOW + 1) })
    await storage.changes.decide(rejection(second.id, ann))
    const find = async (filter: Parameters<Storage['changes']['list']>[0], limit = 9): Promise<string[]> =>
      (await storage.changes.list(filter, { limit }, formatInstant(NOW + 1000))).items.map(({ id }) => id)
    assert.deepEqual(await find({}), [old.id, second.id, first.id])
    assert.deepEqual(await find({ state: 'pending' }), [first.id])
    assert.deepEqual(await find({ state: 'expired' }), [old.id])
    assert.deepEqual(await find({ state: 'rejected' }), [second.id])
    assert.deepEqual(await find({ proposedBy: 'ann' }), [old.id, first.id])
    assert.deepEqual(await find({ proposedBy: ben.id }), [second.id])
    assert.deepEqual(await find({ target: 'principals/ann', kind: 'principal.put' }), [first.id])
    assert.deepEqual(await find({ kind: 'identity.link' }), [])
    const { next } = await storage.changes.list({}, { limit: 2 }, AT)
    assert.deepEqual(
      (await storage.changes.list({}, { limit: 2, after: next ?? '' }, AT)).items.map(({ id }) => id),
      [first.id],
    )
  })
})

const LOGIN: LoginConfig = {
  ...{ clientId: 'gate', clientSecretFile: null, clientAuthentication: 'none', scopes: ['openid'], endpointOrigins: [] },
  ...{ groupsClaim: 'groups', userinfo: false, nameClaim: null, linkByEmail: false, groups: {}, sessionLifetime: 'PT8H' },
}

/** Somebody who may do less than everything, and whose last login gave everything. */
async function whoLoggedIn(storage: Storage, where: Place, at: string, over: Partial<Principal> = {}): Promise<Principal> {
  const made = await somebody(storage, over, { roles: ['approver'] })
  await execute(where, `update principals set admin_login_at = '${at}' where id = '${made.id}'`)
  return made
}

async function letPeopleLogIn(storage: Storage): Promise<void> {
  const given = issuer({ name: 'corp', issuer: 'https://corp.example', login: LOGIN })
  const args = { issuer: given, entry: draft('issuer.changed', issuerRecord(given)) }
  await carryOut(storage, 'issuers/corp', { operation: 'putIssuer', args })
}

await forEachEngine('A change where people log in', ({ open, place }) => {
  const recent = formatInstant(NOW - 89 * DAY)

  it('is proposed and approved by who logged in, as soon as two administrators did', async () => {
    const where = await place()
    await using storage = await open(where)
    await letPeopleLogIn(storage)
    const [ann, ben] = [await somebody(storage), await somebody(storage)]
    const before = await pending(storage, ann, ann)
    const [carl, dora] = [await whoLoggedIn(storage, where, recent), await whoLoggedIn(storage, where, recent)]
    await assert.rejects(storage.changes.submit(await submission(storage, ann, ben)), { code: 'second_person_required' })
    await assert.rejects(storage.changes.decide(approval(before.id, ben, ann)), { code: 'second_person_required' })
    await assert.rejects(storage.changes.decide(approval(before.id, carl, ann, { by: participant(carl, 'proven') })), {
      code: 'second_person_required',
    })
    const asked = await submission(storage, carl, carl, { proposedBy: participant(carl, 'proven') })
    const outcome = await storage.changes.submit({ ...asked, person: 'proven' })
    assert.ok('pending' in outcome)
    const { id } = outcome.pending
    await assert.rejects(storage.changes.decide(approval(id, dora, carl)), { code: 'second_person_required' })
    assert.equal((await storage.changes.decide(approval(id, dora, carl, { by: participant(dora, 'proven') }))).state, 'approved')
  })

  it('is a matter of tokens until then: of one login, of old ones, of disabled people, or where nobody can log in', async () => {
    const where = await place()
    await using storage = await open(where)
    await whoLoggedIn(storage, where, recent)
    const other = await whoLoggedIn(storage, where, recent)
    const ann = await somebody(storage)
    assert.ok('applied' in (await storage.changes.submit(await submission(storage, ann, ann))), 'no issuer has a login')
    await letPeopleLogIn(storage)
    await assert.rejects(storage.changes.submit(await submission(storage, ann, ann)), { code: 'second_person_required' })
    await execute(where, `update principals set admin_login_at = '${formatInstant(NOW - 91 * DAY)}' where id = '${other.id}'`)
    assert.ok('applied' in (await storage.changes.submit(await submission(storage, ann, ann))), 'one of two logged in too long ago')
    await whoLoggedIn(storage, where, recent, { disabled: true })
    assert.ok('applied' in (await storage.changes.submit(await submission(storage, ann, ann))), 'the second one is disabled')
    await somebody(storage)
    assert.ok('pending' in (await storage.changes.submit(await submission(storage, ann, ann))), 'two have tokens')
  })
})
