import type { EntryDraft } from '../../core/log-entry.ts'
import type { Decision } from '../../decisions/decision.ts'
import { closedReview, type Review, type ReviewClosing } from '../../decisions/reviews/review.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { voidDecisionsRestingOn } from './grounds.ts'
import { appendWithRecord } from './records.ts'

/** Closes the review of a decision, unless it was closed before; one that broke the glass without a cause is void from then on. Writers take turns: of two at once the second finds it closed. */
export async function closeReview(
  batch: WriteBatch,
  { closing, entry }: { closing: ReviewClosing; entry: EntryDraft },
): Promise<{ review: Review; recorded: boolean }> {
  const { kysely } = batch.engine
  const row = await kysely
    .selectFrom('reviews as r')
    .innerJoin('decisions as d', 'd.log_index', 'r.log_index')
    .innerJoin('log_records as l', 'l.idx', 'r.log_index')
    .select(['r.log_index', 'r.close_index', 'd.repository', 'l.record'])
    .where('d.id', '=', closing.decision)
    .executeTakeFirstOrThrow()
  const { review, restsOn } = JSON.parse(row.record) as Decision
  if (!review) throw new TypeError('a review stands in the record of its decision')
  if (row.close_index !== null) return { review: closedReview(review, await closingAt(batch, row.close_index)), recorded: false }
  const index = appendWithRecord(batch, entry, closing, row.repository)
  await kysely.updateTable('reviews').set({ state: 'closed', close_index: index }).where('log_index', '=', row.log_index).execute()
  await takeBack(batch, restsOn, closing)
  return { review: closedReview(review, closing), recorded: true }
}

/** Who broke the glass without a cause loses what it let pass. */
async function takeBack(batch: WriteBatch, restsOn: Decision['restsOn'], { outcome, closedAt }: ReviewClosing): Promise<void> {
  if (outcome !== 'unjustified') return
  for (const { kind, id } of restsOn) if (kind === 'break-glass') await voidDecisionsRestingOn(batch, kind, id, closedAt)
}

async function closingAt(batch: WriteBatch, index: number): Promise<ReviewClosing> {
  await batch.flush()
  const row = await batch.engine.kysely.selectFrom('log_records').select('record').where('idx', '=', index).executeTakeFirstOrThrow()
  return JSON.parse(row.record) as ReviewClosing
}
