import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import { placeKey, type Approval, type ApprovalParty } from '../../governance/approvals/approval.ts'
import { approvalRevokedEntry } from '../../governance/approvals/entries.ts'
import { tooManyRequests } from '../../governance/approvals/errors.ts'
import { approvalFromRow } from '../rows.ts'
import { earlierResource, keepClaim } from '../writer/idempotency.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { voidDecisionsRestingOn } from './grounds.ts'
import { appendWithRecord } from './records.ts'

const MAX_REQUESTS = 1000

/** Writes an approval or a request, unless the same holds already. Writers take turns: of two at once the second finds the first. */
export async function addApproval(
  batch: WriteBatch,
  { approval, entry, idempotency }: { approval: Approval; entry: EntryDraft; idempotency: IdempotencyClaim | undefined },
): Promise<{ approval: Approval; created: boolean; repeated: boolean }> {
  const earlier = await earlierResource(batch, idempotency, entry.at)
  if (earlier !== undefined) return { approval: await approvalById(batch, earlier), created: false, repeated: true }
  const same = await sameHolding(batch, approval)
  if (same) {
    keepClaim(batch, idempotency, same.id)
    return { approval: same, created: false, repeated: false }
  }
  if (approval.kind === 'request') await requireRoom(batch, approval)
  await insert(batch, approval)
  appendWithRecord(batch, entry, approval, approval.repository)
  keepClaim(batch, idempotency, approval.id)
  batch.touch('approvals')
  return { approval, created: true, repeated: false }
}

/** Takes an approval or request back, with the allows that rest on it. What was revoked before stays as it is. */
export async function revokeApproval(
  batch: WriteBatch,
  { id, by, at, reason, requestId }: { id: string; by: ApprovalParty; at: string; reason: string; requestId: string },
): Promise<Approval> {
  const approval = await approvalById(batch, id)
  if (approval.state === 'revoked') return approval
  const revoked: Approval = { ...approval, state: 'revoked', revokedBy: by, revokedAt: at, reason }
  await batch.engine.kysely
    .updateTable('approvals')
    .set({ state: 'revoked', record: JSON.stringify(revoked) })
    .where('id', '=', id)
    .execute()
  await voidDecisionsRestingOn(batch, 'approval', id, at)
  appendWithRecord(batch, approvalRevokedEntry(revoked, requestId), revoked, revoked.repository)
  batch.touch('approvals')
  return revoked
}

/**
 * A verdict had enough: its place is no longer waited for, and what was requested there is answered.
 * @returns since when it was waited for (RFC 3339); undefined if it wasn't
 */
export async function settleApprovals(
  batch: WriteBatch,
  { subject, place, repository }: { subject: string; place: string; repository: string },
): Promise<string | undefined> {
  const where = [subject, place, repository]
  await batch.flush()
  await batch.engine.run(
    `update approvals set state = 'approved' where kind = 'request' and state = 'requested' and subject = ? and place = ? and repository in (?, '')`,
    where,
  )
  const row = await batch.engine.get(
    `select min(since) as since from approval_waits where subject = ? and place = ? and repository in (?, '')`,
    where,
  )
  await batch.engine.run(`delete from approval_waits where subject = ? and place = ? and repository in (?, '')`, where)
  return typeof row?.['since'] === 'string' ? row['since'] : undefined
}

async function insert(batch: WriteBatch, approval: Approval): Promise<void> {
  const { id, kind, subject, stage, environment, state, by, at, expiresAt } = approval
  const [place, repository] = [placeKey(approval), approval.repository ?? '']
  await batch.engine.kysely
    .insertInto('approvals')
    .values({
      ...{ id, kind, subject, place, stage, environment, repository, given_by: by.id, expires_at: expiresAt },
      ...{ state: state === 'requested' ? 'requested' : 'approved', record: JSON.stringify(approval) },
    })
    .execute()
  if (kind === 'approval') return
  await batch.flush()
  await batch.engine.run('insert into approval_waits (subject, place, repository, since) values (?, ?, ?, ?) on conflict do nothing', [
    ...[subject, place, repository],
    at,
  ])
}

/** Of requests anybody's, of approvals the same person's: a word counts once, however often it is given. */
async function sameHolding(batch: WriteBatch, { kind, subject, repository, by, at, ...place }: Approval): Promise<Approval | undefined> {
  const query = batch.engine.kysely
    .selectFrom('approvals')
    .select(['state', 'record'])
    .where('subject', '=', subject)
    .where('place', '=', placeKey(place))
    .where('repository', '=', repository ?? '')
    .where('kind', '=', kind)
    .where('state', '=', kind === 'request' ? 'requested' : 'approved')
    .where('expires_at', '>', at)
  const row = await (kind === 'request' ? query : query.where('given_by', '=', by.id)).limit(1).executeTakeFirst()
  return row && approvalFromRow(row)
}

async function requireRoom({ engine }: WriteBatch, { by, at }: Approval): Promise<void> {
  const row = await engine.get(
    `select count(*) as open from approvals where kind = 'request' and state = 'requested' and given_by = ? and expires_at > ?`,
    [by.id, at],
  )
  if (Number(row?.['open']) >= MAX_REQUESTS) throw tooManyRequests(MAX_REQUESTS)
}

async function approvalById(batch: WriteBatch, id: string): Promise<Approval> {
  const row = await batch.engine.kysely.selectFrom('approvals').select(['state', 'record']).where('id', '=', id).executeTakeFirstOrThrow()
  return approvalFromRow(row)
}
