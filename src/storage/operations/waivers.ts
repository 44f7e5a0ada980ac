import { canonicalDigest } from '../../core/canonical-json.ts'
import type { Digest } from '../../core/digest.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import { areIndependent, type Principal } from '../../core/principal.ts'
import { parseInstant } from '../../core/time.ts'
import { waiverApprovedEntry, waiverEndedEntry, waiverRequestedEntry } from '../../governance/waivers/entries.ts'
import {
  approverNotProven,
  ownWaiver,
  requesterDisabled,
  tooManyWaivers,
  waiverDecided,
  waiverExpired,
  waiverNotApproved,
  waiverVoted,
} from '../../governance/waivers/errors.ts'
import { stateAt, waiverRecord, type Waiver, type WaiverApproval, type WaiverEnd } from '../../governance/waivers/waiver.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import { repositoryKey } from '../repository-key.ts'
import { earlierResource, keepClaim } from '../writer/idempotency.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { ruleNow } from './administrators.ts'
import { voidDecisionsRestingOn } from './grounds.ts'
import { appendWithRecord } from './records.ts'

/** Of one requester, that wait. */
const MOST_WAITING = 1000

/** Writes a request, unless the same waits already. */
export async function requestWaiver(
  batch: WriteBatch,
  { waiver, requestId, idempotency }: { waiver: Waiver; requestId: string; idempotency: IdempotencyClaim | undefined },
): Promise<{ waiver: Waiver; repeated: boolean }> {
  const claimed = await earlierResource(batch, idempotency, waiver.requestedAt)
  const earlier = claimed ?? (await sameWaiting(batch, waiver))
  if (earlier !== undefined) {
    if (claimed === undefined) keepClaim(batch, idempotency, earlier)
    return { waiver: await waiverAt(batch, earlier), repeated: true }
  }
  await requireRoom(batch, waiver)
  const { id, scope, requestedBy, expiresAt } = waiver
  const { rule, vulnerability, subject, repository, environment, stage } = scope
  await batch.engine.kysely
    .insertInto('waivers')
    .values({
      ...{ id, state: 'requested', rule, vulnerability, subject, repository, environment, stage, requested_by: requestedBy.id },
      ...{ request_digest: requestDigest(waiver), expires_at: expiresAt, approved_at: null, revoked_at: null },
      record: JSON.stringify(waiver),
    })
    .execute()
  append(batch, waiver, waiverRequestedEntry(waiver, requestId))
  keepClaim(batch, idempotency, id)
  return { waiver, repeated: false }
}

/** Counts one person's vote. Writers take turns: of two votes at once the second finds the first, and the last one needed lets it count, once. */
export async function approveWaiver(
  batch: WriteBatch,
  { id, approval, requestId }: { id: string; approval: WaiverApproval; requestId: string },
): Promise<Waiver> {
  const waiver = await waiverAt(batch, id)
  requireOpen(waiver, approval.at)
  await requireApprover(batch, waiver, approval)
  const approvals = [...waiver.approvals, approval]
  const isLast = approvals.length >= waiver.approvalsNeeded
  const kept: Waiver = isLast ? { ...waiver, approvals, state: 'approved', approvedAt: approval.at } : { ...waiver, approvals }
  await keep(batch, kept)
  append(batch, kept, waiverApprovedEntry(kept, approval, requestId))
  if (isLast) batch.touch('waivers')
  return kept
}

export async function rejectWaiver(
  batch: WriteBatch,
  { id, end, requestId }: { id: string; end: WaiverEnd; requestId: string },
): Promise<Waiver> {
  const waiver = await waiverAt(batch, id)
  requireOpen(waiver, end.at)
  const kept: Waiver = { ...waiver, state: 'rejected', rejected: end }
  await keep(batch, kept)
  append(batch, kept, waiverEndedEntry(kept, end, requestId))
  return kept
}

