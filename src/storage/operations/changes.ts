import { canonicalJson } from '../../core/canonical-json.ts'
import type { ChangeEffect } from '../../core/change-kind.ts'
import { changeRecord, stateAt, type StoredChange } from '../../governance/changes/change.ts'
import { changeDecidedEntry, changeProposedEntry } from '../../governance/changes/entries.ts'
import {
  decided,
  expired,
  loginRequired,
  outdated,
  proposerDisabled,
  proposerNotPerson,
  tooManyWaiting,
} from '../../governance/changes/errors.ts'
import type { ApplyEffect } from '../../governance/resources/resources-apply.ts'
import type { ChangeDecision, ChangeSubmission } from '../../governance/changes/ports.ts'
import type { Principal } from '../../core/principal.ts'
import { parseInstant } from '../../core/time.ts'
import { changeFromRow } from '../rows.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { ruleNow } from './administrators.ts'
import { liftBlock } from './blocks.ts'
import { putBinding, removeBinding } from './bindings.ts'
import { putCalendarItem, removeCalendarItem } from './calendar.ts'
import { putIssuer, removeIssuer } from './issuers.ts'
import { activatePolicy, removePolicy } from './policies.ts'
import { linkIdentity, putPrincipal, unlinkIdentity } from './principals.ts'
import { appendWithRecord } from './records.ts'
import { applyResources } from './resources.ts'
import { targetRevision } from './targets.ts'

/** What changes can do, by name. Their arguments come from the kind of change that planned it. */
const EFFECTS: Readonly<Record<string, (batch: WriteBatch, args: never) => Promise<unknown>>> = {
  putPrincipal,
  linkIdentity,
  unlinkIdentity,
  putIssuer,
  removeIssuer,
  putBinding,
  removeBinding,
  liftBlock,
  activatePolicy,
  putCalendarItem,
  removeCalendarItem,
  removePolicy,
  applyResources: (batch: WriteBatch, effect: ApplyEffect) => applyResources(batch, effect, carryOut),
}

/** Carries a change out, or lets it wait. Writers take turns, so nobody can become an administrator, or cease to be one, in between. */
export async function submitChange(
  batch: WriteBatch,
  submission: ChangeSubmission,
): Promise<{ applied: unknown } | { pending: StoredChange }> {
  const { change, guarded, effect, person, requestId } = submission
  if ((await targetRevision(batch, change.target)) !== change.baseRevision) throw outdated()
  const rule = guarded ? await ruleNow(batch, change.proposedAt) : { needed: false, proof: 'declared' }
  if (!rule.needed) return { applied: await carryOut(batch, effect) }
  if (person === null) throw proposerNotPerson()
  if (rule.proof === 'proven' && person !== 'proven') throw loginRequired()
  const waiting = await sameWaiting(batch, change)
  if (waiting) return { pending: waiting }
  await requireRoom(batch, change.proposedAt)
  const { id, kind, target, state, proposedBy, expiresAt } = change
  await batch.engine.kysely
    .insertInto('changes')
    .values({ id, kind, target, state, proposed_by: proposedBy.id, expires_at: expiresAt, record: JSON.stringify(change) })
    .execute()
  appendWithRecord(batch, changeProposedEntry(change, requestId), changeRecord(change))
  return { pending: change }
}

/** Marks a change as decided, and carries it out if it was approved. */
export async function decideChange(batch: WriteBatch, decision: ChangeDecision): Promise<StoredChange> {
  const { id, state, by, at, comment, effect, requestId } = decision
  const row = await batch.engine.kysely.selectFrom('changes').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const change = changeFromRow(row)
  requireUndecided(change, at)
  if (state === 'approved') {
    await requireApprovable(batch, change, decision)
    if (!effect) throw new TypeError('an approval carries something out')
    await carryOut(batch, effect)
  }
  const kept: StoredChange = { ...change, state, decidedBy: by, decidedAt: at, comment }
  await batch.engine.kysely
    .updateTable('changes')
    .set({ state, record: JSON.stringify(kept) })
    .where('id', '=', id)
    .execute()
  appendWithRecord(batch, changeDecidedEntry(kept, requestId), changeRecord(kept))
  return kept
}

async function carryOut(batch: WriteBatch, { operation, args }: ChangeEffect): Promise<unknown> {
  const effect = Object.hasOwn(EFFECTS, operation) ? EFFECTS[operation] : undefined
  if (!effect) throw new TypeError(`${operation} is nothing that a change can do`)
  return effect(batch, args as never)
}

function requireUndecided(change: StoredChange, at: string): void {
  const state = stateAt(change, parseInstant(at) ?? Number.POSITIVE_INFINITY)
  if (state === 'expired') throw expired()
  if (state === 'outdated') throw outdated()
  if (state !== 'pending') throw decided(state)
}

async function requireApprovable(batch: WriteBatch, { target, baseRevision, proposedBy }: StoredChange, { by, at }: ChangeDecision) {
  if ((await targetRevision(batch, target)) !== baseRevision) throw outdated()
  const { proof } = await ruleNow(batch, at)
  if (proof === 'proven' && (by.person !== 'proven' || proposedBy.person !== 'proven')) throw loginRequired()
  const row = await batch.engine.kysely.selectFrom('principals').select('record').where('id', '=', proposedBy.id).executeTakeFirst()
  if (!row || (JSON.parse(row.record) as Principal).disabled) throw proposerDisabled()
}

const MAX_WAITING = 1000

async function requireRoom({ engine }: WriteBatch, at: string): Promise<void> {
  const row = await engine.get(`select count(*) as waiting from changes where state = 'pending' and expires_at > ?`, [at])
  if (Number(row?.['waiting']) >= MAX_WAITING) throw tooManyWaiting(MAX_WAITING)
}

/** The same that this principal proposed already: a request that is sent twice doesn't ask twice. */
async function sameWaiting(batch: WriteBatch, { kind, target, payload, proposedBy, proposedAt }: StoredChange) {
  const rows = await batch.engine.kysely
    .selectFrom('changes')
    .selectAll()
    .where('target', '=', target)
    .where('state', '=', 'pending')
    .where('expires_at', '>', proposedAt)
    .execute()
  return rows
    .map(changeFromRow)
    .find(
      (waiting) =>
        waiting.kind === kind && waiting.proposedBy.id === proposedBy.id && canonicalJson(waiting.payload) === canonicalJson(payload),
    )
}
