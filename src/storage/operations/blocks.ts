import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import type { Decision } from '../../decisions/decision.ts'
import { blockPlaced } from '../../decisions/errors.ts'
import { blockTarget, type Block, type BlockLift, type StoredBlock } from '../../governance/blocks/block.ts'
import { blockOver, tooManyBlocks } from '../../governance/blocks/errors.ts'
import { blockFromRow } from '../rows.ts'
import { earlierResource, keepClaim } from '../writer/idempotency.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { appendWithRecord } from './records.ts'
import { touchTarget } from './targets.ts'

/** All of them are held in memory. */
const MOST_ACTIVE = 10_000

export interface PlaceBlock {
  block: Block
  entry: EntryDraft
  idempotency: IdempotencyClaim | undefined
}

/** Places a block. Writers take turns: what is recorded before is voided here, what is recorded after meets `requireUnblocked`. */
export async function placeBlock(
  batch: WriteBatch,
  { block, entry, idempotency }: PlaceBlock,
): Promise<{ block: StoredBlock; repeated: boolean }> {
  const earlier = await earlierResource(batch, idempotency, entry.at)
  if (earlier !== undefined) return { block: await storedBlock(batch, earlier), repeated: true }
  await requireRoom(batch, block.placedAt)
  const { id, subject, expiresAt } = block
  await batch.engine.kysely
    .insertInto('blocks')
    .values({ id, subject, expires_at: expiresAt, lifted_at: null, lifted_by: null, record: JSON.stringify(block) })
    .execute()
  NEWEST.delete(batch)
  await voidAllowsAbout(batch, block)
  appendWithRecord(batch, entry, block)
  keepClaim(batch, idempotency, id)
  batch.touch('blocks')
  return { block: { ...block, liftedAt: null, liftedBy: null }, repeated: false }
}

/** Takes a block back. The allows that it voided stay void: whoever needs one asks again. */
export async function liftBlock(batch: WriteBatch, { lift, entry }: { lift: BlockLift; entry: EntryDraft }): Promise<boolean> {
  const { block: id, liftedAt, liftedBy } = lift
  if ((await storedBlock(batch, id)).liftedAt !== null) throw blockOver('lifted')
  await batch.engine.run('update blocks set lifted_at = ?, lifted_by = ? where id = ?', [liftedAt, liftedBy, id])
  appendWithRecord(batch, entry, lift)
  batch.touch('blocks')
  await touchTarget(batch, blockTarget(id))
  return true
}

/** The number of the newest block, read once for all decisions of a batch. */
const NEWEST = new WeakMap<WriteBatch, Promise<number>>()

/** What `links` join to a subject as a decision about it sees them; the same as `voidAllowsAbout`, from the other end. */
const LINKED = `select to_id from links where from_id = ?
  union select from_id from links where to_id = ? and kind = 'platform'
  union select s.to_id from links p join links s on s.from_id = p.from_id and s.kind = 'source' where p.to_id = ? and p.kind = 'platform'`

/**
 * Refuses an allow that was judged before its subject, or what it is linked to, was blocked.
 * @param known number of the newest block by which it was judged, and the source that its asker declares
 * @throws {AppError} `block_placed`
 */
export async function requireUnblocked(
  batch: WriteBatch,
  { subject, at }: Pick<Decision, 'subject' | 'at'>,
  { newest, declared = subject }: { newest: number; declared: string | undefined },
): Promise<void> {
  const reading = NEWEST.get(batch) ?? newestBlock(batch)
  NEWEST.set(batch, reading)
  if ((await reading) <= newest) return
  const block = await batch.engine.get(
    `select id from blocks where no > ? and lifted_at is null and (expires_at is null or expires_at > ?)
      and (subject in (?, ?) or subject in (${LINKED})) limit 1`,
    [newest, at, subject, declared, subject, subject, subject],
  )
  if (block) throw blockPlaced()
}

async function newestBlock({ engine }: WriteBatch): Promise<number> {
  return Number((await engine.get('select max(no) as newest from blocks', []))?.['newest'] ?? 0)
}

/**
 * Allows about the subject, and about what a decision finds it linked to: what it is the source of, the indexes that list it, and what such an index, or
 * itself, lists. Whoever may not see a declared link asks again, and is allowed again.
 */
async function voidAllowsAbout(batch: WriteBatch, { subject, placedAt }: Block): Promise<void> {
  await batch.flush()
  await batch.engine.run(
    `insert into decision_voids (log_index, at)
      select d.log_index, ? from decisions d where d.verdict = 'allow' and d.expires_at > ? and d.subject in (
        select cast(? as text)
        union select from_id from links where to_id = ?
        union select to_id from links where from_id = ? and kind = 'platform'
        union select p.to_id from links s join links p on p.from_id = s.from_id and p.kind = 'platform' where s.to_id = ? and s.kind = 'source')
      on conflict do nothing`,
    [placedAt, placedAt, subject, subject, subject, subject],
  )
}

async function requireRoom({ engine }: WriteBatch, at: string): Promise<void> {
  const row = await engine.get('select count(*) as active from blocks where lifted_at is null and (expires_at is null or expires_at > ?)', [
    at,
  ])
  if (Number(row?.['active']) >= MOST_ACTIVE) throw tooManyBlocks(MOST_ACTIVE)
}

async function storedBlock({ engine }: WriteBatch, id: string): Promise<StoredBlock> {
  return blockFromRow(await engine.kysely.selectFrom('blocks').selectAll().where('id', '=', id).executeTakeFirstOrThrow())
}