/** Ends an approved waiver, and with it every allow that rests on it. */
export async function revokeWaiver(
  batch: WriteBatch,
  { id, end, requestId }: { id: string; end: WaiverEnd; requestId: string },
): Promise<Waiver> {
  const waiver = await waiverAt(batch, id)
  const state = stateOf(waiver, end.at)
  if (state === 'requested') throw waiverNotApproved()
  if (state === 'expired') throw waiverExpired()
  if (state !== 'approved') throw waiverDecided(state)
  const kept: Waiver = { ...waiver, state: 'revoked', revoked: end }
  await keep(batch, kept)
  append(batch, kept, waiverEndedEntry(kept, end, requestId))
  await voidDecisionsRestingOn(batch, 'waiver', id, end.at)
  batch.touch('waivers')
  return kept
}

async function waiverAt({ engine }: WriteBatch, id: string): Promise<Waiver> {
  const row = await engine.kysely.selectFrom('waivers').select('record').where('id', '=', id).executeTakeFirstOrThrow()
  return JSON.parse(row.record) as Waiver
}

async function keep({ engine }: WriteBatch, waiver: Waiver): Promise<void> {
  const { id, state, approvedAt, revoked } = waiver
  if (state === 'expired') throw new TypeError('nothing writes that a waiver has expired')
  await engine.kysely
    .updateTable('waivers')
    .set({ state, approved_at: approvedAt, revoked_at: revoked?.at ?? null, record: JSON.stringify(waiver) })
    .where('id', '=', id)
    .execute()
}

function append(batch: WriteBatch, waiver: Waiver, entry: EntryDraft): void {
  const { repository } = waiver.scope
  appendWithRecord(batch, entry, waiverRecord(waiver), repositoryKey(repository === null ? null : [repository]))
}

function stateOf(waiver: Waiver, at: string): Waiver['state'] {
  return stateAt(waiver, parseInstant(at) ?? Number.POSITIVE_INFINITY)
}

function requireOpen(waiver: Waiver, at: string): void {
  const state = stateOf(waiver, at)
  if (state === 'expired') throw waiverExpired()
  if (state !== 'requested') throw waiverDecided(state)
}

async function requireApprover(batch: WriteBatch, { requestedBy, approvals }: Waiver, { by, at }: WaiverApproval): Promise<void> {
  if (approvals.some((earlier) => earlier.by.id === by.id)) throw waiverVoted()
  const credentialOf = (actor: { id: string; owners: readonly string[] }) => ({ principal: actor, issuerIds: actor.owners })
  if (!areIndependent(credentialOf(by), credentialOf(requestedBy))) throw ownWaiver('requester')
  if (approvals.some((earlier) => !areIndependent(credentialOf(by), credentialOf(earlier.by)))) throw ownWaiver('approver')
  const { proof } = await ruleNow(batch, at)
  if (proof === 'proven' && by.person !== 'proven') throw approverNotProven()
  const row = await batch.engine.kysely.selectFrom('principals').select('record').where('id', '=', requestedBy.id).executeTakeFirst()
  if (!row || (JSON.parse(row.record) as Principal).disabled) throw requesterDisabled()
}

/** A request that is sent twice doesn't ask twice. @returns the id of the one that waits */
async function sameWaiting({ engine }: WriteBatch, waiver: Waiver): Promise<string | undefined> {
  const row = await engine.get(
    `select id from waivers where request_digest = ? and state = 'requested' and expires_at > ? order by no limit 1`,
    [requestDigest(waiver), waiver.requestedAt],
  )
  return row && String(row['id'])
}

function requestDigest({ scope, reason, expiresAt, requestedBy }: Waiver): Digest {
  return canonicalDigest({ scope, reason, expiresAt, requestedBy: requestedBy.id, owners: requestedBy.owners })
}

async function requireRoom({ engine }: WriteBatch, { requestedBy, requestedAt }: Waiver): Promise<void> {
  const row = await engine.get(
    `select count(*) as waiting from waivers where requested_by = ? and state = 'requested' and expires_at > ?`,
    [requestedBy.id, requestedAt],
  )
  if (Number(row?.['waiting']) >= MOST_WAITING) throw tooManyWaivers(MOST_WAITING)
}
