import type { ReviewStore } from '../../decisions/reviews/ports.ts'
import { closedReview, type ReviewClosing } from '../../decisions/reviews/review.ts'
import type { Decision } from '../../decisions/decision.ts'
import type { WriterClient } from '../writer/client.ts'
import type { ReadSession } from './session.ts'

/** Reviews of decisions. */
export function reviewStore(session: ReadSession, writer: WriterClient): ReviewStore {
  return {
    close: (record) => writer.submit('closeReview', record),
    tally: async () => {
      const [row] = await session.all(`select count(*) as open, min(opened_at) as oldest from reviews where state = 'open'`)
      return { open: Number(row?.['open'] ?? 0), oldestAt: typeof row?.['oldest'] === 'string' ? Date.parse(row['oldest']) : null }
    },
  }
}

/** The decisions with their reviews as they stand now; few opened one. */
export async function withReviews<Recorded extends Decision & { logIndex: number }>(
  session: ReadSession,
  decisions: readonly Recorded[],
): Promise<Recorded[]> {
  const reviewed = decisions.filter(({ review }) => review)
  if (reviewed.length === 0) return [...decisions]
  const rows = await session.all(
    `select r.log_index, l.record from reviews r join log_records l on l.idx = r.close_index where ${session.oneOf('r.log_index')}`,
    [reviewed.map(({ logIndex }) => logIndex)],
  )
  const closings = new Map(rows.map((row) => [Number(row['log_index']), JSON.parse(String(row['record'])) as ReviewClosing]))
  return decisions.map((decision) => {
    const closing = closings.get(decision.logIndex)
    return decision.review && closing ? { ...decision, review: closedReview(decision.review, closing) } : decision
  })
}
